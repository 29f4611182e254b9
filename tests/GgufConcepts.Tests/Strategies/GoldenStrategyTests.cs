using System.Text.Json;
using GgufConcepts.Mixing;
using GgufConcepts.Strategies;

namespace GgufConcepts.Tests.Strategies;

/// <summary>The rules against numbers computed elsewhere, in double precision, from their formulas.</summary>
public sealed class GoldenStrategyTests
{
    private static readonly JsonElement s_golden = JsonDocument.Parse(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", "golden.json"))).RootElement;

    private static readonly float[] s_logits = Floats(s_golden.GetProperty("inputs").GetProperty("logits"));

    private static readonly FakeSpace s_space = new(
        [.. s_golden.GetProperty("inputs").GetProperty("embeddings").EnumerateArray().Select(Floats)]);

    private static readonly MixOptions s_filters =
        new() { Temperature = 0.6f, TopK = 5, TopP = 0.95f, MinP = 0.15f, MaxTopK = 3 };

    [Fact]
    public void Choose_Soft_FeedsTheGoldenMixture()
    {
        NextInput next = Choices.Choose(new SoftThinking { Mix = s_filters }, s_space, s_logits);
        Choices.AssertClose(Doubles("mix"), Choices.Vector(next, s_space), 1e-6);
    }

    [Fact]
    public void Choose_Full_FeedsTheGoldenMixtureOfAll()
    {
        NextInput next = Choices.Choose(new FullMixture(), s_space, s_logits);
        Choices.AssertClose(
            Doubles(s_golden.GetProperty("hrpo_norm").GetProperty("full_mix")), Choices.Vector(next, s_space), 1e-6);
        Assert.Equal(s_golden.GetProperty("entropy_full_nats_T1").GetDouble(), next.Concept.Entropy, 1e-6);
    }

    [Fact]
    public void Apply_GumbelOfTheFile_GivesTheGoldenWeights()
    {
        JsonElement golden = s_golden.GetProperty("gumbel");
        ConceptToken concept = new();
        new ConceptMixer(TokenMask.None(8)).Mix(s_logits, s_filters, concept);
        GumbelNoise.Apply(concept, golden.GetProperty("tau").GetSingle(), Doubles(golden.GetProperty("g")));
        JsonElement[] sorted = [.. golden.GetProperty("sorted").EnumerateArray()];
        Assert.Equal(sorted.Select(pair => pair[0].GetInt32()), concept.Ids.ToArray());
        Choices.AssertClose(sorted.Select(pair => pair[1].GetDouble()), concept.Weights.ToArray(), 1e-6);
    }

    [Fact]
    public void Set_GammaDraws_GivesTheGoldenDirichletWeights()
    {
        double[] golden = Doubles("dirichlet_given_gamma"); // 9 : 2 : 4, renormalised
        ConceptToken concept = new();
        concept.Set([0, 1, 2], [0.9f, 0.2f, 0.4f]);
        Assert.Equal([0, 2, 1], concept.Ids.ToArray());
        Choices.AssertClose([golden[0], golden[2], golden[1]], concept.Weights.ToArray(), 1e-6);
    }

    [Fact]
    public void Blend_MoiOverTheWholeVocabulary_GivesTheGoldenWeights()
    {
        JsonElement golden = s_golden.GetProperty("moi_fullvocab");
        ConceptToken concept = new();
        new ConceptMixer(TokenMask.None(8)).Mix(s_logits, new MixOptions { MaxTopK = 8 }, concept);
        double uncertainty = concept.Entropy / Math.Log(8);
        Assert.Equal(golden.GetProperty("H_norm").GetDouble(), uncertainty, 1e-6);
        MixtureOfInputs.Blend(concept, drawn: 1, uncertainty / 2);
        double[] expected = Doubles(golden.GetProperty("w"));
        Assert.Equal(1, concept.Ids[0]);
        Assert.Equal(expected.Length, concept.Count);
        Choices.AssertClose(concept.Ids.ToArray().Select(id => expected[id]), concept.Weights.ToArray(), 1e-6);
    }

    [Fact]
    public void Blend_MoiOverASlice_GivesTheGoldenWeightsAndMixture()
    {
        JsonElement golden = s_golden.GetProperty("moi");
        ConceptToken concept = new();
        new ConceptMixer(TokenMask.None(8)).Mix(s_logits, new MixOptions { MaxTopK = 5 }, concept);
        Choices.AssertClose(Doubles(golden.GetProperty("prior")), concept.Weights.ToArray(), 1e-6);
        MixtureOfInputs.Blend(concept, drawn: 1, golden.GetProperty("alpha=H/(beta+1)").GetDouble());
        int[] slice = [.. golden.GetProperty("slice_ids").EnumerateArray().Select(id => id.GetInt32())];
        double[] expected = Doubles(golden.GetProperty("w"));
        Choices.AssertClose(
            concept.Ids.ToArray().Select(id => expected[Array.IndexOf(slice, id)]), concept.Weights.ToArray(), 1e-6);
        float[] vector = new float[3];
        s_space.Mix(concept.Ids, concept.Weights, vector);
        Choices.AssertClose(Doubles(golden.GetProperty("mix")), vector, 1e-6);
    }

    [Fact]
    public void Choose_Selective_FeedsTheGoldenPushedMixture()
    {
        JsonElement golden = s_golden.GetProperty("selar_k3");
        NextInput next = Choices.Choose(new SelectiveThinking { Mix = s_filters }, s_space, s_logits);
        Choices.AssertClose(Doubles(golden.GetProperty("p")), next.Concept.Weights.ToArray(), 1e-6);
        double hesitation = SelectiveThinking.Hesitation(next.Concept.Weights, 3);
        Assert.Equal(golden.GetProperty("Hbar").GetDouble(), hesitation, 1e-6);
        Choices.AssertClose(Doubles(golden.GetProperty("regularised")), Choices.Vector(next, s_space), 1e-6); // rows 0 to 2 are unit vectors
    }

    [Theory]
    [InlineData(0.56f, InputKind.Concept)] // the likeliest has .5667
    [InlineData(0.57f, InputKind.Token)]
    public void Choose_Router_ComparesTheGoldenProbability(float tau, InputKind expected)
    {
        NextInput next = Choices.Choose(new RouterThinking { Mix = s_filters, Tau = tau }, s_space, s_logits);
        Assert.Equal(expected, next.Kind);
        Assert.Equal(s_golden.GetProperty("pmax_T0.6").GetSingle(), next.Concept.TopProbability, 1e-6f);
    }

    [Fact]
    public void Next_GoldenEntropies_SwitchesAsInTheGoldenTrace()
    {
        JsonElement golden = s_golden.GetProperty("swir_W2");
        SwitchThinking.Modes modes = new(window: 2);
        foreach ((double entropy, JsonElement expected) in
            Doubles(golden.GetProperty("H")).Zip(golden.GetProperty("trace").EnumerateArray()))
        {
            bool changes = modes.Next(entropy);
            Assert.Equal(expected[0].GetString(), modes.IsSoft ? "soft" : "normal");
            Assert.Equal(expected[1].GetString(), !changes ? "-" : modes.IsSoft ? "to_soft" : "to_normal");
            Assert.Equal(expected[2].GetDouble(), modes.Reference);
            Assert.Equal(expected[3].GetInt32(), modes.Returns);
        }
    }

    private static double[] Doubles(string name) => Doubles(s_golden.GetProperty(name));

    private static double[] Doubles(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetDouble())];

    private static float[] Floats(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetSingle())];
}
