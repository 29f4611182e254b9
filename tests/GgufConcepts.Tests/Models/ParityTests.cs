using GgufConcepts.Gguf;
using GgufConcepts.Models;
using GgufConcepts.Native;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tests.Models;

/// <summary>A token's row, fed as a vector, is the token: to the last bit on every model here.</summary>
public sealed class ParityTests(LoadedModels models)
{
    public static TheoryData<TinyArchitecture> Architectures => [.. TinyDesigns.Thinking];

    [Theory, MemberData(nameof(Architectures))]
    public void Parity_TinyModel_IsExact(TinyArchitecture kind)
    {
        Parity parity = models.Tiny(kind).Parity;
        Assert.Equal((ParityVerdict.Exact, 0d), (parity.Verdict, parity.LargestDifference));
        Assert.Equal(TinyDesigns.Of(kind).InputScale, parity.InputScale);
        Assert.InRange(parity.LogitSpread, 0.1, 100);
    }

    [Theory]
    [InlineData(TinyArchitecture.Gpt2, 1)]
    [InlineData(TinyArchitecture.Gpt2, 3)]
    [InlineData(TinyArchitecture.Qwen2, 3)]
    public void Parity_FewPositions_IsExact(TinyArchitecture kind, int positions)
    {
        ConceptModel model = models.Tiny(kind, new TinyOptions { ContextLength = positions });
        Assert.Equal(ParityVerdict.Exact, model.Parity.Verdict);
        using ConceptSession session = model.CreateSession();
        Assert.Equal(positions, session.Decoder.Info.ContextLength);
    }

    [Theory]
    [InlineData(TinyArchitecture.Qwen2, GgmlType.F16)]
    [InlineData(TinyArchitecture.Qwen2, GgmlType.Q8_0)]
    [InlineData(TinyArchitecture.Qwen2, GgmlType.Q4_0)]
    [InlineData(TinyArchitecture.Qwen2, GgmlType.Q6_K)]
    [InlineData(TinyArchitecture.Qwen2Untied, GgmlType.Q4_K)]
    [InlineData(TinyArchitecture.Llama, GgmlType.BF16)]
    [InlineData(TinyArchitecture.Gpt2, GgmlType.Q8_0)]
    [InlineData(TinyArchitecture.Qwen2VL, GgmlType.Q4_0)]
    [InlineData(TinyArchitecture.Gemma3, GgmlType.Q8_0)]
    [InlineData(TinyArchitecture.Gemma3, GgmlType.Q6_K)]
    public void Parity_StoredEmbeddings_IsExact(TinyArchitecture kind, GgmlType type)
    {
        TinyOptions options = new() { EmbeddingType = type };
        Parity parity = models.Tiny(kind, options).Parity;
        Assert.Equal((ParityVerdict.Exact, 0d), (parity.Verdict, parity.LargestDifference));
        Assert.Equal(kind == TinyArchitecture.Gemma3 ? MathF.Sqrt(options.Width) : 1f, parity.InputScale);
    }

    [Fact]
    public void Parity_Stories_IsExact()
    {
        Parity parity = models.Stories().Parity;
        Assert.Equal((ParityVerdict.Exact, 1f), (parity.Verdict, parity.InputScale));
    }

    [Theory]
    [InlineData(TinyArchitecture.Gpt2, 1)] // a position past the table would abort the process
    [InlineData(TinyArchitecture.Gpt2, 4)]
    [InlineData(TinyArchitecture.Gpt2, 12)]
    [InlineData(TinyArchitecture.Qwen2, 1)]
    public void Parity_FewPositions_IsProbedOnThose(TinyArchitecture kind, int positions)
    {
        ConceptModel model = models.Tiny(kind, new TinyOptions { ContextLength = positions });
        Assert.Equal(ParityVerdict.Exact, model.Parity.Verdict);
        using ConceptSession session = model.CreateSession();
        Assert.Equal(positions, session.Decoder.Info.ContextLength);
    }

    [Fact]
    public async Task LoadAsync_NoPositions_IsInputErrorNamingTheFile()
    {
        string path = TinyModels.Path(TinyArchitecture.Qwen2, new TinyOptions { ContextLength = 0 });
        GgufException refused = await Assert.ThrowsAsync<GgufException>(
            () => ConceptModel.LoadAsync(path, new ModelOptions { GpuLayers = 0 }, null, TestContext.Current.CancellationToken));
        Assert.StartsWith(path, refused.Message, StringComparison.Ordinal);
        Assert.Contains("qwen2.context_length is 0", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TinyArchitecture.Glm4, false)] // the process would end
    [InlineData(TinyArchitecture.Gemma3n, true)]
    [InlineData(TinyArchitecture.CogVLM, true)]
    public async Task Embeddings_AllowApproximate_LetsThroughWhatCanBeTried(TinyArchitecture kind, bool allowed)
    {
        ModelOptions options = new() { GpuLayers = 0, Threads = 1, AllowApproximate = true };
        using ConceptModel model = await ConceptModel.LoadAsync(
            TinyModels.Path(kind), options, null, TestContext.Current.CancellationToken);
        Assert.False(model.Parity.Holds);
        using ConceptSession session = model.CreateSession();
        Exception? refused = Record.Exception(() => session.Embeddings);
        Assert.Equal(allowed ? null : typeof(ConceptInputException), refused?.GetType());
        Assert.DoesNotContain("--allow-approximate", refused?.Message ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void Think_TokenStrategy_NeedsNoParity()
    {
        ConceptModel model = models.Tiny(TinyArchitecture.Qwen2, new TinyOptions { Seed = 77 });
        using ConceptSession session = model.CreateSession();
        ThinkOptions options = new() { Strategy = new TokenDecoding { Greedy = true }, MaxSteps = 2, AnswerTokens = 0 };
        List<ThoughtEvent> events = [.. session.Think("The capital", options, TestContext.Current.CancellationToken)];
        Assert.Equal(2, events.OfType<ConceptStep>().Count());
        Assert.DoesNotContain(events, happened => happened is ChunkRead);
    }
}
