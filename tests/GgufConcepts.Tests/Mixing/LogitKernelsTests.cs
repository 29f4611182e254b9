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
