using GgufConcepts.Mixing;

namespace GgufConcepts.Tests.Mixing;

[Trait("Suite", "Vector")]
public class LogitKernelsTests
{
    public static TheoryData<string> Shapes => [.. Logits.Shapes];

    [Theory, MemberData(nameof(Shapes))]
    public void SelectLargest_AnyCount_MatchesASort(string shape)
    {
        foreach (int size in (int[])[1, 64, 65, 300, 4097, 9000])
        {
            foreach (TokenMask mask in (TokenMask[])[TokenMask.None(size), Logits.MakeMask(size, 61)])
            {
                float[] logits = Logits.Make(shape, size, 62);
                foreach (int k in (int[])[1, 2, 10, 30, 140, 256, 5000])
                {
                    Assert.Equal(LogitKernels.SelectLargestReference(logits, mask, k), Select(logits, mask, k));
                }
            }
        }
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Sum_AnyTemperature_MatchesReference(string shape)
    {
        foreach (float temperature in (float[])[1e-30f, 0.01f, 0.6f, 1f, 3f, 1e30f])
        {
            float[] logits = Logits.Make(shape, 10_000, 63);
            TokenMask mask = Logits.MakeMask(10_000, 64);
            float[] maxima = new float[LogitBlocks.CountFor(10_000)];
            double[] partials = new double[LogitKernels.PartialsFor(maxima.Length)];
            LogitBlocks blocks = new(logits, mask.Words, new float[LogitBlocks.Size]);
            float maximum = LogitKernels.FindMaxima(blocks, maxima);
            LogitKernels.SoftmaxSums expected = LogitKernels.SumReference(logits, mask, temperature);
            LogitKernels.SoftmaxSums actual = LogitKernels.Sum(blocks, maxima, maximum, temperature, partials);
            Assert.Equal(1, actual.Z / expected.Z, 2e-6);
            Assert.Equal(expected.Entropy, actual.Entropy, 1e-5);
            Assert.Equal(actual.Z, partials.Sum(), 1e-9 * actual.Z);
        }
    }

    /// <summary>Equal logits round alike: every error of a float sum goes to the same side.</summary>
    [Fact]
    public void Sum_ManyEqualLogitsBelowOne_StaysWithinTheBound()
    {
        const int Size = 262_144;
        float[] logits = new float[Size];
        float[] maxima = new float[LogitBlocks.CountFor(Size)];
        double[] partials = new double[LogitKernels.PartialsFor(maxima.Length)];
        foreach (float below in (float[])[0.1f, 1.7f, 4.3f, 6.9294944f, 8.1f, 9.7534838f, 10.558333f, 11.9f, 13.2f])
        {
            logits.AsSpan().Fill(-below);
            logits[0] = 0f;
            LogitBlocks blocks = new(logits, [], new float[LogitBlocks.Size]);
            LogitKernels.SoftmaxSums sums =
                LogitKernels.Sum(blocks, maxima, LogitKernels.FindMaxima(blocks, maxima), 1f, partials);
            double rest = (Size - 1) * Math.Exp(-(double)below);
            Assert.Equal(1, sums.Z / (1 + rest), 5e-6);
            Assert.Equal(Math.Log(1 + rest) + below * rest / (1 + rest), sums.Entropy, 1e-5);
        }
    }

    [Fact]
    public void Sum_BlocksBetweenTheCuts_AreWithin4PercentAndRightOnAverage()
    {
        float[] logits = new float[100_000];
        RandomStream random = new(70);
        foreach (ref float logit in logits.AsSpan())
        {
            logit = -LogitKernels.CoarseCut - 0.1f - 4f * random.NextSingle();
        }

        logits[0] = 0f;
        float[] maxima = new float[LogitBlocks.CountFor(logits.Length)];
        double[] partials = new double[LogitKernels.PartialsFor(maxima.Length)];
        LogitBlocks blocks = new(logits, [], new float[LogitBlocks.Size]);
        LogitKernels.Sum(blocks, maxima, LogitKernels.FindMaxima(blocks, maxima), 1f, partials);

        // all but the first run of 4,096 hold nothing else
        double expected = logits.Skip(LogitKernels.TokensPerPartial).Sum(logit => Math.Exp(logit));
        Assert.Equal(1, partials.Skip(1).Sum() / expected, 0.005);
    }

    [Fact]
    public void Mix_OneTokenAlone_IsCertain()
    {
        float[] logits = [.. Enumerable.Repeat(float.NegativeInfinity, 200)];
        logits[150] = -3f;
        ConceptToken concept = new();
        new ConceptMixer(TokenMask.None(200)).Mix(logits, MixOptions.Default, concept);
        Assert.Equal(0, concept.Entropy, 1e-30); // what is raised to 2^-125 leaves a trace
        Assert.Equal(1f, concept.TopProbability);
    }

    [Fact]
    public void Exp2_WholeRange_IsWithin3PartsIn10Million()
    {
        RandomStream random = new(65);
        for (int i = 0; i < 200_000; i++)
        {
            float y = -125f * random.NextSingle() * random.NextSingle();
            double expected = Math.Pow(2, y);
            Assert.Equal(1, LogitKernels.Exp2<Lanes1, float>(ref y) / expected, 3e-7);
        }
    }

    [Fact]
    public void CoarseExp2_WholeRange_IsWithin4PercentAndRightOnAverage()
    {
        const int Count = 100_000;
        double sum = 0;
        for (int i = 0; i < Count; i++)
        {
            float y = -124f * (i + 0.5f) / Count;
            double ratio = LogitKernels.CoarseExp2<Lanes1, float>(ref y) / Math.Pow(2, y);
            Assert.Equal(1, ratio, 0.04);
            sum += ratio;
        }

        Assert.Equal(1, sum / Count, 1e-4);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Exponentiate_AnySizeAndTemperature_MatchesReferenceAndStaysInBounds(string shape)
    {
        const float Guard = 7.5f;
        foreach (int size in (int[])[1, 5, 63, 64, 65, 129, 1000, 9000])
        {
            float[] logits = Logits.Make(shape, size, 66);
            foreach (TokenMask mask in (TokenMask[])[TokenMask.None(size), Logits.MakeMask(size, 67)])
            {
                foreach (float temperature in (float[])[1e-30f, 0.01f, 0.6f, 1f, 3f, 1e30f])
                {
                    double[] expected = LogitKernels.ExponentiateReference(logits, mask, temperature);
                    if (!expected.Contains(1))
                    {
                        continue; // nothing that may be mixed
                    }

                    float maximum = Enumerable.Range(0, size).Where(id => !mask.Contains(id)).Max(id => logits[id]);
                    float[] padded = [Guard, .. new float[size], Guard];
                    double sum = LogitKernels.Exponentiate(
                        new LogitBlocks(logits, mask.Words, new float[LogitBlocks.Size]),
                        maximum, temperature, padded.AsSpan(1, size));
                    Assert.Equal(1, sum / expected.Sum(), 2e-6);
                    Assert.Equal((Guard, Guard), (padded[0], padded[^1]));
                    for (int id = 0; id < size; id++)
                    {
                        // three roundings of d, each 2^-24 of it, and the exponential's own 3e-7; below 2^-125 it is 0
                        double bound = expected[id] * (3e-7 - Math.Log(Math.Max(expected[id], 1e-300)) * 1.8e-7) + 2.4e-38;
                        Assert.Equal(expected[id], padded[id + 1], bound);
                        Assert.True(expected[id] > 0 || padded[id + 1] == 0);
                    }
                }
            }
        }
    }

    [Theory, MemberData(nameof(Shapes))]
    public void SumAtLeast_AnyBars_MatchesReference(string shape)
    {
        foreach (int size in (int[])[1, 7, 8, 9, 33, 1023, 1024, 1025, 9001])
        {
            float[] logits = Logits.Make(shape, size, 68);
            float[] weights = new float[size];
            RandomStream random = new(69);
            foreach (ref float weight in weights.AsSpan())
            {
                weight = random.NextSingle();
            }

            float[] bars = [logits[0], logits[size / 2], logits[^1], -float.MaxValue, float.MaxValue, 0f];
            for (int i = 0; i + 2 < bars.Length; i++)
            {
                (double low, double middle, double high) =
                    LogitKernels.SumAtLeast(logits, weights, bars[i], bars[i + 1], bars[i + 2]);
                AssertNear(LogitKernels.SumAtLeastReference(logits, weights, bars[i]), low);
                AssertNear(LogitKernels.SumAtLeastReference(logits, weights, bars[i + 1]), middle);
                AssertNear(LogitKernels.SumAtLeastReference(logits, weights, bars[i + 2]), high);
            }

            double[] partials = new double[LogitKernels.PartialsFor(LogitBlocks.CountFor(size))];
            double left = LogitKernels.ClearBelow(logits, weights, logits[size / 2], partials);
            Assert.All(weights.Zip(logits), pair => Assert.True(pair.Second >= logits[size / 2] || pair.First == 0));
            Assert.Equal(weights.Sum(weight => (double)weight), left, 1e-12 * size);
            Assert.Equal(left, partials.Sum(), 1e-12 * size);
        }

        // at most 1,024 float additions, each half of 2^-23, before double takes over
        static void AssertNear(double expected, double actual) =>
            Assert.Equal(expected, actual, expected * 1024 * 6e-8);
    }

    private static int[] Select(float[] logits, TokenMask mask, int k)
    {
        float[] maxima = new float[LogitBlocks.CountFor(logits.Length)];
        LogitBlocks whole = new(logits, [], new float[LogitBlocks.Size]);
        LogitBlocks mixable = new(logits, mask.Words, new float[LogitBlocks.Size]);
        LogitKernels.FindMaxima(whole, maxima);
        LogitKernels.UpdateMaskedMaxima(mixable, maxima);
        ulong[] candidates = new ulong[k];
        int count = LogitKernels.SelectLargest(mixable, maxima, k, candidates);
        return [.. candidates.Take(count).Select(Candidate.Id)];
    }
}
