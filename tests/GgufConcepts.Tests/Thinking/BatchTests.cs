using GgufConcepts.Decoding;
using GgufConcepts.Mixing;
using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tests.Thinking;

/// <summary>Thoughts side by side are what they are alone.</summary>
public sealed class BatchTests(LoadedModels models)
{
    private const string Prompt = "The capital of France is";

    private static readonly ThinkOptions s_options = new()
    {
        MaxSteps = 12, ColdStop = new ColdStop { Entropy = 0 }, Reader = new ReadOptions { MaxTokens = 3 }, AnswerTokens = 6,
    };

    public static TheoryData<TinyArchitecture> Architectures =>
        [TinyArchitecture.Gpt2, TinyArchitecture.Gemma3, TinyArchitecture.Llama, .. TinyDesigns.Recurrent];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ConceptModel Model => models.Tiny(TinyArchitecture.Qwen2);

    [Fact]
    public void Think_RulesLimitsAndPromptsOfTheirOwn_EqualRunsAlone()
    {
        BatchThought[] thoughts =
        [
            new(Prompt, s_options),
            new("The capital", s_options with { MaxSteps = 3, Reader = null }), // all of what the prompts share
            new(Prompt, s_options with { Strategy = new HiddenState() }),
            new("The capital of one two three", s_options with { Strategy = new TokenDecoding { Greedy = true } }),
            new(Prompt, s_options with { Strategy = new SoftThinking { Noise = MixNoise.Gumbel }, Seed = 7 }),
            new(Prompt, s_options with { ChunkLength = 5 }),
            new(Prompt, s_options with { ThinkEnd = TinyVocabulary.ImStart, MaxSteps = 5, AnswerTokens = 0 }),
            new(Prompt, s_options with { Strategy = new MultiToken(), Seed = 3, Answer = new TokenDecoding() }),
            new(Prompt, s_options with { Strategy = new ScriptedStrategy(-1, 70, 70, 70), ColdStop = new ColdStop() }),
        ];
        using ConceptBatch wide = Model.CreateBatch(thoughts.Length);
        Beside.AssertAsAlone(Model, thoughts, wide.Think(thoughts, Token));
        using ConceptBatch narrow = Model.CreateBatch(2); // the others wait for a seat
        Beside.AssertAsAlone(Model, thoughts, narrow.Think(thoughts, Token));
        Beside.AssertAsAlone(Model, thoughts, narrow.Think(thoughts, Token)); // nothing is left of the first run
    }

    [Theory]
    [InlineData("atlas-gpt2")]
    [InlineData("atlas")]
    public void Think_TrainedModelManySamples_EqualRunsAlone(string name)
    {
        ConceptModel model = models.Committed(name);
        IReadOnlyList<BatchThought> thoughts = BatchThought.Samples(
            Prompt, 20, s_options with { Strategy = new SoftThinking { Noise = MixNoise.Gumbel }, Seed = 40 });
        Assert.Equal(Enumerable.Range(40, 20).Select(seed => (ulong)seed), thoughts.Select(thought => thought.Options!.Seed));
        using ConceptBatch batch = model.CreateBatch(8);

        // Weights of 16 bits: llama.cpp rounds activations to as many, one row and eight by other routines.
        Beside.AssertAsAlone(model, thoughts, batch.Think(thoughts, Token), within: 1e-2);
    }

    [Theory, MemberData(nameof(Architectures))]
    public void Think_OtherArchitectures_EqualRunsAlone(TinyArchitecture kind)
    {
        ConceptModel model = models.Tiny(kind);
        ThinkOptions options = s_options with { MaxSteps = 6 }; // rounding grows, in a random model tenfold a step
        BatchThought[] thoughts =
        [
            .. BatchThought.Samples(Prompt, 5, options),
            new(Prompt, options with { ChunkLength = 3 }), // which goes back, without rewinding
        ];
        using ConceptBatch batch = model.CreateBatch(4);
        Beside.AssertAsAlone(model, thoughts, batch.Think(thoughts, Token));
    }

    [Fact]
    public void Think_OneFails_OthersGoOn()
    {
        int step = 0;
        ScriptedStrategy failing = new(-1) { MidStep = () => _ = ++step < 4 ? 0 : throw new NonFiniteLogitsException("Logit 3 is NaN") };
        BatchThought[] thoughts =
        [
            new(Prompt, s_options),
            new(Prompt, s_options with { Strategy = failing }),
            new(string.Concat(Enumerable.Repeat(" one", 5000)), s_options),
            new(Prompt, s_options with { Strategy = new PoisonStrategy() }),
            new("The capital", s_options),
        ];
        using ConceptBatch batch = Model.CreateBatch(5);
        List<BatchEvent> events = [.. batch.Think(thoughts, Token)];
        Assert.Equal(3, Of(events, 1).OfType<ConceptStep>().Count());
        Assert.Equal(
            [(2, typeof(ContextFullException)), (3, typeof(ArgumentException)), (1, typeof(NonFiniteLogitsException))],
            events.Where(e => e.Happened is ThoughtEnded { Reason: StopReason.Failed })
                .OrderBy(e => e.Thought == 1).ThenBy(e => e.Thought).Select(e => (e.Thought, e.Problem!.GetType())));
        Beside.AssertAsAlone(Model, [thoughts[0]], events.Where(e => e.Thought == 0));
        Beside.AssertAsAlone(Model, [thoughts[4]], events.Where(e => e.Thought == 4).Select(e => e with { Thought = 0 }));
    }

    [Fact]
    public void Think_FewRows_WaitsAndGivesTheSame()
    {
        ConceptModel model = models.Tiny(TinyArchitecture.Qwen2, context: 64);
        ThinkOptions options = s_options with { MaxSteps = 100, ThinkEnd = "", FixedLength = true }; // each fills a context
        BatchThought[] thoughts = [new(Prompt, options), new("The woman", options), new("one", s_options with { Reader = null })];
        using ConceptBatch batch = model.CreateBatch(3, rows: 64);
        List<BatchEvent> events = [.. batch.Think(thoughts, Token)];
        Beside.AssertAsAlone(model, thoughts, events);
        Assert.Equal(StopReason.ContextFull, Of(events, 0).OfType<ThoughtEnded>().Single().Reason);
        int end = events.FindIndex(e => e is { Thought: 0, Happened: ThoughtEnded });
        Assert.True(events.FindIndex(e => e.Thought == 1) > end); // no room beside the first
    }

    [Fact]
    public void Think_WithinAPhase_RowsAreFedTogetherAndGraphsUsedAgain()
    {
        const int Count = 8;
        const int Steps = 60;
        ThinkOptions options = s_options with { MaxSteps = Steps, FixedLength = true, ThinkEnd = "", AnswerTokens = 20, Reader = null };
        using ConceptBatch batch = Model.CreateBatch(Count, rows: Count * 2 * Steps); // a seat for each at once
        LlamaDecoder decoder = (LlamaDecoder)batch.Decoder;
        int before = decoder.GraphReuses;
        int answered = 0;
        foreach (BatchEvent happened in batch.Think(BatchThought.Samples(Prompt, Count, options), Token))
        {
            answered += happened.Happened is AnswerPiece ? 1 : 0;
        }

        // Steps + answers decodes for all; a graph is built for the prompt, the first of each phase and a padded length.
        int decodes = Steps + (answered / Count);
        Assert.InRange(decoder.GraphReuses - before, decodes - 6, decodes);
    }

    [Fact]
    public void Think_OnePrompt_IsFedOnce()
    {
        using ConceptBatch batch = Model.CreateBatch(3);
        int[] prompt = Model.Tokenizer.EncodePrompt(Prompt);
        bool seen = false;
        foreach (BatchEvent _ in batch.Think(BatchThought.Samples(Prompt, 5, s_options), Token))
        {
            Assert.Equal(prompt.Length, batch.Decoder.Position(2 * batch.Size)); // where what they share is
            seen = true;
        }

        Assert.True(seen);
    }

    [Fact]
    public void Think_CancelledWithinAStep_ThrowsAndTheBatchGoesOn()
    {
        using CancellationTokenSource source = new();
        int step = 0;
        ScriptedStrategy cancels = new(-1) { MidStep = () => { if (++step == 3) { source.Cancel(); } } };
        using ConceptBatch batch = Model.CreateBatch(2);
        Assert.ThrowsAny<OperationCanceledException>(() => batch.Think(
            [new(Prompt, s_options with { Strategy = cancels }), new(Prompt, s_options)], source.Token).Count());
        BatchThought[] thoughts = [new(Prompt, s_options)];
        Beside.AssertAsAlone(Model, thoughts, batch.Think(thoughts, Token));
    }

    [Fact]
    public void Think_BadOption_NamesTheThought()
    {
        using ConceptBatch batch = Model.CreateBatch(1);
        ConceptInputException problem = Assert.Throws<ConceptInputException>(
            () => batch.Think([new(Prompt), new(Prompt, s_options with { MaxSteps = -1 })], Token));
        Assert.StartsWith("Thought 1: The step limit is -1", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(ConceptBatch.Largest + 1, null)]
    [InlineData(1, 10)]
    public void CreateBatch_OutOfRange_IsRefused(int size, int? rows) =>
        Assert.Throws<ConceptInputException>(() => Model.CreateBatch(size, rows));

    [Fact]
    public void Think_ASecondRunOrADisposedBatch_IsRefused()
    {
        ConceptBatch batch = Model.CreateBatch(2);
        using (IEnumerator<BatchEvent> first = batch.Think([new(Prompt)], Token).GetEnumerator())
        {
            Assert.True(first.MoveNext());
            Assert.Throws<InvalidOperationException>(() => batch.Think([new(Prompt)], Token).Count());
            batch.Dispose();
            Assert.Throws<ObjectDisposedException>(() => first.MoveNext());
        }

        Assert.Throws<ObjectDisposedException>(() => batch.Think([new(Prompt)], Token).Count());
    }

    private static IEnumerable<ThoughtEvent> Of(IEnumerable<BatchEvent> events, int thought) =>
        events.Where(happened => happened.Thought == thought).Select(happened => happened.Happened);

    /// <summary>Feeds a vector that would poison the sequence.</summary>
    private sealed class PoisonStrategy : IStrategy, IStrategyRun
    {
        public string Name => "poison";

        public System.Text.Json.Nodes.JsonObject Settings => [];

        public IReadOnlyList<string> FindProblems() => [];

        public IStrategyRun Start(StrategyContext context) => this;

        public void Choose(in StepInput input, NextInput next)
        {
            next.Vector.Fill(float.NaN);
            next.FeedVector();
        }
    }
}
