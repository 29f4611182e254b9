using GgufConcepts.Decoding;
using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Strategies;

namespace GgufConcepts.Thinking;

/// <summary>Several timelines over a model, for thoughts that run side by side: one decode a step for all of them. One
/// caller at a time.</summary>
/// <remarks>Keeps its model alive. A decode of several rows reads the weights once, which is what a decode costs most.
/// Every thought has its own rule, limits, random stream and end, and gives what it gives alone in a
/// <see cref="ConceptSession"/>, up to the rounding of a decode of several rows.</remarks>
public sealed class ConceptBatch : IDisposable
{
    /// <summary>The most thoughts at once: of llama.cpp's 256 sequences each has two, one to grow in and one that
    /// remembers where its chunk began, beside those of the reader and one for what prompts share.</summary>
    public const int Largest = (256 - Reader.SequenceCount - 1) / 2;

    private readonly ConceptModel _model;
    private readonly IDecoder _decoder;
    private readonly Turns _turns;
    private readonly BatchSeat[] _seats;
    private Reader? _reader;

    internal ConceptBatch(ConceptModel model, int size, int? rows)
    {
        int context = model.Info.ContextLength;
        int most = Math.Min(Largest, context);
        if (size < 1 || size > most)
        {
            throw new ConceptInputException($"The batch has {size} thoughts at once; use 1 to {most}.");
        }

        Rows = rows ?? (int)Math.Min(2L * context, int.MaxValue - context);
        if (Rows < context || Rows > int.MaxValue - context)
        {
            throw new ConceptInputException(
                $"The batch holds {Rows} rows; use at least one context of {context}, and less than 2^31 with it.");
        }

        _model = model;
        _turns = new Turns(this, "batch");
        _decoder = model.Hold(Shared(size) + 1 + Reader.SequenceCount, Rows + context);
        _seats =
        [
            .. Enumerable.Range(0, size).Select(i => new BatchSeat(new Seat(i, size + i, RoomToRead: () => context))),
        ];
    }

    /// <summary>Thoughts that run at once.</summary>
    public int Size => _seats.Length;

    /// <summary>Rows that all of them can hold together.</summary>
    public int Rows { get; }

    /// <summary>The sequences, for those who measure steps without events.</summary>
    internal IDecoder Decoder => _decoder;

    /// <summary>Thinks several thoughts.</summary>
    /// <param name="thoughts">Any number of them. What all prompts begin with is fed once. Those that find no seat, or no
    /// room for all rows that they may become, wait until one before them has ended; they begin in this order.</param>
    /// <param name="cancellation">Stops all of them within a step, even inside a decode.</param>
    /// <returns>Every thought's events in their order (<see cref="ConceptSession.Think"/>), those of several thoughts in
    /// turn. A thought that fails, also for a prompt that does not fit, ends with <see cref="StopReason.Failed"/> and its
    /// <see cref="BatchEvent.Problem"/>; the others go on. Times are from logits to logits, with what the others did
    /// meanwhile. The work is done as events are asked for.</returns>
    /// <exception cref="ConceptInputException">An option is out of range.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the events so far stand.</exception>
    public IEnumerable<BatchEvent> Think(IReadOnlyList<BatchThought> thoughts, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(thoughts);
        if (thoughts.Contains(null!))
        {
            throw new ArgumentException("One of the thoughts is null.", nameof(thoughts));
        }

        ThinkOptions usual = new();
        ThinkOptions[] options = [.. thoughts.Select(thought => thought.Options ?? usual)];
        for (int i = 0; i < options.Length; i++)
        {
            if (options[i].FindProblems() is { Count: > 0 } problems)
            {
                throw new ConceptInputException($"Thought {i}: {string.Join(" ", problems)}");
            }
        }

        return _turns.Run(() =>
        {
            ListQueue queue = new(thoughts, Open, _model.Info.ContextLength);
            return Start(queue, cancellation).Run(Shared(Size), queue.Prompts);
        });
    }

    /// <summary>Thinks thoughts as they come, each joining those that run already, until no more will come.</summary>
    /// <param name="source">Where they come from.</param>
    /// <param name="cancellation">Stops all of them within a step, even inside a decode.</param>
    /// <returns>As above; thoughts are numbered in the order in which they were taken. A long prompt is fed in parts between
    /// the steps of the others; one of 16,384 characters and more is cut into tokens on a thread of its own first, and those
    /// that come after it may begin before it. Options out of range fail that thought alone.</returns>
    /// <exception cref="OperationCanceledException">Cancelled; the events so far stand.</exception>
    public IEnumerable<BatchEvent> Think(IThoughtSource source, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        SourceQueue queue = new(source, Open, _model.Info.ContextLength, most: Size);
        while (source.Wait(cancellation))
        {
            foreach (BatchEvent happened in _turns.Run(() => Start(queue, cancellation).Run(Shared(Size), prompts: [])))
            {
                yield return happened;
            }
        }
    }

    /// <summary>Frees the sequences; the model too, if it is disposed and nothing else uses it. Any thread.</summary>
    /// <remarks>Waits for the step that another thread is in; that thread's next step throws.</remarks>
    public void Dispose()
    {
        if (_turns.TryEnd(_decoder))
        {
            _model.Release();
        }
    }

    private static int Shared(int size) => 2 * size;

    private Opening Open(BatchThought thought, ThinkOptions options) =>
        Opening.Of(_model.Tokenizer, ChatOptions.Encode(_model, thought.Prompt, options.Chat), options);

    private BatchRun Start(ThoughtQueue queue, CancellationToken cancellation) =>
        new(_decoder, _seats, Rows, queue, Make, cancellation);

    private ThoughtRun Make(QueuedThought thought, BatchSeat seat)
    {
        ThinkOptions options = thought.Options;
        StrategyContext context = _model.DescribeTo(_decoder.Info, options.Seed);
        InputEmbeddings? embeddings = null;
        Reader? reader = null;
        if (options.Strategy.FeedsVectors)
        {
            embeddings = seat.Embeddings ??= _model.CreateEmbeddings(); // it holds scratch: one a seat
            context = context with { Space = embeddings };
            reader = _reader ??= new Reader(_decoder, _model.Tokenizer, _model.CreateEmbeddings(), Shared(Size) + 1);
        }

        return new ThoughtRun(_decoder, _model.Tokenizer, seat.Place, embeddings, reader, context, options, thought.Opening);
    }
}
