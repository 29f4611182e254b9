using GgufConcepts.Native;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tests.Thinking;

/// <summary>Long prompts are opened beside the others.</summary>
public sealed class SourceQueueTests : IDisposable
{
    private static readonly BatchThought s_short = new("short");
    private static readonly BatchThought s_long = new(new string('x', SourceQueue.Long));

    private readonly ManualResetEventSlim _gate = new();
    private int _opened;
    private int _atOnce;
    private int _mostAtOnce;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _gate.Set();
        _gate.Dispose();
    }

    [Fact]
    public void Next_ShortPromptAfterLongOnes_ComesFirst()
    {
        SourceQueue queue = Make(most: 1, s_long, s_long, s_short);
        Assert.Equal(2, queue.Take().Number);
        Assert.Null(queue.Next);
        _gate.Set();
        Assert.Equal(0, Await(queue).Number);
        Assert.Equal(1, Await(queue).Number);
        Assert.False(queue.WaitForOpening(Token));
    }

    [Fact]
    public void Next_LongMessagesOfAChat_AreLongToo()
    {
        ChatOptions chat = new() { History = [new ChatTurn(ChatRole.User, s_long.Prompt)] };
        SourceQueue queue = Make(most: 2, s_short with { Options = new ThinkOptions { Chat = chat } }, s_short);
        Assert.Equal(1, queue.Take().Number);
    }

    [Fact]
    public void Next_ManyLongPrompts_AreNotAllTaken()
    {
        Prompts source = new([.. Enumerable.Repeat(s_long, SourceQueue.MostAside + 1), s_short]);
        SourceQueue queue = new(source, Open, contextLength: 4, most: 2);
        Assert.Null(queue.Next);
        Assert.Equal(2, source.Left);
        _gate.Set();
        int[] numbers = [.. Enumerable.Range(0, SourceQueue.MostAside + 2).Select(_ => Await(queue).Number)];
        Assert.Equal(Enumerable.Range(0, numbers.Length), numbers.Order());
        Assert.InRange(_mostAtOnce, 1, 2);
    }

    [Fact]
    public void Next_LongPromptsThatTogetherTakeTooMuchStack_AreOpenedInTurn()
    {
        BatchThought half = new(new string('x', (SourceQueue.MostCharacters / 2) + 1));
        SourceQueue queue = Make(most: 3, half, half, half);
        Assert.Equal([0, 1, 2], [Await(queue).Number, Await(queue).Number, Await(queue).Number]);
        Assert.Equal(1, _mostAtOnce);
    }

    [Fact]
    public void Next_LongPromptThatFails_IsAFailureOfThatThought()
    {
        SourceQueue queue = new(new Prompts([s_long]), (_, _) => throw new ConceptInputException("too much"), 4, most: 1);
        Assert.Null(queue.Next);
        while (queue.WaitForOpening(Token))
        {
            Assert.Null(queue.Next);
        }

        BatchEvent failure = Assert.Single(queue.TakeEnds());
        Assert.Equal((0, "too much"), (failure.Thought, failure.Problem?.Message));
    }

    [Fact]
    public void Next_LongPromptThatLlamaCppRefuses_IsAFailureOfThatThought()
    {
        SourceQueue queue = new(new Prompts([s_long]), (_, _) => throw new NativeCallException("llama_tokenize", "too long"), 4, most: 1);
        Assert.Null(queue.Next);
        while (queue.WaitForOpening(Token))
        {
            Assert.Null(queue.Next);
        }

        Assert.IsType<NativeCallException>(Assert.Single(queue.TakeEnds()).Problem);
    }

    [Fact]
    public void Next_LongPromptThatIsCancelled_EndsAtOnceAndKeepsItsPlaceUntilTheWorkIsDone()
    {
        using CancellationTokenSource cancelling = new();
        SourceQueue queue = Make(most: 1, s_long with { Cancellation = cancelling.Token }, s_long);
        Assert.Null(queue.Next);
        cancelling.Cancel();
        Assert.Null(queue.Next);
        Assert.Equal(new BatchEvent(0, new ThoughtEnded(StopReason.Cancelled)), Assert.Single(queue.TakeEnds()));
        Assert.True(queue.WaitForOpening(Token)); // for the other one
        _gate.Set();
        Assert.Equal(1, Await(queue).Number);
        Assert.Empty(queue.TakeEnds());
        Assert.False(queue.WaitForOpening(Token));
    }

    [Fact]
    public void Next_LongPromptThatIsCancelledBeforeItsTurn_IsNeverOpened()
    {
        using CancellationTokenSource cancelling = new();
        SourceQueue queue = Make(most: 1, s_long, s_long with { Cancellation = cancelling.Token });
        Assert.Null(queue.Next);
        cancelling.Cancel();
        _gate.Set();
        Assert.Equal(0, Await(queue).Number);
        Assert.Null(queue.Next);
        Assert.Equal(1, Assert.Single(queue.TakeEnds()).Thought);
        Assert.False(queue.WaitForOpening(Token));
        Assert.Equal(1, _opened);
    }

    private SourceQueue Make(int most, params BatchThought[] thoughts) => new(new Prompts(thoughts), Open, contextLength: 4, most);

    private QueuedThought Await(SourceQueue queue)
    {
        while (queue.Next is null)
        {
            Assert.True(queue.WaitForOpening(Token));
        }

        return queue.Take();
    }

    private Opening Open(BatchThought thought, ThinkOptions options)
    {
        lock (_gate)
        {
            _opened++;
            _mostAtOnce = Math.Max(_mostAtOnce, ++_atOnce);
        }

        if (thought.Prompt == s_long.Prompt)
        {
            _gate.Wait(Token);
        }

        Interlocked.Decrement(ref _atOnce);
        return new Opening([1], new Marker([]), new Marker([]));
    }

    private sealed class Prompts(IEnumerable<BatchThought> thoughts) : IThoughtSource
    {
        private readonly Queue<BatchThought> _waiting = new(thoughts);

        public int Left => _waiting.Count;

        public bool HasNext => Left > 0;

        public BatchThought? TryTake() => _waiting.TryDequeue(out BatchThought? thought) ? thought : null;

        public bool Wait(CancellationToken cancellation) => HasNext;
    }
}
