using GgufConcepts.Gguf;
using GgufConcepts.Mixing;
using GgufConcepts.Native;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Mixing;

/// <summary>The sum of a whole table against plain loops in double.</summary>
[Trait("Suite", "Vector")]
public sealed class TableSumTests : IDisposable
{
    private const int Width = 256;
    private const int Count = 1100; // several parts, the last one short

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(GgmlType.F32)]
    [InlineData(GgmlType.BF16)]
    [InlineData(GgmlType.F16)]
    [InlineData(GgmlType.Q8_0)]
    [InlineData(GgmlType.Q4_0)]
    [InlineData(GgmlType.Q6_K)]
    [InlineData(GgmlType.Q4_K)]
    public void Sum_FlatWeights_IsWithinFloatRounding(GgmlType type)
    {
        using GgufModelFile model = Open(type);
        float[] weights = Flat();
        float[] found = Sum(model, weights, processors: 2, scale: 3f);
        (double[] sums, double[] magnitudes, _) = Reference(model, weights);
        for (int j = 0; j < Width; j++)
        {
            double bound = 3 * 18 * 6e-8 * magnitudes[j]; // 16 as TableSum says, and the last two roundings
            Assert.InRange(found[j] - 3 * sums[j], -bound, bound);
        }
    }

    /// <summary>Half of the weights are too small to count, and just so.</summary>
    [Fact]
    public void Sum_WeightsBelowTheCut_MoveItByNoMoreThanTheBound()
    {
        using GgufModelFile model = Open(GgmlType.Q8_0);
        float[] weights = Flat();
        float largest = weights[700] = 1000f;
        for (int id = 0; id < Count; id++)
        {
            weights[id] = id == 700 ? largest : id % 2 == 0 ? largest * 0.99e-9f : -largest * 1.01e-9f;
        }

        float[] kept = [.. weights.Select(weight => Math.Abs(weight) < largest * 1e-9f ? 0 : weight)];
        float[] found = Sum(model, weights, processors: 2);
        Assert.Equal(Sum(model, kept, processors: 2), found);

        (double[] sums, double[] magnitudes, double longest) = Reference(model, weights);
        double moved = Math.Sqrt(sums.Select((sum, j) => (sum - found[j]) * (sum - found[j])).Sum());
        double rounded = 18 * 6e-8 * Math.Sqrt(magnitudes.Sum(magnitude => magnitude * magnitude));
        Assert.InRange(moved, 0, Count * 1e-9 * largest * longest + rounded);
    }

    [Fact]
    public void Sum_AnyNumberOfProcessors_IsTheSameToTheBit()
    {
        using GgufModelFile model = Open(GgmlType.Q8_0);
        float[] weights = Flat();
        float[] one = Sum(model, weights, processors: 1);
        Assert.Equal(one, Sum(model, weights, processors: 2));
        Assert.Equal(one, Sum(model, weights, processors: 64));
    }

    [Fact]
    public void Sum_OneRowOfWeight1_GivesItBack()
    {
        using GgufModelFile model = Open(GgmlType.Q6_K);
        float[] weights = new float[Count];
        weights[1099] = 1f;
        float[] row = new float[Width];
        new EmbeddingTable(model).CopyRow(1099, row);
        Assert.Equal(row, Sum(model, weights, processors: 2));
        Assert.Equal(new float[Width], Sum(model, new float[Count], processors: 2));
        Assert.Equal(new float[Width], Sum(model, [], processors: 2));
    }

    [Fact]
    public void Sum_NaNAmongWeights_ReachesTheResult()
    {
        using GgufModelFile model = Open(GgmlType.F32);
        float[] weights = Flat();
        weights[500] = float.NaN;
        Assert.All(Sum(model, weights, processors: 2), value => Assert.True(float.IsNaN(value)));
    }

    [Fact]
    public void Sum_WrongShapes_Throws()
    {
        using GgufModelFile model = Open(GgmlType.F32);
        Assert.Throws<ArgumentOutOfRangeException>("weights", () => Sum(model, new float[Count + 1], processors: 1));
    }

    [Fact]
    public void Sum_AfterTheFirst_AllocatesNothing()
    {
        using GgufModelFile model = Open(GgmlType.Q8_0);
        EmbeddingTable table = new(model);
        TableSum sum = new(Width, processors: 1);
        float[] weights = Flat(), found = new float[Width];
        Sum();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Sum();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Sum()
        {
            using MappedFile.Lease lease = table.Borrow(out StoredRows rows);
            sum.Sum(in rows, weights, 1f, found);
        }
    }

    private static float[] Sum(GgufModelFile model, float[] weights, int processors, float scale = 1f)
    {
        float[] found = new float[Width];
        using MappedFile.Lease lease = new EmbeddingTable(model).Borrow(out StoredRows rows);
        new TableSum(Width, processors).Sum(in rows, weights, scale, found);
        return found;
    }

    private static (double[] Sums, double[] Magnitudes, double Longest) Reference(GgufModelFile model, float[] weights)
    {
        EmbeddingTable table = new(model);
        double[] sums = new double[Width], magnitudes = new double[Width];
        double longest = 0;
        float[] row = new float[Width];
        for (int id = 0; id < Count; id++)
        {
            table.CopyRow(id, row);
            longest = Math.Max(longest, Math.Sqrt(row.Sum(value => (double)value * value)));
            for (int j = 0; j < Width; j++)
            {
                double term = (double)weights[id] * row[j];
                (sums[j], magnitudes[j]) = (sums[j] + term, magnitudes[j] + Math.Abs(term));
            }
        }

        return (sums, magnitudes, longest);
    }

    private static float[] Flat()
    {
        RandomStream random = new(3);
        float[] weights = new float[Count];
        foreach (ref float weight in weights.AsSpan())
        {
            weight = random.NextSingle();
        }

        return weights;
    }

    private GgufModelFile Open(GgmlType type)
    {
        RandomStream random = new(5);
        float[] values = new float[Width * Count];
        foreach (ref float value in values.AsSpan())
        {
            value = 0.02f * Logits.Normal(ref random);
        }

        GgufWriter writer = new();
        writer.AddTensor("token_embd.weight", type, [Width, Count], values);
        string path = _folder.File($"{type}.gguf");
        writer.Write(path, TestContext.Current.CancellationToken);
        return GgufModelFile.Open(path);
    }
}
