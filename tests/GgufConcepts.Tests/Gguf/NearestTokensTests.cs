using GgufConcepts.Gguf;
using GgufConcepts.Native;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Gguf;

public sealed class NearestTokensTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(GgmlType.F32, 64, 3000)]
    [InlineData(GgmlType.F32, 7, 257)]
    [InlineData(GgmlType.F32, 1, 1)]
    [InlineData(GgmlType.BF16, 33, 1000)]
    [InlineData(GgmlType.F16, 97, 1000)]
    [InlineData(GgmlType.Q8_0, 96, 1000)]
    [InlineData(GgmlType.Q4_0, 96, 1000)]
    [InlineData(GgmlType.Q4_K, 256, 500)]
    [InlineData(GgmlType.Q6_K, 256, 500)]
    public void Find_RandomRows_MatchesReference(GgmlType type, int width, int rows)
    {
        float[] values = Noise(width * rows);
        values.AsSpan(0, width).Clear(); // a row of zeros: cosine 0 with everything
        using GgufModelFile model = Open(type, width, values);
        EmbeddingTable table = new(model);
        float[] vectors = [.. Noise(width * 3, seed: 9), .. new float[width]];
        foreach (Predicate<int>? listed in new Predicate<int>?[] { null, id => id % 3 != 1 })
        {
            NearToken[][] expected = NearestTokens.FindReference(table, vectors, 4, 20, listed);
            NearToken[][] found = NearestTokens.Find(
                table, vectors, 4, 20, listed, TestContext.Current.CancellationToken);
            Assert.Equal(4, found.Length);
            for (int v = 0; v < 4; v++)
            {
                Assert.Equal(expected[v].Select(token => token.Id), found[v].Select(token => token.Id));
                Assert.All(found[v].Zip(expected[v]), pair =>
                    Assert.Equal(pair.Second.Cosine, pair.First.Cosine, tolerance: 1e-5f));
            }
        }
    }

    [Fact]
    public void Find_RowItself_ComesFirstWhateverItsLength()
    {
        float[] values = Noise(16 * 50);
        using GgufModelFile model = Open(GgmlType.F32, 16, values);
        float[] vector = [.. values.Skip(16 * 30).Take(16).Select(x => x * 1e20f)]; // its square overflows a float
        NearToken nearest = Find(model, vector, 1)[0];
        Assert.Equal(30, nearest.Id);
        Assert.Equal(1f, nearest.Cosine, tolerance: 1e-5f);
    }

    [Fact]
    public void Find_EqualRows_ListsLowestIdsFirst()
    {
        float[] values = [.. Enumerable.Repeat(new[] { 1f, 2f, 3f }, 600).SelectMany(row => row)];
        using GgufModelFile model = Open(GgmlType.F32, 3, values);
        Assert.Equal([0, 1, 2, 3, 4], Find(model, [3, 2, 1], 5).Select(token => token.Id));
    }

    [Fact]
    public void Find_MoreThanThereAre_ListsAll()
    {
        using GgufModelFile model = Open(GgmlType.F32, 2, [1, 0, 0, 1, -1, 0]);
        Assert.Equal([new(0, 1), new(1, 0), new(2, -1)], Find(model, [5, 0], 100));
    }

    [Fact]
    public void Find_RowWithNaN_CountsAsZero()
    {
        using GgufModelFile model = Open(GgmlType.F32, 2, [float.NaN, 1, 1, 1, -1, -1]);
        Assert.Equal([1, 0, 2], Find(model, [1, 1], 3).Select(token => token.Id));
    }

    [Fact]
    public void Find_WrongShapes_Throws()
    {
        using GgufModelFile model = Open(GgmlType.F32, 2, [1, 0]);
        Assert.Throws<ArgumentException>("vectors", () => Find(model, [1, 2, 3], 1));
        Assert.Throws<ArgumentOutOfRangeException>("count", () => Find(model, [1, 2], 0));
    }

    [Fact]
    public void Find_FileClosed_ThrowsAsCopyRowDoes()
    {
        GgufModelFile model = Open(GgmlType.F32, 2, [1, 0]);
        EmbeddingTable table = new(model);
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(
            () => NearestTokens.Find(table, [1, 2], 1, 1, null, TestContext.Current.CancellationToken));
    }

    private static NearToken[] Find(GgufModelFile model, float[] vector, int count) =>
        NearestTokens.Find(new EmbeddingTable(model), vector, 1, count, null, TestContext.Current.CancellationToken)[0];

    private static float[] Noise(int count, int seed = 3)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }

    private GgufModelFile Open(GgmlType type, int width, float[] values)
    {
        GgufWriter writer = new();
        writer.AddTensor("token_embd.weight", type, [width, values.Length / width], values);
        string path = _folder.File("model.gguf");
        writer.Write(path);
        return GgufModelFile.Open(path);
    }
}
