using GgufConcepts.Native;

namespace GgufConcepts.Thinking;

/// <summary>A thought that waits for a seat.</summary>
/// <param name="Number">Its number, from 0 in the order in which thoughts came.</param>
/// <param name="Options">Valid ones.</param>
/// <param name="Opening">A prompt that fits.</param>
/// <param name="Cancellation">Ends this thought alone.</param>
internal sealed record QueuedThought(int Number, ThinkOptions Options, Opening Opening, CancellationToken Cancellation);

/// <summary>The thoughts of a batch that have had no seat, in the order in which they begin.</summary>
/// <param name="open">Makes a thought's opening, and may fail.</param>
/// <param name="contextLength">Rows one sequence can hold.</param>
internal abstract class ThoughtQueue(Func<BatchThought, ThinkOptions, Opening> open, int contextLength)
{
    private readonly List<BatchEvent> _ends = [];
    private int _count;

    /// <summary>The next thought, to be asked for when there is a seat; null where none waits now.</summary>
    public abstract QueuedThought? Next { get; }

    /// <summary>Whether a thought waits.</summary>
    public abstract bool Waits { get; }

    /// <summary>Whether more may come while others are thought.</summary>
    public virtual bool Grows => false;

    /// <summary>Whether a thought that waits or may come can ask for hidden states.</summary>
    public abstract bool NeedsHidden { get; }

    /// <summary>Takes the next thought out.</summary>
    public abstract QueuedThought Take();

    /// <summary>Waits a moment for a thought that is being opened.</summary>
    /// <returns>False where none is.</returns>
    public virtual bool WaitForOpening(CancellationToken cancellation) => false;

    /// <summary>The ends of thoughts that did not begin, each once.</summary>
    public IReadOnlyList<BatchEvent> TakeEnds()
    {
        if (_ends.Count == 0)
        {
            return [];
        }

        BatchEvent[] ends = [.. _ends];
        _ends.Clear();
        return ends;
    }

    /// <summary>Numbers a thought and opens it; null where it failed.</summary>
    protected QueuedThought? TryOpen(BatchThought thought)
    {
        int number = TakeNumber();
        return TryGet(number, () => Open(thought, number));
    }

    /// <summary>The number of the thought that has come now.</summary>
    protected int TakeNumber() => _count++;

    /// <summary>Opens a thought. Any thread.</summary>
    /// <exception cref="ConceptInputException">It cannot be thought.</exception>
    protected QueuedThought Open(BatchThought thought, int number)
    {
        ThinkOptions options = thought.Options ?? new ThinkOptions();
        if (options.FindProblems() is { Count: > 0 } problems)
        {
            throw new ConceptInputException(string.Join(" ", problems));
        }

        options = options.ToRun();
        Opening opening = open(thought, options);
        Timeline.CheckPrompt(opening.Tokens, contextLength);
        return new QueuedThought(number, options, opening, thought.Cancellation);
    }

    /// <summary>Keeps the end of a thought that did not begin, until it is told.</summary>
    protected void TellEnd(BatchEvent end) => _ends.Add(end);

    /// <summary>What opening a thought gave; null where it failed.</summary>
    protected QueuedThought? TryGet(int number, Func<QueuedThought> opened)
    {
        try
        {
            return opened();
        }
        catch (Exception problem) when (problem is ConceptInputException or NativeCallException or OutOfMemoryException)
        {
            TellEnd(new BatchEvent(number, new ThoughtEnded(StopReason.Failed)) { Problem = problem });
            return null;
        }
    }
}

/// <summary>Thoughts that are all known.</summary>
internal sealed class ListQueue : ThoughtQueue
{
    private readonly Queue<QueuedThought> _thoughts;

    public ListQueue(
        IReadOnlyList<BatchThought> thoughts, Func<BatchThought, ThinkOptions, Opening> open, int contextLength)
        : base(open, contextLength)
    {
        _thoughts = new(thoughts.Select(TryOpen).OfType<QueuedThought>());
        Prompts = [.. _thoughts.Select(thought => thought.Opening.Tokens)];
        NeedsHidden = _thoughts.Any(thought => thought.Options.Strategy.NeedsHidden);
    }

    /// <summary>The tokens of every prompt.</summary>
    public IReadOnlyList<int[]> Prompts { get; }

    public override QueuedThought? Next => _thoughts.TryPeek(out QueuedThought? next) ? next : null;

    public override bool Waits => _thoughts.Count > 0;

    /// <inheritdoc/>
    /// <remarks>The same from first to last: each change of what is asked for would build the graph anew.</remarks>
    public override bool NeedsHidden { get; }

    public override QueuedThought Take() => _thoughts.Dequeue();
}
