using System.Text.Json;
using GgufConcepts.Mixing;

namespace GgufConcepts.Tests.Mixing;

[Trait("Suite", "Vector")]
public class GoldenMixTests
{
    private const float Tolerance = 1e-6f;

    // Top-k 5 must not show through MaxTopK, so everything is kept where the file has a whole row.
    private static readonly MixOptions s_unfiltered = new() { Temperature = 0.6f, MaxTopK = ConceptToken.Capacity };

    private readonly JsonElement _golden = JsonDocument.Parse(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", "golden.json"))).RootElement;

    private readonly ConceptToken _concept = new();

    [Fact]
    public void Mix_NoFilter_GivesTheProbabilities() => AssertMixIs("probs_T0.6", s_unfiltered);

    [Fact]
    public void Mix_TopK_GivesGoldenWeights() => AssertMixIs("after_top_k5", s_unfiltered with { TopK = 5 });

    [Fact]
    public void Mix_TopKTopP_GivesGoldenWeights() =>
        AssertMixIs("after_top_p.95", s_unfiltered with { TopK = 5, TopP = 0.95f });

    [Fact]
    public void Mix_TopKTopPMinP_GivesGoldenWeights() =>
        AssertMixIs("after_min_p.15", s_unfiltered with { TopK = 5, TopP = 0.95f, MinP = 0.15f });

    [Fact]
    public void Mix_AllFilters_GivesGoldenTokensInOrder()
    {
        MixAllFilters();
        JsonElement[] expected = [.. _golden.GetProperty("max_topk3").EnumerateArray()];
        Assert.Equal(expected.Length, _concept.Count);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i][0].GetInt32(), _concept.Ids[i]);
            Assert.Equal(expected[i][1].GetSingle(), _concept.Weights[i], Tolerance);
        }
    }

    [Fact]
    public void Blend_GoldenMixture_GivesGoldenVector()
    {
        MixAllFilters();
        JsonElement embeddings = _golden.GetProperty("inputs").GetProperty("embeddings");
        float[] rows = [.. _concept.Ids.ToArray().SelectMany(id => Floats(embeddings[id]))];
        float[] vector = new float[3];
        RowBlend.Blend(rows, _concept.Weights, vector);
        AssertEqual(Floats(_golden.GetProperty("mix")), vector);
    }

    [Theory]
    [InlineData(0.6f, "entropy_full_nats_after_T")]
    [InlineData(1f, "entropy_full_nats_T1")]
    public void Mix_AllFilters_EntropyIsOfTheWholeVocabulary(float temperature, string name)
    {
        Mix(s_unfiltered with { Temperature = temperature, TopK = 5, TopP = 0.95f, MinP = 0.15f, MaxTopK = 3 });
        Assert.Equal(_golden.GetProperty(name).GetDouble(), _concept.Entropy, 1e-6);
    }

    [Fact]
    public void Mix_AllFilters_TopProbabilityIsOfTheWholeVocabulary()
    {
        MixAllFilters();
        Assert.Equal(0, _concept.Top);
        Assert.Equal(_golden.GetProperty("pmax_T0.6").GetSingle(), _concept.TopProbability, Tolerance);
    }

    private void MixAllFilters() =>
        Mix(s_unfiltered with { TopK = 5, TopP = 0.95f, MinP = 0.15f, MaxTopK = 3 });

    private void Mix(MixOptions options)
    {
        float[] logits = Floats(_golden.GetProperty("inputs").GetProperty("logits"));
        new ConceptMixer(TokenMask.None(logits.Length)).Mix(logits, options, _concept);
    }

    private void AssertMixIs(string name, MixOptions options)
    {
        Mix(options);
        float[] expected = Floats(_golden.GetProperty(name));
        float[] actual = new float[expected.Length];
        for (int i = 0; i < _concept.Count; i++)
        {
            actual[_concept.Ids[i]] = _concept.Weights[i];
        }

        AssertEqual(expected, actual);
    }

    private static void AssertEqual(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
    }

    private static float[] Floats(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetSingle())];
}
