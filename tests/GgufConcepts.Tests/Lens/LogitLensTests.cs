using GgufConcepts.Decoding;
using GgufConcepts.Lens;
using GgufConcepts.Models;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tests.Lens;

public sealed class LogitLensTests(LoadedModels models)
{
    private const string France = "The capital of France is";
    private const double ExactBound = 1e-4;

    public static TheoryData<TinyArchitecture> Architectures => [.. Enum.GetValues<TinyArchitecture>()];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Architectures))]
    public void Look_TinyModel_LastLayerIsTheRunsOwnDistribution(TinyArchitecture kind) =>
        AssertLastLayer(models.Tiny(kind), "The capital of France is Paris", ExactBound);

    [Theory]
    [InlineData("atlas")]
    [InlineData("atlas-gpt2")]
    [InlineData("mnns-continuous")]
    [InlineData("reach-latent")]
    public void Look_CommittedModel_LastLayerIsTheRunsOwnDistribution(string name) =>
        AssertLastLayer(models.Committed(name), name.StartsWith("atlas", StringComparison.Ordinal) ? France : "<BOS> D2 D1 D4", ExactBound);

    [Fact]
    public void Look_Stories_LastLayerIsTheRunsOwnDistribution() =>
        AssertLastLayer(models.Stories(), "Once upon a time there was", ExactBound);

    /// <summary>Holds the last layer to logits from a session without a lens.</summary>
    private static void AssertLastLayer(ConceptModel model, string prompt, double bound)
    {
        LensReading reading = Look(model, prompt, new LensOptions { Positions = LensPositions.All, Strategies = [], Count = 256 });
        using ConceptSession session = model.CreateSession();
        int[] tokens = [.. reading.PromptTokens];
        Assert.Equal(Enumerable.Range(0, tokens.Length), reading.Prompt.Select(position => position.Position));
        foreach (LensPosition position in reading.Prompt)
        {
            session.Decoder.Feed(0, [tokens[position.Position]], Outputs.Logits, Token);
            double[] own = Softmax(session.Decoder.Logits());
            LensLayer last = position.Layers[^1];
            Assert.Equal(model.Info.LayerCount, last.Layer);
            Assert.Equal(0, position.Layers[0].Layer);
            Assert.Equal(model.Info.LayerCount + 1, position.Layers.Count);
            Assert.All(last.Tokens, token => Assert.Equal(own[token.Id], token.Probability, bound));
            Assert.Equal(-own.Where(p => p > 0).Sum(p => p * Math.Log(p)), last.Entropy, 10 * bound);
            Assert.Equal(own.Max(), own[position.Choice.Id]);
            Assert.Equal(own.Max(), last.Choice.Probability, bound);
        }

        Assert.InRange(reading.LargestDifference, 0, bound);
    }

    private static double[] Softmax(ReadOnlySpan<float> logits)
    {
        double[] e = [.. logits.ToArray().Select(logit => Math.Exp(logit))];
        double sum = e.Sum();
        return [.. e.Select(value => value / sum)];
    }

    private static LensReading Look(ConceptModel model, string prompt, LensOptions options)
    {
        using LogitLens lens = new(model);
        return lens.Look(prompt, options, cancellation: Token);
    }
}
