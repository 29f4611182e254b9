using GgufConcepts.Mixing;

namespace GgufConcepts.Tests.Mixing;

[Trait("Suite", "Vector")]
public class SamplingTests
{
    private readonly ConceptToken _shown = new();

    public static TheoryData<int, MixOptions> Filters()
    {
        TheoryData<int, MixOptions> data = [];
        foreach (int size in (int[])[12, 20_000]) // the larger needs several runs, and more than the first guess
        {
            data.Add(size, new MixOptions { Temperature = 0.7f });
            data.Add(size, new MixOptions { TopK = 6 });
            data.Add(size, new MixOptions { TopP = 0.8f });
            data.Add(size, new MixOptions { MinP = 0.2f, MaxTopK = 2 });
            data.Add(size, new MixOptions { Temperature = 1.3f, TopK = 9, TopP = 0.9f, MinP = 0.05f });
        }

        return data;
    }

    [Theory, MemberData(nameof(Filters))]
    public void Sample_ManyDraws_FollowTheFilteredDistribution(int size, MixOptions options)
    {
        const int Draws = 20_000, Bins = 10;
        float[] logits = Logits.Make(size < 100 ? "ties" : "flat", size, 11);
        logits[size / 3] += 2f;
        TokenMask mask = Logits.MakeMask(size, 12);
        ConceptMixer mixer = new(mask);
        double[] expected = ConceptMixer.FilterReference(logits, options, mask);

        RandomStream random = new(13);
        double[] counts = new double[Bins], wanted = new double[Bins];
        for (int id = 0; id < size; id++)
        {
            wanted[Bin(id)] += expected[id] * Draws;
        }

        int draws = size < 100 ? Draws : Draws / 10; // the larger takes passes over all tokens for each
        for (int i = 0; i < draws; i++)
        {
            int id = mixer.Sample(logits, options, ref random, _shown);
            Assert.True(expected[id] > 0, $"Token {id} was filtered out.");
            counts[Bin(id)] += (double)Draws / draws;
        }

        double chiSquare = 0;
        for (int bin = 0; bin < Bins; bin++)
        {
            chiSquare += wanted[bin] > 0 ? Math.Pow(counts[bin] - wanted[bin], 2) / wanted[bin] : 0;
        }

        Assert.InRange(chiSquare * draws / Draws, 0, 27.9); // 9 degrees of freedom, 1 in 1,000
        int Bin(int id) => size < 100 ? id % Bins : (int)((long)id * Bins / size);
    }

    [Fact]
    public void Sample_AnyFilter_ShowsTheTopOfWhatItDrewFrom()
    {
        float[] logits = Logits.Make("peaked", 3000, 21);
        ConceptMixer mixer = new(TokenMask.None(3000));
        ConceptToken expected = new();
        RandomStream random = new(22);
        foreach ((int size, MixOptions options) in Filters().Select(row => row.Data))
        {
            mixer.Sample(logits, options, ref random, _shown);
            mixer.Mix(logits, options, expected);
            Assert.Equal(expected.Ids.ToArray(), _shown.Ids.ToArray());
            Assert.Equal(expected.Weights.ToArray(), _shown.Weights.ToArray());
            Assert.Equal(expected.Entropy, _shown.Entropy);
        }
    }

    [Theory]
    [InlineData(0, 1f, 0f)]
    [InlineData(0, 0.999f, 0f)]
    [InlineData(3, 1f, 0f)]
    public void Sample_TokensOfProbabilityZero_AreNeverDrawn(int topK, float topP, float minP)
    {
        float[] logits = Logits.Make("minusInfinity", 900, 31);
        ConceptMixer mixer = new(TokenMask.None(900));
        MixOptions options = new() { TopK = topK, TopP = topP, MinP = minP };
        RandomStream random = new(32);
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(float.IsFinite(logits[mixer.Sample(logits, options, ref random, _shown)]));
        }
    }

    [Fact]
    public void Sample_SameSeed_DrawsTheSameTokens()
    {
        float[] logits = Logits.Make("flat", 5000, 41);
        ConceptMixer mixer = new(TokenMask.None(5000));
        RandomStream first = new(42), second = new(42);
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(
                mixer.Sample(logits, MixOptions.Default, ref first, _shown),
                mixer.Sample(logits, MixOptions.Default, ref second, _shown));
        }
    }

    [Fact]
    public void MixAndSample_Warm_DoNotAllocate()
    {
        float[] logits = Logits.Make("flat", 5000, 51);
        ConceptMixer mixer = new(Logits.MakeMask(5000, 52));
        float[] rows = new float[256 * 8];
        float[] vector = new float[8];
        MixOptions[] all = [.. Filters().Select(row => row.Data.Item2)];
        RandomStream random = new(53);
        Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++)
        {
            Run();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run()
        {
            foreach (MixOptions options in all)
            {
                mixer.Mix(logits, options, _shown);
                mixer.Sample(logits, options, ref random, _shown);
                mixer.ArgMax(logits);
                RowBlend.Blend(rows.AsSpan(0, _shown.Count * 8), _shown.Weights, vector);
                _shown.CopyFrom(_shown);
                _shown.Set(_shown.Ids, _shown.Weights);
            }
        }
    }
}
