using GgufConcepts.Gguf;
using GgufConcepts.Lens;
using GgufConcepts.Native;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Lens;

public sealed class OutputHeadTests : IDisposable
{
    private const int Width = 96;
    private const int States = 3;
    private const int Kept = 20;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(GgmlType.F32, 1000, false, 0f, 0f)]
    [InlineData(GgmlType.F32, 1, false, 0f, 0f)]
    [InlineData(GgmlType.F32, 64, true, 0f, 0f)]    // one whole block; mean and variance, with a bias
    [InlineData(GgmlType.F32, 65, false, 3f, 0f)]   // a scale
    [InlineData(GgmlType.F32, 300, true, 0.5f, 2f)] // a scale and a cap
    [InlineData(GgmlType.F16, 1000, false, 0f, 0f)]
    [InlineData(GgmlType.BF16, 500, true, 0f, 0f)]
    [InlineData(GgmlType.Q8_0, 700, false, 0f, 0f)]
    [InlineData(GgmlType.Q5_1, 700, false, 0f, 0f)]
    [InlineData(GgmlType.F16, 300, false, 0f, 0f, false)] // as a graphics card does
    [InlineData(GgmlType.Q8_0, 300, true, 0f, 0f, false)]
    public void Read_RandomStates_MatchesReference(
        GgmlType type, int vocabulary, bool centres, float scale, float cap, bool rounds = true)
    {
        using GgufModelFile file = Write(type, vocabulary, centres, scale, cap);
        OutputHead head = new(file, vocabulary);
        float[] states = Noise(States * Width, seed: 5, spread: 3);
        int[] followed = [vocabulary / 2, vocabulary - 1];
        float[] whole = new float[vocabulary];

        LogitTally[] tallies = head.Read(
            states, States, Kept, rounds, [followed, followed, followed], [null, whole, null], TestContext.Current.CancellationToken);

        double rounding = rounds ? RoundingOf(type) : RoundingOf(GgmlType.F32);
        for (int s = 0; s < States; s++)
        {
            double[] logits = head.LogitsReference(states.AsSpan(s * Width, Width));
            double z = logits.Sum(logit => Math.Exp(logit));
            double[] p = [.. logits.Select(logit => Math.Exp(logit) / z)];
            double entropy = -p.Sum(x => x > 0 ? x * Math.Log(x) : 0);
            LogitTally tally = tallies[s];

            tally.RequireFinite();
            Assert.Equal(entropy, tally.Entropy, rounding * 4);
            Assert.Equal(Math.Min(Kept, vocabulary), tally.Ids.Length);
            for (int i = 0; i < tally.Ids.Length; i++)
            {
                Assert.Equal(p[tally.Ids[i]], tally.Probability(i), rounding);
                double inOrder = p.OrderDescending().ElementAt(i);
                Assert.Equal(inOrder, p[tally.Ids[i]], rounding);
            }

            for (int f = 0; f < followed.Length; f++)
            {
                // Tokens so near that rounding may exchange them count neither way.
                int surely = logits.Count(logit => logit > logits[followed[f]] + rounding);
                int perhaps = logits.Count(logit => logit > logits[followed[f]] - rounding);
                Assert.InRange(tally.FollowedRank(f), surely + 1, Math.Max(surely + 1, perhaps));
                Assert.Equal(p[followed[f]], tally.FollowedProbability(f), rounding);
            }
        }

        double[] second = head.LogitsReference(states.AsSpan(Width, Width));
        Assert.All(second.Zip(whole), pair => Assert.Equal(pair.First, pair.Second, rounding));
    }

    [Fact]
    public void Read_EqualLogits_LowerIdComesFirst()
    {
        GgufWriter writer = Begin("llama", centres: false);
        writer.AddTensor("output.weight", GgmlType.F32, [Width, 200], new float[Width * 200]); // every logit is 0
        using GgufModelFile file = Save(writer);
        LogitTally tally = new OutputHead(file, 200).Read(
            Noise(Width, 1), 1, 3, rounds: true, [[0, 130]], [null], TestContext.Current.CancellationToken)[0];

        Assert.Equal([0, 1, 2], tally.Ids.ToArray());
        Assert.Equal(1, tally.FollowedRank(0));
        Assert.Equal(131, tally.FollowedRank(1));
        Assert.Equal(Math.Log(200), tally.Entropy, 1e-9);
        Assert.Equal(1f / 200, tally.FollowedProbability(1), 1e-9f);
    }

    [Fact]
    public void Read_TiedModel_TakesTheEmbeddings()
    {
        float[] rows = Noise(Width * 10, 2);
        GgufWriter writer = Begin("llama", centres: false);
        writer.AddTensor("token_embd.weight", GgmlType.F32, [Width, 10], rows);
        using GgufModelFile file = Save(writer);

        // A state along row 7 is nearest to it.
        float[] state = [.. rows.Skip(7 * Width).Take(Width).Select(x => x * 5)];
        LogitTally tally = new OutputHead(file, 10).Read(state, 1, 1, rounds: true, [[]], [null], TestContext.Current.CancellationToken)[0];
        Assert.Equal(7, tally.Ids[0]);
    }

    [Fact]
    public void Open_NoEpsilon_IsRefused()
    {
        GgufWriter writer = new();
        writer.Add("general.architecture", "llama");
        writer.AddTensor("token_embd.weight", GgmlType.F32, [Width, 10], Noise(Width * 10, 2));
        using GgufModelFile file = Save(writer);

        ConceptInputException refused = Assert.Throws<ConceptInputException>(() => new OutputHead(file, 10));
        Assert.Contains("llama.attention.layer_norm_rms_epsilon", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FewerRowsThanTokens_IsRefused()
    {
        GgufWriter writer = Begin("llama", centres: false);
        writer.AddTensor("output.weight", GgmlType.F32, [Width, 10], Noise(Width * 10, 2));
        using GgufModelFile file = Save(writer);

        Assert.Contains("11 tokens", Assert.Throws<ConceptInputException>(() => new OutputHead(file, 11)).Message, StringComparison.Ordinal);
    }

    /// <summary>How far a logit may be off the reference, which rounds nothing: logits here are dot products of 96
    /// numbers
    /// of about 1 and .2, so their error is that of one product, times the root of 96.</summary>
    private static double RoundingOf(GgmlType type) => type switch
    {
        GgmlType.F16 => 5e-3,  // 11 bits
        GgmlType.BF16 => 4e-2, // 8 bits
        GgmlType.Q8_0 => 1e-1, // 8 bits of the largest of 32
        _ => 1e-4,
    };

    private GgufModelFile Write(GgmlType type, int vocabulary, bool centres, float scale, float cap)
    {
        GgufWriter writer = Begin("llama", centres);
        if (scale > 0)
        {
            writer.Add("llama.logit_scale", scale);
        }

        if (cap > 0)
        {
            writer.Add("llama.final_logit_softcapping", cap);
        }

        writer.AddTensor("output.weight", type, [Width, vocabulary], Noise(Width * vocabulary, seed: 7, spread: 0.4f));
        if (centres)
        {
            writer.AddTensor("output.bias", GgmlType.F32, [vocabulary], Noise(vocabulary, seed: 8));
        }

        return Save(writer);
    }

    private static GgufWriter Begin(string architecture, bool centres)
    {
        GgufWriter writer = new();
        writer.Add("general.architecture", architecture);
        writer.Add($"{architecture}.attention.layer_norm{(centres ? "" : "_rms")}_epsilon", 1e-5f);
        writer.AddTensor("output_norm.weight", GgmlType.F32, [Width], Noise(Width, seed: 1).Select(x => 1 + x).ToArray());
        if (centres)
        {
            writer.AddTensor("output_norm.bias", GgmlType.F32, [Width], Noise(Width, seed: 2));
        }

        return writer;
    }

    private GgufModelFile Save(GgufWriter writer)
    {
        writer.Write(_folder.File("head.gguf"));
        return GgufModelFile.Open(_folder.File("head.gguf"));
    }

    private static float[] Noise(int count, int seed, float spread = 1)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) * spread)];
    }
}
