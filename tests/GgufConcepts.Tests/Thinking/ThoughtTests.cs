using GgufConcepts.Gguf;
using GgufConcepts.Mixing;
using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Tests.Thinking;

/// <summary>What comes out of a thought: by seed, strategy and prompt.</summary>
public sealed class ThoughtTests(LoadedModels models)
{
    private const string Prompt = "The capital of France is";

    private static readonly ThinkOptions s_short = new()
    {
        MaxSteps = 5, ColdStop = new ColdStop { Entropy = 0 }, Reader = new ReadOptions { MaxTokens = 3 }, AnswerTokens = 3,
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ConceptModel Model => models.Tiny(TinyArchitecture.Qwen2);

    public static TheoryData<string> EveryStrategy => [.. StrategyCatalog.Standard.Names];

    [Theory, MemberData(nameof(EveryStrategy))]
    public void Think_SameSeed_GivesTheSameTrace(string strategy)
    {
        ThinkOptions options = s_short with
        {
            Strategy = StrategyCatalog.Standard.Make(strategy), Seed = 5, Answer = new TokenDecoding(), AnswerTokens = 20,
        };
        Assert.Equal(
            Runs.WithoutTimes(Runs.Think(Model, Prompt, options)), Runs.WithoutTimes(Runs.Think(Model, Prompt, options)));
    }

    /// <summary>One table for input and output: the map is the identity, so what is left is the length. Two tables: the
    /// map of the file's own tensors, kept for the next run.</summary>
    [Theory]
    [InlineData(TinyArchitecture.Qwen2)]
    [InlineData(TinyArchitecture.Qwen2Untied)]
    public void Think_Realigned_IsTheMappedStateAtTheLengthOfARow(TinyArchitecture kind)
    {
        ConceptModel model = models.Tiny(kind);
        using TempFolder cache = new();
        Environment.SetEnvironmentVariable("GGUFCONCEPTS_CACHE_DIR", cache.Path);
        ThinkOptions options = s_short with { Reader = null, AnswerTokens = 0 };
        float[] plain = Floats(Runs.Think(model, Prompt, options with { Strategy = new HiddenState() }).Steps[0]);
        float[] realigned = Floats(Runs.Think(model, Prompt, options with { Strategy = new HiddenState { Realign = true } }).Steps[0]);
        float[] mapped = plain;
        if (kind == TinyArchitecture.Qwen2Untied)
        {
            using GgufModelFile file = GgufModelFile.Open(model.Info.Path);
            RidgeMap map = RidgeMap.Compute(file.Find("token_embd.weight")!, file.Find("output.weight")!, Token);
            mapped = new float[plain.Length];
            map.Apply(plain, mapped);
        }

        Assert.Equal(kind == TinyArchitecture.Qwen2Untied ? 1 : 0, Directory.GetFiles(cache.Path).Length);
        double length = EmbeddingStatistics.Measure(model.Embeddings).MeanNorm;
        double scale = length / Math.Sqrt(mapped.Sum(value => (double)value * value));
        Assert.Equal(mapped.Length, realigned.Length);
        Assert.All(mapped.Zip(realigned), pair => Assert.Equal(scale * pair.First, pair.Second, 1e-4));

        static float[] Floats(TraceStep step) =>
            System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(step.Vector).ToArray();
    }

    [Fact]
    public void Think_OtherSeed_DrawsOtherTokens()
    {
        ThinkOptions options = s_short with { Strategy = new TokenDecoding(), MaxSteps = 20 };
        IEnumerable<int?> Drawn(ulong seed) =>
            Runs.Think(Model, Prompt, options with { Seed = seed }).Steps.Select(step => step.Chosen?.Id);
        Assert.NotEqual(Drawn(1), Drawn(2));
    }

    [Fact]
    public void Think_OtherSeed_DrawsAnotherAnswer()
    {
        ThinkOptions options = s_short with { Answer = new TokenDecoding(), AnswerTokens = 20 };
        Trace one = Runs.Think(Model, Prompt, options with { Seed = 1 });
        Trace other = Runs.Think(Model, Prompt, options with { Seed = 2 });
        Assert.NotEqual(one.Answer, other.Answer);
        Assert.Equal(one.Steps.Select(step => step.Entropy), other.Steps.Select(step => step.Entropy)); // nothing is drawn there
    }

    [Fact]
    public void Think_DrawnThoughtAndAnswer_DrawAnew()
    {
        TokenDecoding evenly = new() { Mix = new MixOptions { Temperature = 1e6f } }; // every token as likely as any other
        ThinkOptions options = new() { Strategy = evenly, Answer = evenly, MaxSteps = 8, AnswerTokens = 8, Seed = 1 };
        Trace trace = Runs.Think(Model, Prompt, options);
        string thought = Model.Tokenizer.Decode([.. trace.Steps.Select(step => step.Chosen!.Id)]);
        Assert.False(thought.StartsWith(trace.Answer, StringComparison.Ordinal) && trace.Answer.Length > 0, thought);
    }

    [Fact]
    public void Think_NoAnswerWanted_GivesNone()
    {
        using ConceptSession session = Model.CreateSession();
        List<ThoughtEvent> events = [.. session.Think(Prompt, s_short with { AnswerTokens = 0 }, Token)];
        Assert.DoesNotContain(events, happened => happened is AnswerPiece);
        Assert.Equal(
            [typeof(PromptRead), .. Enumerable.Repeat(typeof(ConceptStep), 5), typeof(ChunkRead), typeof(ThoughtEnded)],
            events.Select(happened => happened.GetType()));
    }

    [Theory]
    [InlineData(TinyArchitecture.Qwen2Untied)]
    [InlineData(TinyArchitecture.Gemma3)]
    [InlineData(TinyArchitecture.Qwen2VL)]
    [InlineData(null)]
    public void Think_SoftOfOneToken_EqualsGreedyTokens(TinyArchitecture? kind)
    {
        ConceptModel model = kind is { } tiny ? models.Tiny(tiny) : models.Stories();
        ThinkOptions soft = s_short with { MaxSteps = 40, Strategy = new SoftThinking { Mix = new() { MaxTopK = 1 } } };
        ThinkOptions greedy = s_short with
        {
            MaxSteps = 40, Strategy = new TokenDecoding { Greedy = true, Mix = new() { MaxTopK = 1 } },
        };
        Trace vectors = Runs.Think(model, Prompt, soft);
        Trace tokens = Runs.Think(model, Prompt, greedy);
        Assert.InRange(tokens.Steps.Count, 3, 40);
        Assert.Equal(
            tokens.Steps.Select(step => (step.Position, step.Kind, step.Chosen, step.Entropy)), // the very same logits
            vectors.Steps.Select(step => (step.Position, step.Kind, step.Chosen, step.Entropy)));
        Assert.Equal(tokens.Answer, vectors.Answer);
    }

    [Theory]
    [InlineData(TinyArchitecture.Qwen2)]
    [InlineData(TinyArchitecture.Gpt2)]
    [InlineData(TinyArchitecture.Llama)]
    public void Think_WidestMixture_HoldsNoControlToken(TinyArchitecture kind)
    {
        ConceptModel model = models.Tiny(kind);
        ThinkOptions options = s_short with { Strategy = new SoftThinking { Mix = new() { MaxTopK = 256 } }, MaxSteps = 20 };
        Trace trace = Runs.Think(model, Prompt, options);
        Assert.True(trace.Steps.Count > 3);
        HashSet<int> mixed = [.. trace.Steps.SelectMany(step => step.Tokens).Select(token => token.Id)];
        Assert.True(mixed.Count > model.Info.VocabularySize / 2);
        Assert.DoesNotContain(mixed, model.Tokenizer.NeverMixed.Contains);
    }

    [Fact]
    public void Think_EmptyPromptWithoutBeginMarker_IsInputError()
    {
        ConceptInputException refused = Assert.Throws<ConceptInputException>(() => Runs.Think(Model, "", s_short));
        Assert.Equal("The prompt is empty; write at least one word.", refused.Message);
        Assert.Single(Runs.Think(models.Tiny(TinyArchitecture.Llama), "", s_short).PromptTokens); // the marker is enough
    }

    [Fact]
    public void Think_StrategyThatWantsHiddenStates_IsShownThem()
    {
        ScriptedStrategy strategy = new(ScriptedStrategy.Unsure) { NeedsHidden = true };
        Runs.Think(Model, Prompt, s_short with { Strategy = strategy, ChunkLength = 2 });
        Assert.Equal(5, strategy.HiddenSeen.Count);
        Assert.All(strategy.HiddenSeen, hidden => Assert.Equal(64, hidden.Length));
        Assert.NotEqual(strategy.HiddenSeen[0], strategy.HiddenSeen[1]);

        ScriptedStrategy blind = new(ScriptedStrategy.Unsure);
        Runs.Think(Model, Prompt, s_short with { Strategy = blind });
        Assert.All(blind.HiddenSeen, Assert.Empty);
    }
}
