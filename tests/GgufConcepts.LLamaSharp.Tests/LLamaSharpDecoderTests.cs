using GgufConcepts.Decoding;
using GgufConcepts.Gguf;
using GgufConcepts.Models;
using GgufConcepts.Testing;
using GgufConcepts.Tests.Decoding;

namespace GgufConcepts.LLamaSharp.Tests;

/// <summary>The contract on LLamaSharp.</summary>
public sealed class LLamaSharpDecoderTests : DecoderContract
{
    private static readonly LLamaSharpBackend s_backend = OneBackend.Instance;

    protected override string? WhyNot(TinyArchitecture kind) => kind switch
    {
        TinyArchitecture.Qwen2VL or TinyArchitecture.Qwen3VL or TinyArchitecture.Qwen35 or TinyArchitecture.Glm4V =>
            "LLamaSharp cannot give a vector several positions (M-RoPE).",
        TinyArchitecture.GraniteVision => "LLamaSharp cannot feed vectors wider than an embedding.",
        _ => null,
    };

    protected override IDecoder Open(string path, DecoderOptions options)
    {
        using GgufModelFile file = GgufModelFile.Open(path);
        using IModelWeights weights = s_backend.Load(
            file, new ModelOptions(), progress: null, TestContext.Current.CancellationToken);
        return weights.CreateDecoder(options); // which outlives the weights, in every test of the contract
    }

    [Fact]
    public void Feed_VectorsForLong_KeepsGivingWhatTokensGive()
    {
        // Longer than LLamaSharp's batch of vectors may be used: it is made anew on the way.
        const int Steps = 4200;
        using IDecoder decoder = Open(TinyArchitecture.Qwen2);
        decoder.Feed(0, [70, 300], Outputs.None, TestContext.Current.CancellationToken);
        float[] vector = Rows(TinyArchitecture.Qwen2, 31);
        decoder.Feed(0, [31], Outputs.Logits, TestContext.Current.CancellationToken);
        float[] expected = decoder.Logits().ToArray();
        for (int step = 0; step < Steps; step++)
        {
            Assert.True(decoder.TryRewind(0, 2));
            decoder.Feed(0, vector, Outputs.Logits, TestContext.Current.CancellationToken);
        }

        Assert.Equal(expected, decoder.Logits().ToArray());
    }

    [Fact]
    public void CreateDecoder_LayersAskedFor_IsRefused()
    {
        using GgufModelFile file = GgufModelFile.Open(TinyModels.Path(TinyArchitecture.Qwen2));
        using IModelWeights weights = s_backend.Load(
            file, new ModelOptions(), progress: null, TestContext.Current.CancellationToken);
        ConceptInputException refused = Assert.Throws<ConceptInputException>(
            () => weights.CreateDecoder(new DecoderOptions { ContextLength = 32, CaptureLayers = true }));
        Assert.Contains("states between layers", refused.Message, StringComparison.Ordinal);
    }
}
