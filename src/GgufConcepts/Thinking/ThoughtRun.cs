using System.Diagnostics;
using GgufConcepts.Decoding;
using GgufConcepts.Mixing;
using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Strategies;

namespace GgufConcepts.Thinking;

/// <summary>One run of the main job: the writer thinks, the reader translates, the model answers.</summary>
internal sealed class ThoughtRun
{
    private readonly IDecoder _decoder;
    private readonly Tokenizer _tokenizer;
    private readonly StrategyContext _context;
    private readonly ThinkOptions _options;
    private readonly Timeline _timeline;
    private readonly Writer _writer;
    private readonly Reader? _reader;
    private readonly Stopwatch _clock = new();
    private readonly bool _dialogue;
    private readonly Marker _end;
    private readonly int _readable;
    private Marker.Watch _ending;
    private ColdStop.Counter _coldStop;
    private int _steps;
    private int _stepsRead;
    private bool _stale; // what was decided last was decided before the words it stands after

    /// <param name="decoder">Has the sequences of <see cref="Sequences"/>; nobody else uses it during the run.</param>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="embeddings">Makes vectors; null for a strategy that feeds none.</param>
    /// <param name="context">What the strategy may know.</param>
    /// <param name="options">Valid ones.</param>
    public ThoughtRun(
        IDecoder decoder, Tokenizer tokenizer, InputEmbeddings? embeddings, StrategyContext context, ThinkOptions options)
    {
        _decoder = decoder;
        _tokenizer = tokenizer;
        _options = options;
        _end = Marker.Find(tokenizer, options.ThinkEnd, ThinkOptions.UsualEnd);
        _ending = new Marker.Watch(_end);
        _context = context = context with
        {
            MaxSteps = options.MaxSteps,
            ThinkStart = Marker.Find(tokenizer, options.ThinkStart, ThinkOptions.UsualStart).Tokens,
            ThinkEnd = _end.Tokens,
        };
        Outputs outputs = options.Strategy.NeedsHidden ? Outputs.Logits | Outputs.Hidden : Outputs.Logits;
        _timeline = new Timeline(decoder, Sequences.Writer, outputs);
        _writer = new Writer(_timeline, options.Strategy, context, embeddings, keepsPending: options.Reader is not null);
        _reader = embeddings is null ? null : new Reader(decoder, tokenizer, embeddings, Sequences.Reader);
        _readable = options.Reader is { } read && _reader is not null ? _reader.Capacity(read) : 0;
        _dialogue = options.ChunkLength > 0;
        if (_dialogue && options.ChunkLength > _readable)
        {
            throw new ConceptInputException(
                $"Chunks of {options.ChunkLength} vectors do not fit a reading; at most {_readable} do in this context.");
        }

        _coldStop = new ColdStop.Counter(options.ColdStop);
    }

    /// <param name="prompt">Its tokens, without the marker that begins a thought.</param>
    /// <param name="cancellation">Stops within a step.</param>
    public IEnumerable<ThoughtEvent> Run(int[] prompt, CancellationToken cancellation)
    {
        _clock.Restart();
        int[] tokens = [.. prompt, .. StartAfter(prompt)];
        _timeline.Begin(tokens, cancellation);
        yield return new PromptRead(tokens, _clock.Elapsed.TotalMilliseconds) { ThinkEnd = _end.Tokens };

        Mark();
        StopReason? stop = null;
        while (stop is null)
        {
            _clock.Restart();
            _writer.Choose();
            _stale = false;
            stop = Judge();
            if (stop is StopReason.EndOfText or StopReason.ContextFull or StopReason.Strategy
                || (stop is StopReason.ColdStop or StopReason.EndMarker && _end.Exists))
            {
                break; // this step is not fed: nothing takes its place, or the marker does
            }

            int position = _timeline.Position;
            _writer.Feed(cancellation);
            _stale = true;
            yield return Step(position);
            if (stop is null && _dialogue && _writer.PendingCount == _options.ChunkLength)
            {
                yield return Translate(cancellation);
            }
        }

        while (_options.Reader is not null && _writer.PendingCount > 0)
        {
            yield return Translate(cancellation);
        }

        StopReason? answered = null;
        if (stop != StopReason.EndOfText && _timeline.Room > 0) // a full context may have room again after the last reading
        {
            foreach (ConceptStep step in FeedEndMarker(stop.Value, cancellation))
            {
                yield return step;
            }

            foreach (AnswerPiece piece in Answer(reason => answered = reason, cancellation))
            {
                yield return piece;
            }
        }

        yield return new ThoughtEnded(stop.Value, answered);
    }

    /// <summary>What is fed after a prompt to begin the thought: what was asked for, or after a chat prompt the model's
    /// own marker and a line break, unless the template ended with them.</summary>
    private int[] StartAfter(int[] prompt)
    {
        if (_options.ThinkStart is { } asked)
        {
            int[] start = Marker.Find(_tokenizer, asked, "").Tokens;
            return start.Length > 0 && prompt.AsSpan().EndsWith(start) ? [] : start; // a template may have ended with it
        }

        return _options.Chat is not null && _context.ThinkStart is [int own] && !prompt.TakeLast(2).Contains(own)
            ? [own, .. _tokenizer.EncodeContinuation("\n")]
            : [];
    }

    /// <summary>Why the thought ends with the step just decided on, if it does.</summary>
    private StopReason? Judge() =>
        _writer.Next.Ends ? StopReason.Strategy
        : !_options.FixedLength && _tokenizer.IsEndOfText(_writer.Next.Said) ? StopReason.EndOfText
        : _timeline.Room == 0 ? StopReason.ContextFull
        : !_options.FixedLength && _ending.Sees(_writer.Next.Said) ? StopReason.EndMarker
        : !_options.FixedLength && _coldStop.Fires(_writer.Next.Concept.Entropy) ? StopReason.ColdStop
        : _steps + 1 >= _options.MaxSteps ? StopReason.MaxSteps
        : null;

    private ConceptStep Step(int position) =>
        ConceptStep.Of(_writer.Next, _steps++, position, _clock.Elapsed.TotalMilliseconds, _tokenizer);

    /// <summary>Tells a reasoning model, in tokens, that its thought is over; where it said so itself, only the token
    /// that was not fed is left.</summary>
    private IEnumerable<ConceptStep> FeedEndMarker(StopReason stop, CancellationToken cancellation)
    {
        int[] tokens = stop == StopReason.EndMarker ? _end.Tokens[^1..] : _end.Tokens;
        for (int i = 0; i < tokens.Length && _timeline.Room > 0; i++)
        {
            _clock.Restart();
            if (i > 0 || _stale)
            {
                _writer.Choose(); // for what a trace tells of the step
            }

            int position = _timeline.Position;
            _writer.Next.FeedToken(tokens[i]);
            _timeline.Feed([tokens[i]], cancellation);
            yield return Step(position) with { IsMarker = true };
        }
    }

    /// <summary>The reader translates what is pending. In a dialogue its words then take the place of the
    /// vectors.</summary>
    private ChunkRead Translate(CancellationToken cancellation)
    {
        _clock.Restart();
        _timeline.Keep();
        int count = Math.Min(_writer.PendingCount, _readable);
        ulong seed = new RandomStream(_context.Seed + (ulong)_stepsRead + 1).NextUInt64(); // one a chunk
        CloseReading reading = _reader!.Read(
            _writer.Pending[..(count * _timeline.VectorWidth)], _options.Reader!, seed, Sequences.RoomToRead(_decoder), cancellation);
        int[] words = [.. reading.Ids];
        bool replaced = _dialogue && words.Length > 0 && words.Length <= _timeline.Room + count;
        if (replaced)
        {
            _decoder.Fork(Sequences.Checkpoint, Sequences.Writer); // works where a recurrent model cannot rewind
            _timeline.Feed(words, cancellation);
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
            _decoder.Fork(Sequences.Writer, Sequences.Checkpoint);
        }
    }

    /// <summary>Answers in tokens, with settings of its own and random numbers of its own.</summary>
    private IEnumerable<AnswerPiece> Answer(Action<StopReason> ended, CancellationToken cancellation)
    {
        if (_options.AnswerTokens == 0)
        {
            yield break;
        }

        TextAssembler text = new(_tokenizer);
        ulong seed = new RandomStream(_context.Seed).NextUInt64(); // or a drawn answer would repeat a drawn thought's numbers
        TokenRun run = new(_timeline, _tokenizer, _options.Answer, _context with { Seed = seed });
        StopReason reason = StopReason.MaxTokens;
        for (int count = 0; count < _options.AnswerTokens && reason == StopReason.MaxTokens; count++)
        {
            _clock.Restart();
            if (!run.TryChoose())
            {
                reason = StopReason.EndOfText;
                break;
            }

            if (run.HasRoom)
            {
                run.Feed(cancellation);
            }

            yield return new AnswerPiece(text.Add(run.Next.Token), run.Next.Token, _clock.Elapsed.TotalMilliseconds);
            reason = run.HasRoom ? reason : StopReason.ContextFull;
        }

        if (text.Finish() is { Length: > 0 } rest) // of a character that never became whole
        {
            yield return new AnswerPiece(rest, Token: null, 0);
        }

        ended(reason);
    }
}
