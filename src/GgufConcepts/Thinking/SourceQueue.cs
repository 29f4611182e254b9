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

    /// <summary>Long prompts that wait to be opened; with as many, no other is taken, however short.</summary>
    public const int MostAside = 64;

    /// <summary>Characters of all that are being opened, unless it is one alone: each may take 352 bytes of
    /// stack.</summary>
    public const int MostCharacters = 1 << 20;

    private const int Moment = 10; // milliseconds; something else may come meanwhile

    private readonly List<LongPrompt> _long = []; // in the order in which they came: those that are being opened first
    private QueuedThought? _next;

    private IEnumerable<LongPrompt> Begun => _long.Where(one => one.Work is not null);

    public override QueuedThought? Next
    {
        get
        {
            EndCancelled();
            while (_next is null && _long.Find(one => one.Work is { IsCompleted: true }) is { } opened)
            {
                _long.Remove(opened);
                _next = opened.IsWanted ? TryGet(opened.Number, () => opened.Work!.GetAwaiter().GetResult()) : null;
            }

            while (_next is null && _long.Count - Begun.Count() < MostAside && source.TryTake() is { } thought)
            {
                if (LengthOf(thought) < Long)
                {
                    _next = TryOpen(thought);
                }
                else
                {
                    _long.Add(new LongPrompt(TakeNumber(), thought));
                }
            }

            Begin();
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
        if (!_long.Exists(one => one.IsWanted))
        {
            return false;
        }

        Task.WaitAny([.. Begun.Select(one => one.Work!)], Moment, cancellation);
        return true;
    }

    /// <summary>Opens those for which there is a place, in the order in which they came.</summary>
    private void Begin()
    {
        int count = Begun.Count();
        long characters = Begun.Sum(one => one.Length);
        foreach (LongPrompt one in _long.Where(one => one.Work is null))
        {
            characters += one.Length;
            if (count == most || (count > 0 && characters > MostCharacters))
            {
                return;
            }

            count++;
            one.Work = Task.Run(() => Open(one.Thought, one.Number));
        }
    }

    /// <summary>Ends those that nobody wants any more: at once, though nothing stops the work that has begun.</summary>
    private void EndCancelled()
    {
        foreach (LongPrompt one in _long)
        {
            if (one is { IsWanted: true, Thought.Cancellation.IsCancellationRequested: true })
            {
                one.IsWanted = false;
                TellEnd(new BatchEvent(one.Number, new ThoughtEnded(StopReason.Cancelled)));
            }
        }

        _long.RemoveAll(one => one is { IsWanted: false, Work: null });
    }

    private static long LengthOf(BatchThought thought) => thought.Prompt.Length
        + (thought.Options?.Chat is { } chat
            ? (chat.System?.Length ?? 0) + (chat.History?.Sum(turn => (long)(turn?.Text?.Length ?? 0)) ?? 0)
            : 0);

    /// <summary>A thought whose prompt is being opened, or is to be.</summary>
    private sealed class LongPrompt(int number, BatchThought thought)
    {
        public int Number => number;

        public BatchThought Thought => thought;

        public long Length { get; } = LengthOf(thought);

        public Task<QueuedThought>? Work { get; set; }

        public bool IsWanted { get; set; } = true;
    }
}
