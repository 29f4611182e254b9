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
    private readonly int _endMarker;
    private readonly int _readable;
    private ColdStop.Counter _coldStop;
    private int _steps;
    private int _stepsRead;

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
        _context = context;
        _options = options;
        Outputs outputs = options.Strategy.NeedsHidden ? Outputs.Logits | Outputs.Hidden : Outputs.Logits;
        _timeline = new Timeline(decoder, Sequences.Writer, outputs);
        _writer = new Writer(_timeline, options.Strategy, context, embeddings);
        _reader = embeddings is null ? null : new Reader(decoder, tokenizer, embeddings, Sequences.Reader);
        _readable = options.Reader is { } read && _reader is not null ? _reader.Capacity(read) : 0;
        _dialogue = options.ChunkLength > 0;
        if (_dialogue && options.ChunkLength > _readable)
        {
            throw new ConceptInputException(
                $"Chunks of {options.ChunkLength} vectors do not fit a reading; at most {_readable} do in this context.");
        }

        _endMarker = options.EndMarker.Length > 0 ? tokenizer.FindMarker(options.EndMarker) : -1;
        _coldStop = new ColdStop.Counter(options.ColdStop);
    }

    public IEnumerable<ThoughtEvent> Run(string prompt, CancellationToken cancellation)
    {
        _clock.Restart();
        yield return new PromptRead(_timeline.Begin(prompt, _tokenizer, cancellation), _clock.Elapsed.TotalMilliseconds);

        Mark();
        StopReason? stop = null;
        while (stop is null)
        {
            _clock.Restart();
            _writer.Choose();
            stop = Judge();
            if (stop is StopReason.EndOfText or StopReason.ContextFull || (stop is not null && _endMarker >= 0))
            {
                break; // this step is not fed: nothing takes its place, or the marker does
            }

            int position = _timeline.Position;
            _writer.Feed(cancellation);
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

        if (stop != StopReason.EndOfText && _timeline.Room > 0) // a full context may have room again after the last reading
        {
            if (_endMarker >= 0)
            {
                yield return FeedEndMarker(cancellation);
            }

            foreach (AnswerPiece piece in Answer(cancellation))
            {
                yield return piece;
            }
        }

        yield return new ThoughtEnded(stop.Value);
    }

    /// <summary>Why the thought ends with the step just decided on, if it does.</summary>
    private StopReason? Judge() =>
        _tokenizer.IsEndOfText(_writer.OwnToken) ? StopReason.EndOfText
        : _timeline.Room == 0 ? StopReason.ContextFull
        : _writer.OwnToken == _endMarker ? StopReason.EndMarker
        : _coldStop.Fires(_writer.Next.Concept.Entropy) ? StopReason.ColdStop
        : _steps + 1 >= _options.MaxSteps ? StopReason.MaxSteps
        : null;

    private ConceptStep Step(int position) =>
        ConceptStep.Of(_writer.Next, _steps++, position, _clock.Elapsed.TotalMilliseconds, _tokenizer);

    /// <summary>Tells a reasoning model, as a token, that its thought is over.</summary>
    private ConceptStep FeedEndMarker(CancellationToken cancellation)
    {
        _clock.Restart();
        int position = _timeline.Position;
        _writer.Next.FeedToken(_endMarker);
        _timeline.Feed([_endMarker], cancellation);
        return Step(position);
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

    private IEnumerable<AnswerPiece> Answer(CancellationToken cancellation)
    {
        TextAssembler text = new(_tokenizer);
        ulong seed = new RandomStream(_context.Seed).NextUInt64(); // or a drawn answer would repeat a drawn thought's numbers
        TokenRun run = new(_timeline, _tokenizer, _options.Answer, _context with { Seed = seed });
        for (int count = 0; count < _options.AnswerTokens; count++)
        {
            _clock.Restart();
            if (!run.TryChoose())
            {
                break;
            }

            if (run.HasRoom)
            {
                run.Feed(cancellation);
            }

            yield return new AnswerPiece(text.Add(run.Next.Token), _clock.Elapsed.TotalMilliseconds);
            if (!run.HasRoom)
            {
                break;
            }
        }

        if (text.Finish() is { Length: > 0 } rest) // of a character that never became whole
        {
            yield return new AnswerPiece(rest, 0);
        }
    }
}
