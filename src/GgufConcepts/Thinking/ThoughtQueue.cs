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
    private readonly List<BatchEvent> _failures = [];
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

    /// <summary>The ends of thoughts that failed before they began, each once.</summary>
    public IReadOnlyList<BatchEvent> TakeFailures()
    {
        if (_failures.Count == 0)
        {
            return [];
        }

        BatchEvent[] failures = [.. _failures];
        _failures.Clear();
        return failures;
    }

    /// <summary>Numbers a thought and opens it; null where it failed.</summary>
    protected QueuedThought? TryOpen(BatchThought thought)
    {
        ThinkOptions options = thought.Options ?? new ThinkOptions();
        int number = _count++;
        try
        {
            if (options.FindProblems() is { Count: > 0 } problems)
            {
                throw new ConceptInputException(string.Join(" ", problems));
            }

            options = options.ToRun();
            Opening opening = open(thought, options);
            Timeline.CheckPrompt(opening.Tokens, contextLength);
            return new QueuedThought(number, options, opening, thought.Cancellation);
        }
        catch (ConceptInputException problem)
        {
            _failures.Add(new BatchEvent(number, new ThoughtEnded(StopReason.Failed)) { Problem = problem });
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

/// <summary>Thoughts that come while others are thought.</summary>
internal sealed class SourceQueue(
    IThoughtSource source, Func<BatchThought, ThinkOptions, Opening> open, int contextLength)
    : ThoughtQueue(open, contextLength)
{
    private QueuedThought? _next;

    public override QueuedThought? Next
    {
        get
        {
            while (_next is null && source.TryTake() is { } thought)
            {
                _next = TryOpen(thought);
            }

            return _next;
        }
    }

    public override bool Waits => _next is not null || source.HasNext;

    public override bool Grows => true;

    public override bool NeedsHidden => _next is { Options.Strategy.NeedsHidden: true };

    public override QueuedThought Take()
    {
        QueuedThought taken = Next!;
        _next = null;
        return taken;
    }
}
