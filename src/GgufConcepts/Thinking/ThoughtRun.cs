using System.Diagnostics;
using GgufConcepts.Decoding;
using GgufConcepts.Mixing;
using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Strategies;

namespace GgufConcepts.Thinking;

/// <summary>Where a thought sits in a decoder.</summary>
/// <param name="Writer">The sequence that grows.</param>
/// <param name="Checkpoint">The sequence that remembers where the pending chunk began.</param>
/// <param name="RoomToRead">Rows that a reading's sequences may take.</param>
internal sealed record Seat(int Writer, int Checkpoint, Func<int> RoomToRead);

/// <summary>One run of the main job: the writer thinks, the reader translates, the model answers.</summary>
/// <remarks>It feeds no row of its own: it says that one waits, and goes on once that is fed, alone or in one decode with
/// the rows of other thoughts.</remarks>
internal sealed class ThoughtRun
{
    private readonly IDecoder _decoder;
    private readonly Tokenizer _tokenizer;
    private readonly Seat _seat;
    private readonly StrategyContext _context;
    private readonly ThinkOptions _options;
    private readonly Writer _writer;
    private readonly Reader? _reader;
    private readonly Stopwatch _clock = new();
    private readonly bool _feedsTokens;
    private readonly TextAssembler _said;
    private readonly bool _dialogue;
    private readonly Opening _opening;
    private readonly int _readable;
    private Marker.Watch _ending;
    private ColdStop.Counter _coldStop;
    private int _steps;
    private int _stepsRead;
    private bool _stale; // what was decided last was decided before the words it stands after
    private StopReason? _answered;

    /// <param name="decoder">Has the sequences of the seat; only this run changes those.</param>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="seat">Its sequences.</param>
    /// <param name="embeddings">Makes vectors; null for a strategy that feeds none.</param>
    /// <param name="reader">Translates them; null for a strategy that feeds none.</param>
    /// <param name="context">What the strategy may know.</param>
    /// <param name="options">Valid ones.</param>
    /// <param name="opening">The prompt and the markers.</param>
    public ThoughtRun(
        IDecoder decoder,
        Tokenizer tokenizer,
        Seat seat,
        InputEmbeddings? embeddings,
        Reader? reader,
        StrategyContext context,
        ThinkOptions options,
        Opening opening)
    {
        _decoder = decoder;
        _tokenizer = tokenizer;
        _seat = seat;
        _options = options;
        _opening = opening;
        _ending = new Marker.Watch(opening.End);
        _context = context = context with
        {
            MaxSteps = Math.Max(1, options.MaxSteps), ThinkStart = opening.Start.Tokens, ThinkEnd = opening.End.Tokens,
        };
        Outputs outputs = options.Strategy.NeedsHidden ? Outputs.Logits | Outputs.Hidden : Outputs.Logits;
        Timeline = new Timeline(decoder, seat.Writer, outputs);
        _writer = new Writer(Timeline, options.Strategy, context, embeddings, keepsPending: options.Reader is not null);
        _feedsTokens = embeddings is null;
        _said = new TextAssembler(tokenizer);
        _reader = reader;
        _readable = options.Reader is { } read && _reader is not null ? _reader.Capacity(read) : 0;
        _dialogue = options.ChunkLength > 0;
        if (_dialogue && options.ChunkLength > _readable)
        {
            throw new ConceptInputException(
                $"Chunks of {options.ChunkLength} vectors do not fit a reading; at most {_readable} do in this context.") { Field = "chunk" };
        }

        _coldStop = new ColdStop.Counter(options.ColdStop);
    }

    /// <summary>The writer's sequence.</summary>
    public Timeline Timeline { get; }

    /// <summary>Runs, alone in its decoder.</summary>
    /// <param name="cancellation">Stops within a step.</param>
    public IEnumerable<ThoughtEvent> Run(CancellationToken cancellation)
    {
        foreach (Signal signal in Go(cancellation))
        {
            if (signal.Event is { } happened)
            {
                yield return happened;
            }
            else if (signal.Wish == Wish.Prompt)
            {
                Timeline.Begin(_opening.Tokens, cancellation);
            }
            else if (signal.Wish == Wish.Row)
            {
                Timeline.FeedWaiting(cancellation);
            }
        }
    }

    /// <summary>Runs, as far as it can without rows being fed, from wish to wish.</summary>
    /// <param name="cancellation">Stops within a reading.</param>
    public IEnumerable<Signal> Go(CancellationToken cancellation)
    {
        _clock.Restart();
        yield return Wish.Prompt;
        yield return new PromptRead(_opening.Tokens, _clock.Elapsed.TotalMilliseconds) { ThinkEnd = _opening.End.Tokens };

        Mark();
        if (_feedsTokens)
        {
            yield return Wish.Tokens;
        }

        StopReason? stop = _options.MaxSteps == 0 ? StopReason.MaxSteps : null;
        while (stop is null)
        {
            _clock.Restart();
            _writer.Choose();
            _stale = false;
            stop = Judge();
            if (stop is StopReason.EndOfText or StopReason.ContextFull or StopReason.Strategy
                || (stop is StopReason.ColdStop or StopReason.EndMarker && _opening.End.Exists))
            {
                break; // this step is not fed: nothing takes its place, or the marker does
            }

            int position = Timeline.Position;
            _writer.Put();
            yield return Wish.Row;
            _stale = true;
            ConceptStep step = Step(position);
            yield return _feedsTokens ? step with { Words = _said.Add(_writer.Next.Token) } : step;
            if (stop is null && _dialogue && _writer.PendingCount == _options.ChunkLength)
            {
                yield return Wish.Reading;
                yield return Translate(cancellation);
            }
        }

        while (_options.Reader is not null && _writer.PendingCount > 0)
        {
            yield return Wish.Reading;
            yield return Translate(cancellation);
        }

        if (stop != StopReason.EndOfText && Timeline.Room > 0) // a full context may have room again after the last reading
        {
            yield return Wish.Tokens;
            foreach (Signal signal in FeedEndMarker(stop.Value))
            {
                yield return signal;
            }

            foreach (Signal signal in Answer())
            {
                yield return signal;
            }
        }

        yield return new ThoughtEnded(stop.Value, _answered);
    }

    /// <summary>Why the thought ends with the step just decided on, if it does.</summary>
    private StopReason? Judge() =>
        _writer.Next.Ends ? StopReason.Strategy
        : !_options.FixedLength && _tokenizer.IsEndOfText(_writer.Next.Said) ? StopReason.EndOfText
        : Timeline.Room == 0 ? StopReason.ContextFull
        : !_options.FixedLength && _ending.Sees(_writer.Next.Said) ? StopReason.EndMarker
        : !_options.FixedLength && _coldStop.Fires(_writer.Next.Concept.Entropy) ? StopReason.ColdStop
        : _steps + 1 >= _options.MaxSteps ? StopReason.MaxSteps
        : null;

    private ConceptStep Step(int position) =>
        ConceptStep.Of(_writer.Next, _steps++, position, _clock.Elapsed.TotalMilliseconds, _tokenizer);

    /// <summary>Tells a reasoning model, in tokens, that its thought is over; where it said so itself, only the token
    /// that was not fed is left.</summary>
    private IEnumerable<Signal> FeedEndMarker(StopReason stop)
    {
        int[] tokens = stop == StopReason.EndMarker ? _opening.End.Tokens[^1..] : _opening.End.Tokens;
        for (int i = 0; i < tokens.Length && Timeline.Room > 0; i++)
        {
            _clock.Restart();
            if (i > 0 || _stale)
            {
                _writer.Choose(); // for what a trace tells of the step
            }

            int position = Timeline.Position;
            _writer.Next.FeedToken(tokens[i]);
            Timeline.Put(tokens[i]);
            yield return Wish.Row;
            yield return Step(position) with { IsMarker = true };
        }
    }

    /// <summary>The reader translates what is pending. In a dialogue its words then take the place of the
    /// vectors.</summary>
    private ChunkRead Translate(CancellationToken cancellation)
    {
        _clock.Restart();
        Timeline.Keep();
        int count = Math.Min(_writer.PendingCount, _readable);
        ulong seed = new RandomStream(_context.Seed + (ulong)_stepsRead + 1).NextUInt64(); // one a chunk
        CloseReading reading = _reader!.Read(
            _writer.Pending[..(count * Timeline.VectorWidth)], _options.Reader!, seed, _seat.RoomToRead(), cancellation);
        int[] words = [.. reading.Ids];
        bool replaced = _dialogue && words.Length > 0 && words.Length <= Timeline.Room + count;
        if (replaced)
        {
            _decoder.Fork(_seat.Checkpoint, _seat.Writer); // works where a recurrent model cannot rewind
            Timeline.Feed(words, cancellation);
            _stale = true;
        }

        _writer.ForgetPending(count);
        ChunkRead chunk = new(_stepsRead, count, reading.Text, replaced, _clock.Elapsed.TotalMilliseconds)
        {
            Close = reading,
        };
        _stepsRead += count;
        Mark();
        return chunk;
    }

    /// <summary>Remembers the place that the next chunk's translation goes back to.</summary>
    private void Mark()
    {
        if (_dialogue)
        {
            _decoder.Fork(_seat.Writer, _seat.Checkpoint);
        }
    }

    /// <summary>Answers in tokens, with settings of its own and random numbers of its own.</summary>
    private IEnumerable<Signal> Answer()
    {
        if (_options.AnswerTokens == 0)
        {
            yield break;
        }

        TextAssembler text = new(_tokenizer);
        StopTextWatch stops = new(_options.StopTexts);
        LogprobMeter? meter = _options.AnswerLogprobs is { } count
            ? new LogprobMeter(_tokenizer, _context.VocabularySize, count)
            : null;
        ulong seed = new RandomStream(_context.Seed).NextUInt64(); // or a drawn answer would repeat a drawn thought's numbers
        TokenRun run = new(Timeline, _tokenizer, _options.Answer, _context with { Seed = seed });
        StopReason reason = StopReason.MaxTokens;
        for (int i = 0; i < _options.AnswerTokens && reason == StopReason.MaxTokens; i++)
        {
            _clock.Restart();
            if (!run.TryChoose())
            {
                reason = StopReason.EndOfText;
                break;
            }

            TokenLogprobs? logprobs = meter?.Measure(Timeline.Logits, run.Next.Token); // before the next logits come
            string piece = stops.Add(text.Add(run.Next.Token));
            if (run.HasRoom && !stops.Found)
            {
                run.Put();
                yield return Wish.Row;
            }

            yield return new AnswerPiece(piece, run.Next.Token, _clock.Elapsed.TotalMilliseconds) { Logprobs = logprobs };
            reason = stops.Found ? StopReason.StopText : run.HasRoom ? reason : StopReason.ContextFull;
        }

        // What may have been the beginning of a stop text, and a character that never became whole.
        if (!stops.Found && stops.Add(text.Finish()) + stops.Finish() is { Length: > 0 } rest)
        {
            yield return new AnswerPiece(rest, Token: null, 0);
        }

        _answered = reason;
    }
}
