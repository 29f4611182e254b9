using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tests.Thinking;

/// <summary>Thoughts that join a batch while it runs.</summary>
public sealed class BatchSourceTests(LoadedModels models)
{
    private const string Prompt = "The capital of France is";

    private static readonly ThinkOptions s_options = new()
    {
        MaxSteps = 12, ColdStop = new ColdStop { Entropy = 0 }, Reader = new ReadOptions { MaxTokens = 3 }, AnswerTokens = 6,
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ConceptModel Model => models.Tiny(TinyArchitecture.Qwen2);

    [Fact]
    public void Think_ThoughtsThatComeOneAfterAnother_EqualRunsAlone()
    {
        BatchThought[] thoughts =
        [
            new(Prompt, s_options),
            new("What", s_options with { Strategy = new HiddenState() }),
            new(Prompt, s_options with { Strategy = new TokenDecoding { Greedy = true } }),
            new("The capital of one two three", s_options with { ChunkLength = 5 }),
            new(Prompt, s_options with { Strategy = new MultiToken(), Seed = 3 }),
        ];
        using ConceptBatch batch = Model.CreateBatch(3);
        Arrivals source = new();
        int told = 0;
        source.Add(thoughts[0]);
        List<BatchEvent> events = [];
        foreach (BatchEvent happened in batch.Think(source, Token))
        {
            events.Add(happened);
            if (told++ % 7 == 0 && source.Added < thoughts.Length) // in the middle of what the others do
            {
                source.Add(thoughts[source.Added]);
            }
        }

        Beside.AssertAsAlone(Model, thoughts, events);
        int second = events.FindIndex(happened => happened.Thought == 1), first = events.FindLastIndex(happened => happened.Thought == 0);
        Assert.InRange(second, 1, first); // it did not wait for the end of the one before
    }

    [Fact]
    public void Think_NothingToDo_WaitsAndGoesOnWithWhatComes()
    {
        using ConceptBatch batch = Model.CreateBatch(2);
        Arrivals source = new(rounds: [[new(Prompt, s_options)], [], [new("What", s_options)]]);

        Beside.AssertAsAlone(Model, [new(Prompt, s_options), new("What", s_options)], batch.Think(source, Token));
        Assert.Equal(4, source.Waits); // three times for something, once for nothing more
    }

    [Fact]
    public void Think_AfterAPromptOfHalfAMillionCharacters_DoesNotWaitForItsTokens()
    {
        BatchThought huge = new(new string('a', 500_000), s_options), usual = new(Prompt, s_options);
        using ConceptBatch batch = Model.CreateBatch(2);
        BatchEvent[] ends = [.. batch.Think(new Arrivals([huge, usual]), Token).Where(told => told.Happened is ThoughtEnded)];

        Assert.Equal([1, 0], ends.Select(end => end.Thought));
        Assert.Null(ends[0].Problem);
        Assert.Contains("does not fit the context", ends[1].Problem?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dispose_WhileAPromptIsOpened_LeavesTheModelUntilThatIsDone()
    {
        using CancellationTokenSource cancelling = new();
        ConceptModel model = ConceptModel.Load(
            TinyModels.Path(TinyArchitecture.Qwen2), new ModelOptions { Threads = 1 }, cancellation: Token);
        using (ConceptBatch batch = model.CreateBatch(1))
        {
            cancelling.CancelAfter(TimeSpan.FromMilliseconds(20)); // of some 500 that it takes
            Arrivals source = new([new BatchThought(new string('a', 500_000), s_options)]);
            Assert.Throws<OperationCanceledException>(() => batch.Think(source, cancelling.Token).Count());
        }

        model.Dispose();
        await Task.Delay(TimeSpan.FromSeconds(1), Token); // were it freed, this process would end
    }

    [Fact]
    public void Think_OthersOfAnotherKindCameWithoutEnd_StillGetsItsSteps()
    {
        ThinkOptions tokens = s_options with
        {
            Strategy = new TokenDecoding { Greedy = true }, MaxSteps = 40, FixedLength = true, Reader = null, AnswerTokens = 0,
        };
        ThinkOptions vectors = tokens with { Strategy = new SoftThinking() };
        using ConceptBatch batch = Model.CreateBatch(4);
        Arrivals source = new();
        for (int i = 0; i < 3; i++)
        {
            source.Add(new BatchThought(Prompt, tokens));
        }

        int told = 0, starved = -1;
        foreach (BatchEvent happened in batch.Think(source, Token))
        {
            if (told++ == 20) // in the middle of theirs
            {
                starved = source.Added;
                source.Add(new BatchThought(Prompt, vectors));
            }

            if (happened.Happened is ThoughtEnded)
            {
                if (happened.Thought == starved || told > 4000)
                {
                    break;
                }

                source.Add(new BatchThought(Prompt, tokens)); // as soon as one ends there is the next
            }
        }

        Assert.InRange(told, 21, 1000);
    }

    [Fact]
    public void Think_OneCancelled_EndsWithinTwoStepsAndLeavesItsSeat()
    {
        using CancellationTokenSource cancelled = new();
        ThinkOptions endless = s_options with { MaxSteps = 200, AnswerTokens = 0, Reader = null };
        using ConceptBatch batch = Model.CreateBatch(2);
        Arrivals source = new();
        source.Add(new BatchThought(Prompt, endless) { Cancellation = cancelled.Token });
        source.Add(new BatchThought("What", endless with { MaxSteps = 40 }));
        source.Add(new BatchThought("The", s_options)); // waits for a seat
        int steps = 0, stepsAfter = 0;
        List<BatchEvent> events = [];
        foreach (BatchEvent happened in batch.Think(source, Token))
        {
            events.Add(happened);
            if (happened is { Thought: 0, Happened: ConceptStep })
            {
                stepsAfter += cancelled.IsCancellationRequested ? 1 : 0;
                if (++steps == 5)
                {
                    cancelled.Cancel();
                }
            }
        }

        Assert.InRange(stepsAfter, 0, 2);
        Assert.Equal(new ThoughtEnded(StopReason.Cancelled), events.Last(happened => happened.Thought == 0).Happened);
        Assert.Null(events.Last(happened => happened.Thought == 0).Problem);
        Assert.Equal(40, events.Count(happened => happened is { Thought: 1, Happened: ConceptStep }));
        int ended = events.FindLastIndex(happened => happened.Thought == 0);
        Assert.InRange(events.FindIndex(happened => happened.Thought == 2), ended + 1, events.FindLastIndex(happened => happened.Thought == 1));
    }

    [Fact]
    public void Think_NoSeatFree_LeavesTheNextThoughtToItsSource()
    {
        using ConceptBatch batch = Model.CreateBatch(1);
        Arrivals source = new();
        source.Add(new BatchThought(Prompt, s_options));
        source.Add(new BatchThought("What", s_options));
        foreach (BatchEvent happened in batch.Think(source, Token))
        {
            Assert.Equal(happened.Thought == 0, source.HasNext); // it may still be taken back there
        }
    }

    [Fact]
    public void Think_CancelledBeforeItsSeat_IsNotFed()
    {
        using ConceptBatch batch = Model.CreateBatch(1);
        Arrivals source = new();
        source.Add(new BatchThought(Prompt, s_options) { Cancellation = new CancellationToken(canceled: true) });

        BatchEvent only = Assert.Single(batch.Think(source, Token));
        Assert.Equal(new ThoughtEnded(StopReason.Cancelled), only.Happened);
    }

    [Fact]
    public void Think_ALongPrompt_IsFedBetweenTheStepsOfOthers()
    {
        const int Words = 600; // of one token each
        ConceptModel model = models.Tiny(TinyArchitecture.Qwen2, new TinyOptions { ContextLength = 1024 });
        ThinkOptions brief = s_options with { MaxSteps = 3, Reader = null };
        BatchThought longest = new(string.Concat(Enumerable.Repeat(" cat dog", Words / 2)), brief);
        BatchThought other = new(Prompt, s_options with { MaxSteps = 20, Reader = null });
        using ConceptBatch batch = model.CreateBatch(2);
        Arrivals source = new();
        source.Add(other);
        List<BatchEvent> events = [];
        foreach (BatchEvent happened in batch.Think(source, Token))
        {
            events.Add(happened);
            if (happened is { Thought: 0, Happened: ConceptStep { Index: 4 } })
            {
                source.Add(longest);
            }
        }

        int begun = events.FindIndex(happened => happened is { Thought: 0, Happened: ConceptStep { Index: 4 } });
        int read = events.FindIndex(happened => happened is { Thought: 1, Happened: PromptRead });
        int steps = events.Take(read).Skip(begun).Count(happened => happened is { Thought: 0, Happened: ConceptStep });
        Assert.InRange(steps, Words / 128, 12); // a step after each part
        Beside.AssertAsAlone(model, [other, longest], events);
    }

    [Fact]
    public void Think_BadOptionsOrPrompt_FailThatThoughtAlone()
    {
        using ConceptBatch batch = Model.CreateBatch(2);
        Arrivals source = new();
        source.Add(new BatchThought(Prompt, s_options with { MaxSteps = -1 }));
        source.Add(new BatchThought("", s_options));
        source.Add(new BatchThought(Prompt, s_options));

        ILookup<int, BatchEvent> events = batch.Think(source, Token).ToLookup(happened => happened.Thought);
        Assert.Contains("The step limit is -1", Assert.Single(events[0]).Problem!.Message, StringComparison.Ordinal);
        Assert.Contains("empty", Assert.Single(events[1]).Problem!.Message, StringComparison.Ordinal);
        Assert.IsType<ThoughtEnded>(events[2].Last().Happened);
        Assert.Null(events[2].Last().Problem);
    }

    /// <summary>Thoughts that are added, or come in rounds, each after everything before has ended.</summary>
    private sealed class Arrivals(params BatchThought[][] rounds) : IThoughtSource
    {
        private readonly Queue<BatchThought> _waiting = new();
        private int _round;

        public int Added { get; private set; }

        public int Waits { get; private set; }

        public void Add(BatchThought thought)
        {
            Added++;
            _waiting.Enqueue(thought);
        }

        public bool HasNext => _waiting.Count > 0;

        public BatchThought? TryTake() => _waiting.TryDequeue(out BatchThought? thought) ? thought : null;

        public bool Wait(CancellationToken cancellation)
        {
            Waits++;
            if (_round < rounds.Length)
            {
                foreach (BatchThought thought in rounds[_round++])
                {
                    _waiting.Enqueue(thought);
                }

                return true;
            }

            return _waiting.Count > 0;
        }
    }
}
