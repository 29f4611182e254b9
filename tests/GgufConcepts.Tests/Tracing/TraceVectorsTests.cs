using System.Runtime.InteropServices;
using GgufConcepts.Decoding;
using GgufConcepts.Models;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Tests.Thinking;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Tests.Tracing;

/// <summary>A saved trace gives back the very vectors that were fed.</summary>
public sealed class TraceVectorsTests(LoadedModels models)
{
    private const string Prompt = "The capital of France is";
    private const int Steps = 12;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("soft", TinyArchitecture.Qwen2, 10)]
    [InlineData("soft", TinyArchitecture.Gemma3, 10)] // scaled rows
    [InlineData("soft", TinyArchitecture.Llama, 256)]
    [InlineData("soft", TinyArchitecture.Qwen2Untied, 1)] // token steps
    [InlineData("multi:k=5", TinyArchitecture.Gemma3, 10)]
    [InlineData("moi:beta=0.2", TinyArchitecture.Qwen2, 10)]
    [InlineData("soft:noise=gumbel", TinyArchitecture.Qwen2, 10)]
    [InlineData("soft:noise=dirichlet", TinyArchitecture.Gemma3, 10)]
    [InlineData("selective:tau=0", TinyArchitecture.Gemma3, 10)]
    [InlineData("switch:window=0,maxSwitches=0", TinyArchitecture.Qwen2, 10)]
    [InlineData("router:tau=0.02", TinyArchitecture.Qwen2, 10)]
    [InlineData("full", TinyArchitecture.Gemma3, 0)]
    [InlineData("noise", TinyArchitecture.Gemma3, 0)]
    [InlineData("hidden", TinyArchitecture.Qwen2, 10)]
    [InlineData("hidden", TinyArchitecture.Gemma3, 3)]
    public void Rebuild_SavedTrace_GivesTheVectorsFedToTheBit(string name, TinyArchitecture kind, int most)
    {
        ConceptModel model = models.Tiny(kind);
        StrategySpec spec = StrategySpec.ParseList(name)[0];
        IStrategy strategy = StrategyCatalog.Standard.Make(most == 0 ? spec : spec.With([new("maxTopK", $"{most}")]));
        ThinkOptions options = new()
        {
            Strategy = strategy, MaxSteps = Steps, ColdStop = new ColdStop { Entropy = 0 }, AnswerTokens = 0,
        };
        using TempFolder folder = new();
        TraceJson.Save(Runs.Think(model, Prompt, options), folder.File("trace.json"));
        Trace trace = TraceJson.Load(folder.File("trace.json"));
        Assert.InRange(trace.Steps.Count, 5, Steps); // a drawn token may end the text

        float[] fed = Feed(model, strategy)[..(trace.Steps.Count * 64)];
        using ConceptSession session = model.CreateSession();
        float[] rebuilt = TraceVectors.Rebuild(trace, model.Info, session.Embeddings);
        Assert.Equal(MemoryMarshal.Cast<float, int>(fed).ToArray(), MemoryMarshal.Cast<float, int>(rebuilt).ToArray());
    }

    [Fact]
    public void Rebuild_DialogueWithEndMarker_GivesTheMarkersRow()
    {
        ConceptModel model = models.Tiny(TinyArchitecture.Gemma3);
        ThinkOptions options = new()
        {
            Strategy = new ScriptedStrategy(ScriptedStrategy.Unsure), MaxSteps = 3, AnswerTokens = 0, ThinkEnd = TinyVocabulary.ImStart,
        };
        using ConceptSession session = model.CreateSession();
        float[] rebuilt = TraceVectors.Rebuild(Runs.Think(model, Prompt, options), model.Info, session.Embeddings);
        Assert.Equal(session.Embeddings.Rows([TinyVocabulary.ImStartId]), rebuilt[(3 * 64)..]);
    }

    public static TheoryData<string> BadSteps => [.. s_badSteps.Keys];

    private static readonly Dictionary<string, Func<TraceStep, TraceStep>> s_badSteps = new()
    {
        ["negative id"] = step => step with { Tokens = [new TraceToken(-1, "", 1)] },
        ["least id"] = step => step with { Tokens = [new TraceToken(int.MinValue, "", 1)] },
        ["huge id"] = step => step with { Tokens = [new TraceToken(int.MaxValue, "", 1)] },
        ["chosen out of range"] = step => step with { Kind = "token", Chosen = new TraceChosen(100_000, "") },
        ["chosen negative"] = step => step with { Kind = "token", Chosen = new TraceChosen(-5, "") },
        ["no tokens"] = step => step with { Tokens = [] },
        ["too many tokens"] = step => step with { Tokens = [.. Enumerable.Repeat(new TraceToken(1, "", 0), 257)] },
        ["hidden without vector"] = step => step with { Kind = "hidden" },
        ["hidden too short"] = step => step with { Kind = "hidden", Vector = new byte[63 * 4] },
        ["hidden with a broken float"] = step => step with { Kind = "hidden", Vector = new byte[(64 * 4) + 3] },
        ["hidden with NaN"] = step => step with { Kind = "hidden", Vector = Bytes(float.NaN) },
        ["hidden with infinity"] = step => step with { Kind = "hidden", Vector = Bytes(float.NegativeInfinity) },
        ["probability without end"] = step => step with { Tokens = [new TraceToken(1, "", float.MaxValue), new TraceToken(1, "", float.MaxValue)] },
    };

    [Theory, MemberData(nameof(BadSteps))]
    public void Rebuild_BadStep_IsInputErrorNamingTheStep(string bad)
    {
        ConceptModel model = models.Tiny(TinyArchitecture.Qwen2);
        using ConceptSession session = model.CreateSession();
        Trace trace = Runs.Think(model, Prompt, new ThinkOptions { MaxSteps = 3, AnswerTokens = 0 });
        Trace changed = trace with { Steps = [trace.Steps[0], s_badSteps[bad](trace.Steps[1]), trace.Steps[2]] };
        ConceptInputException refused = Assert.Throws<ConceptInputException>(
            () => TraceVectors.Rebuild(changed, model.Info, session.Embeddings));
        Assert.Contains("Step 1 of the trace", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rebuild_OtherModel_IsInputErrorNamingBoth()
    {
        ConceptModel model = models.Tiny(TinyArchitecture.Qwen2);
        Trace trace = Runs.Think(model, Prompt, new ThinkOptions { MaxSteps = 2, AnswerTokens = 0 });
        ConceptModel padded = models.Tiny(TinyArchitecture.Qwen2, new TinyOptions { PaddingTokens = 3 });
        ConceptModel wide = models.Tiny(TinyArchitecture.Qwen2, new TinyOptions { EmbeddingType = GgufConcepts.Native.GgmlType.Q6_K });
        foreach (ConceptModel other in (ConceptModel[])[padded, wide])
        {
            using ConceptSession session = other.CreateSession();
            ConceptInputException refused = Assert.Throws<ConceptInputException>(
                () => TraceVectors.Rebuild(trace, other.Info, session.Embeddings));
            Assert.Contains($"tokens, {other.Info.EmbeddingLength} wide. Use the model it came from.", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Add_NearestTokens_OfATokenStepIsThatToken()
    {
        ConceptModel model = models.Tiny(TinyArchitecture.Gemma3);
        using ConceptSession session = model.CreateSession();
        Trace trace = Runs.Think(model, Prompt, new ThinkOptions
        {
            Strategy = new SoftThinking { Mix = new() { MaxTopK = 1 } }, MaxSteps = 5, AnswerTokens = 0,
        });
        Trace added = TraceNeighbors.Add(trace, model, session, 3, TestContext.Current.CancellationToken);
        Assert.All(added.Steps, step =>
        {
            Assert.Equal(3, step.Nearest!.Count);
            Assert.Equal(step.Chosen!.Id, step.Nearest[0].Id);
            Assert.Equal(1f, step.Nearest[0].Cosine, 1e-5f);
        });
        Assert.Same(trace.PromptTokens, added.PromptTokens);
    }

    private static byte[] Bytes(float value)
    {
        float[] vector = new float[64];
        vector[3] = value;
        return MemoryMarshal.AsBytes(vector.AsSpan()).ToArray();
    }

    /// <summary>The vectors a writer feeds, taken where they enter the decoder.</summary>
    private static float[] Feed(ConceptModel model, IStrategy strategy)
    {
        using ConceptSession session = model.CreateSession();
        RecordingDecoder decoder = new(session.Decoder);
        Timeline timeline = new(decoder, 0, strategy.NeedsHidden ? Outputs.Logits | Outputs.Hidden : Outputs.Logits);
        StrategyContext context = new(model.Info.VocabularySize, 64, 64, model.Tokenizer.NeverMixed, Seed: 0)
        {
            Space = session.Embeddings, MaxSteps = Steps,
        };
        Writer writer = new(timeline, strategy, context, session.Embeddings);
        timeline.Feed(model.Tokenizer.EncodePrompt(Prompt), Token);
        for (int step = 0; step < Steps; step++)
        {
            writer.Choose();
            writer.Feed(Token);
        }

        Assert.Equal(Steps * 64, decoder.Vectors.Count);
        return [.. decoder.Vectors];
    }

    private sealed class RecordingDecoder(IDecoder inner) : IDecoder
    {
        public List<float> Vectors { get; } = [];

        public DecoderInfo Info => inner.Info;

        public int OutputCount => inner.OutputCount;

        public void Feed(int sequence, ReadOnlySpan<float> vectors, Outputs outputs, CancellationToken cancellation)
        {
            Vectors.AddRange(vectors);
            inner.Feed(sequence, vectors, outputs, cancellation);
        }

        public void Feed(int sequence, ReadOnlySpan<int> tokens, Outputs outputs, CancellationToken cancellation) =>
            inner.Feed(sequence, tokens, outputs, cancellation);

        public void Step(ReadOnlySpan<int> sequences, ReadOnlySpan<int> tokens, Outputs outputs, CancellationToken cancellation) =>
            inner.Step(sequences, tokens, outputs, cancellation);

        public void Step(ReadOnlySpan<int> sequences, ReadOnlySpan<float> vectors, Outputs outputs, CancellationToken cancellation) =>
            inner.Step(sequences, vectors, outputs, cancellation);

        public ReadOnlySpan<float> Logits(int output) => inner.Logits(output);

        public ReadOnlySpan<float> Hidden(int output) => inner.Hidden(output);

        public int Position(int sequence) => inner.Position(sequence);

        public bool TryRewind(int sequence, int position) => inner.TryRewind(sequence, position);

        public void Fork(int from, int to) => inner.Fork(from, to);

        public void Dispose() => inner.Dispose();
    }
}
