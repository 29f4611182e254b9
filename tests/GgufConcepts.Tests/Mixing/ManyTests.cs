using GgufConcepts.Mixing;

namespace GgufConcepts.Tests.Mixing;

/// <summary>Filters that leave more tokens than a mixture lists, and whole distributions.</summary>
[Trait("Suite", "Vector")]
public class ManyTests
{
    private readonly ConceptToken _shown = new();

    public static TheoryData<string> Shapes => [.. Logits.Shapes];

    // A share of the mass is computed in float: the set may be off by the tokens that 1e-5 of it weighs.
    [Theory, MemberData(nameof(Shapes))]
    public void Sample_FiltersThatKeepMany_DrawOnlyAndAllOfTheReference(string shape)
    {
        MixOptions[] all =
        [
            new() { TopP = 0.95f, Temperature = 30f },
            new() { TopP = 0.999f },
            new() { MinP = 0.1f },
            new() { TopP = 0.9f, MinP = 0.9f, Temperature = 5f },
        ];
        const int Size = 2000, Draws = 4000;
        float[] logits = Logits.Make(shape, Size, 71);
        TokenMask mask = Logits.MakeMask(Size, 72);
        ConceptMixer mixer = new(mask);
        RandomStream random = new(73);
        int[] drawn = new int[Draws];
        foreach (MixOptions options in all)
        {
            double[] expected = ConceptMixer.FilterReference(logits, options, mask);
            double[] wider = ConceptMixer.FilterReference(
                logits, options with { TopP = Math.Min(1, options.TopP + 1e-5f) }, mask);
            mixer.Sample(logits, options, ref random, drawn, _shown);
            Assert.All(drawn, id => Assert.True(wider[id] > 0, $"Token {id} was filtered out."));

            // The two halves of the vocabulary are drawn as often as they should be, within 5 standard deviations.
            double half = expected.Take(Size / 2).Sum();
            double bound = 5 * Math.Sqrt(half * (1 - half) / Draws) + 1e-4;
            Assert.Equal(half, (double)drawn.Count(id => id < Size / 2) / Draws, bound);
        }
    }

    [Fact]
    public void Sample_EqualLogits_KeepsTheLowestIds()
    {
        const int Size = 4000;
        float[] logits = Logits.Make("equal", Size, 0);
        ConceptMixer mixer = new(new TokenMask(Size, 0, 1, 2));
        RandomStream random = new(74);
        int[] drawn = new int[50_000];
        mixer.Sample(logits, new MixOptions { TopP = 0.5f }, ref random, drawn, _shown);

        // half of 3,997 tokens, rounded up, after the three that are masked; which are missed by chance, e^-25
        Assert.Equal(Enumerable.Range(3, 1999), drawn.Distinct().Order());
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Distribute_AnyShape_MatchesReference(string shape)
    {
        foreach (int size in (int[])[1, 2, 70, 4097])
        {
            TokenMask mask = Logits.MakeMask(size, 75);
            float[] logits = Logits.Make(shape, size, 76);
            float[] actual = new float[size];
            foreach (float temperature in (float[])[0.1f, 1f, 4f])
            {
                double[] expected = LogitKernels.ExponentiateReference(logits, mask, temperature);
                double sum = expected.Sum();
                if (sum == 0)
                {
                    continue; // nothing that may be mixed
                }

                new ConceptMixer(mask).Distribute(logits, temperature, actual);
                for (int id = 0; id < size; id++)
                {
                    double d = Math.Log(Math.Max(expected[id], 1e-300));
                    Assert.Equal(expected[id] / sum, actual[id], expected[id] / sum * (4e-6 - 2e-7 * d) + 2.4e-38);
                }

                Assert.Equal(1, actual.Sum(probability => (double)probability), 4e-6);
            }
        }
    }

    [Fact]
    public void Distribute_BadArguments_Throw()
    {
        ConceptMixer mixer = new(TokenMask.None(3));
        float[] logits = [1, 2, 3], probabilities = new float[3];
        Assert.Throws<ArgumentOutOfRangeException>("temperature", () => mixer.Distribute(logits, 0f, probabilities));
        Assert.Throws<ArgumentOutOfRangeException>("temperature", () => mixer.Distribute(logits, float.NaN, probabilities));
        Assert.Throws<ArgumentOutOfRangeException>(() => mixer.Distribute(logits, 1f, new float[2]));
        Assert.Throws<NonFiniteLogitsException>(() => mixer.Distribute([1, float.NaN, 2], 1f, probabilities));
    }
}
