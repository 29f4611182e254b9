using GgufConcepts.Mixing;

namespace GgufConcepts.Tests.Mixing;

/// <summary>Draws against the distributions they should follow, by chi-square: at most the value that one in 1,000
/// exceeds. Quantiles are from tables or follow from the formula.</summary>
public sealed class RandomDistributionTests
{
    private const int Draws = 40_000;
    private const double Limit9 = 27.88; // 9 degrees of freedom

    [Fact]
    public void NextNormal_ManyDraws_FollowTheNormalDistribution()
    {
        // Deciles of the standard normal distribution.
        double[] bounds = [-1.281552, -0.841621, -0.524401, -0.253347, 0, 0.253347, 0.524401, 0.841621, 1.281552];
        AssertDeciles(bounds, (ref RandomStream random) => random.NextNormal());
    }

    [Fact]
    public void NextGumbel_ManyDraws_FollowTheGumbelDistribution() => AssertDeciles(
        [.. Deciles().Select(share => -Math.Log(-Math.Log(share)))], (ref RandomStream random) => random.NextGumbel());

    [Fact]
    public void NextLogGamma_ShapeOne_IsExponential() => AssertDeciles(
        [.. Deciles().Select(share => -Math.Log(1 - share))],
        (ref RandomStream random) => Math.Exp(random.NextLogGamma(1)));

    [Fact]
    public void NextLogGamma_ShapeTwo_IsASumOfTwoExponentials()
    {
        // P(x) = 1 - (1 + x) e^-x, solved by bisection.
        double[] bounds = [.. Deciles().Select(share => Bisect(x => 1 - (1 + x) * Math.Exp(-x) - share, 0, 50))];
        AssertDeciles(bounds, (ref RandomStream random) => Math.Exp(random.NextLogGamma(2)));
    }

    [Fact]
    public void NextLogGamma_ShapeOneHalf_IsHalfASquaredNormal()
    {
        // The quantiles of |z|, z normal: those of z at .55, .6, ... .95.
        double[] z = [0.125661, 0.253347, 0.385320, 0.524401, 0.674490, 0.841621, 1.036433, 1.281552, 1.644854];
        AssertDeciles([.. z.Select(x => x * x / 2)], (ref RandomStream random) => Math.Exp(random.NextLogGamma(0.5)));
    }

    [Theory]
    [InlineData(1e-6)]
    [InlineData(1e-3)]
    [InlineData(1e6)]
    public void NextLogGamma_ExtremeShape_IsFinite(double shape)
    {
        RandomStream random = new(1);
        double sum = 0;
        for (int i = 0; i < 1000; i++)
        {
            double value = random.NextLogGamma(shape);
            Assert.True(double.IsFinite(value));
            sum += Math.Exp(value);
        }

        Assert.InRange(sum / 1000, 0, 1.1 * shape + 0.1); // the mean is the shape
    }

    /// <summary>Two equal tokens, concentration 4: the first one's weight follows Beta(2, 2), whose distribution is
    /// 3x^2 - 2x^3.</summary>
    [Fact]
    public void MixDirichlet_TwoEqualTokens_FollowsBeta()
    {
        ConceptMixer mixer = new(TokenMask.None(2));
        ConceptToken concept = new();
        double[] bounds = [.. Deciles().Select(share => Bisect(x => 3 * x * x - 2 * x * x * x - share, 0, 1))];
        AssertDeciles(bounds, (ref RandomStream random) =>
        {
            mixer.MixDirichlet([1f, 1f], new MixOptions(), 4, ref random, concept);
            return concept.Ids[0] == 0 ? concept.Weights[0] : concept.Count > 1 ? concept.Weights[1] : 0;
        });
    }

    [Fact]
    public void MixDirichlet_ManyDraws_HaveTheMeanAndVarianceOfTheFormula()
    {
        double[] p = [0.5, 0.3, 0.15, 0.05];
        float[] logits = [.. p.Select(share => (float)Math.Log(share))];
        ConceptMixer mixer = new(TokenMask.None(4));
        ConceptToken concept = new();
        RandomStream random = new(5);
        double[] sums = new double[4], squares = new double[4];
        for (int i = 0; i < Draws; i++)
        {
            mixer.MixDirichlet(logits, new MixOptions(), 4, ref random, concept);
            for (int k = 0; k < concept.Count; k++)
            {
                sums[concept.Ids[k]] += concept.Weights[k];
                squares[concept.Ids[k]] += (double)concept.Weights[k] * concept.Weights[k];
            }
        }

        for (int id = 0; id < 4; id++)
        {
            double mean = sums[id] / Draws, variance = squares[id] / Draws - mean * mean;
            Assert.Equal(p[id], mean, 0.005); // five standard errors of the widest
            Assert.Equal(p[id] * (1 - p[id]) / 5, variance, 0.003); // p (1 - p) / (alpha + 1)
        }
    }

    [Fact]
    public void MixDirichlet_LargeVocabulary_LeavesOutTheImprobable()
    {
        float[] logits = new float[20_000];
        (logits[11], logits[222]) = (30, 29); // the others have e^-30 each
        ConceptMixer mixer = new(TokenMask.None(logits.Length));
        ConceptToken concept = new();
        RandomStream random = new(6);
        for (int i = 0; i < 100; i++)
        {
            mixer.MixDirichlet(logits, new MixOptions(), 4, ref random, concept);
            Assert.All(concept.Ids.ToArray(), id => Assert.Contains(id, (int[])[11, 222]));
        }
    }

    /// <summary>The largest noisy weight is a draw from the distribution, whatever tau.</summary>
    [Theory]
    [InlineData(0.01f)]
    [InlineData(0.5f)]
    public void Apply_Gumbel_LargestFollowsTheDistribution(float tau)
    {
        double[] p = [0.5, 0.3, 0.15, 0.05];
        ConceptToken concept = new();
        RandomStream random = new(7);
        int[] counts = new int[4];
        for (int i = 0; i < Draws; i++)
        {
            concept.Set([0, 1, 2, 3], [0.5f, 0.3f, 0.15f, 0.05f]);
            GumbelNoise.Apply(concept, tau, ref random);
            counts[concept.Ids[0]]++;
            Assert.True(tau > 0.1f || concept.Weights[0] > 0.5f);
        }

        Assert.InRange(Strategies.Choices.ChiSquare(counts, p), 0, 16.27); // 3 degrees of freedom
    }

    /// <summary>Two equal tokens at tau 1: the weight is uniform, since the difference of two Gumbel draws is
    /// logistic.</summary>
    [Fact]
    public void Apply_GumbelOnTwoEqualTokens_IsUniform()
    {
        ConceptToken concept = new();
        AssertDeciles([.. Deciles()], (ref RandomStream random) =>
        {
            concept.Set([0, 1], [0.5f, 0.5f]);
            GumbelNoise.Apply(concept, 1, ref random);
            return concept.Ids[0] == 0 ? concept.Weights[0] : concept.Weights[1];
        });
    }

    private static IEnumerable<double> Deciles() => Enumerable.Range(1, 9).Select(i => i / 10.0);

    private delegate double Draw(ref RandomStream random);

    private static void AssertDeciles(double[] bounds, Draw draw)
    {
        RandomStream random = new(42);
        int[] counts = new int[10];
        for (int i = 0; i < Draws; i++)
        {
            double value = draw(ref random);
            counts[bounds.Count(bound => value > bound)]++;
        }

        Assert.InRange(Strategies.Choices.ChiSquare(counts, [.. Enumerable.Repeat(0.1, 10)]), 0, Limit9);
    }

    private static double Bisect(Func<double, double> f, double low, double high)
    {
        for (int i = 0; i < 100; i++)
        {
            double middle = (low + high) / 2;
            (low, high) = f(middle) < 0 ? (middle, high) : (low, middle);
        }

        return low;
    }
}
