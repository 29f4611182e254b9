namespace GgufConcepts.Thinking;

/// <summary>Thoughts that come while others are thought.</summary>
/// <remarks>A long prompt takes seconds to be cut into tokens, and more with some vocabularies: that is done beside, and
/// those that come after it do not wait.</remarks>
/// <param name="source">Where they come from.</param>
/// <param name="open">Makes a thought's opening, and may fail. Any thread.</param>
/// <param name="contextLength">Rows one sequence can hold.</param>
/// <param name="most">Long prompts that are opened at once.</param>
internal sealed class SourceQueue(
    IThoughtSource source, Func<BatchThought, ThinkOptions, Opening> open, int contextLength, int most)
    : ThoughtQueue(open, contextLength)
{
    /// <summary>Characters from which on a prompt is long: what takes about as much time as a step.</summary>
    public const int Long = 16384;

    private const int Moment = 10; // milliseconds; something else may come meanwhile

    private readonly List<LongPrompt> _opening = [];
    private QueuedThought? _next;

    public override QueuedThought? Next
    {
        get
        {
            EndCancelled();
            while (_next is null && _opening.Find(one => one.Work.IsCompleted) is { } opened)
            {
                _opening.Remove(opened);
                _next = opened.IsWanted ? TryGet(opened.Number, () => opened.Work.GetAwaiter().GetResult()) : null;
            }

            while (_next is null && _opening.Count < most && source.TryTake() is { } thought)
            {
                if (LengthOf(thought) < Long)
                {
                    _next = TryOpen(thought);
                }
                else
                {
                    int number = TakeNumber();
                    _opening.Add(new LongPrompt(number, Task.Run(() => Open(thought, number)), thought.Cancellation));
                }
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

    public override bool WaitForOpening(CancellationToken cancellation)
    {
        if (!_opening.Exists(one => one.IsWanted) && (_opening.Count < most || !source.HasNext))
        {
            return false;
        }

        Task.WaitAny([.. _opening.Select(one => one.Work)], Moment, cancellation);
        return true;
    }

    /// <summary>Ends those that nobody wants any more: at once, though nothing stops the work.</summary>
    private void EndCancelled()
    {
        foreach (LongPrompt one in _opening)
        {
            if (one is { IsWanted: true, Cancellation.IsCancellationRequested: true })
            {
                one.IsWanted = false;
                TellEnd(new BatchEvent(one.Number, new ThoughtEnded(StopReason.Cancelled)));
            }
        }
    }

    private static long LengthOf(BatchThought thought) => thought.Prompt.Length
        + (thought.Options?.Chat is { } chat
            ? (chat.System?.Length ?? 0) + (chat.History?.Sum(turn => (long)(turn?.Text?.Length ?? 0)) ?? 0)
            : 0);

    /// <summary>A thought whose prompt is being opened.</summary>
    private sealed record LongPrompt(int Number, Task<QueuedThought> Work, CancellationToken Cancellation)
    {
        public bool IsWanted { get; set; } = true;
    }
}
