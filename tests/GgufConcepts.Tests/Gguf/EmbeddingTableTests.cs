using GgufConcepts.Gguf;
using GgufConcepts.Native;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Gguf;

public sealed class EmbeddingTableTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(GgmlType.F32)]
    [InlineData(GgmlType.BF16)]
    [InlineData(GgmlType.Q4_0)]
    [InlineData(GgmlType.Q4_K)]
    [InlineData(GgmlType.Q6_K)]
    public void CopyRow_AnyStorage_EqualsDequantize(GgmlType type)
    {
        using GgufModelFile model = GgufModelFile.Open(
            TinyModels.Path(TinyArchitecture.Qwen2, new TinyOptions { EmbeddingType = type }));
        EmbeddingTable table = new(model);
        GgufTensor tensor = model.Find("token_embd.weight")!;
        byte[] stored = new byte[tensor.ByteLength / table.RowCount];
        float[] expected = new float[table.Width];
        float[] row = new float[table.Width];
        for (int id = 0; id < table.RowCount; id++)
        {
            tensor.CopyBytes((long)id * stored.Length, stored);
            GgmlTypes.Dequantize(type, stored, expected);
            table.CopyRow(id, row);
            Assert.Equal(expected, row);
        }
    }

    /// <summary>Types that only an importance matrix can make are read all the same; any bytes are some numbers.</summary>
    [Fact]
    public void CopyRow_EveryReadableType_Reads()
    {
        foreach (GgmlType type in Enum.GetValues<GgmlType>().Where(GgmlTypes.CanDequantize))
        {
            (int blockLength, int blockBytes) = GgmlTypes.Layout(type);
            GgufWriter writer = new();
            writer.AddStoredTensor("token_embd.weight", type, [blockLength, 2], new byte[blockBytes * 2]);
            string path = _folder.File($"{type}.gguf");
            writer.Write(path, TestContext.Current.CancellationToken);
            using GgufModelFile model = GgufModelFile.Open(path);
            EmbeddingTable table = new(model);
            table.CopyRow(1, new float[table.Width]);
        }
    }

    [Fact]
    public void CopyRow_WrongIdOrLength_Throws()
    {
        using GgufModelFile model = GgufModelFile.Open(TinyModels.Path(TinyArchitecture.Gpt2));
        EmbeddingTable table = new(model);
        Assert.Throws<ArgumentOutOfRangeException>(() => table.CopyRow(-1, new float[table.Width]));
        Assert.Throws<ArgumentOutOfRangeException>(() => table.CopyRow(table.RowCount, new float[table.Width]));
        Assert.Throws<ArgumentException>("destination", () => table.CopyRow(0, new float[table.Width - 1]));
    }

    [Fact]
    public void CopyRow_FileClosed_ThrowsInsteadOfCrashing()
    {
        GgufModelFile model = GgufModelFile.Open(TinyModels.Path(TinyArchitecture.Gpt2));
        EmbeddingTable table = new(model);
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => table.CopyRow(0, new float[table.Width]));
        Assert.Throws<ObjectDisposedException>(() => model.Metadata.TryGetString("general.name", out _));
    }

    [Fact]
    public void CopyRow_Repeated_AllocatesNothing()
    {
        using GgufModelFile model = GgufModelFile.Open(
            TinyModels.Path(TinyArchitecture.Qwen2, new TinyOptions { EmbeddingType = GgmlType.Q4_0 }));
        EmbeddingTable table = new(model);
        float[] row = new float[table.Width];
        table.CopyRow(0, row);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            table.CopyRow(i % table.RowCount, row);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Theory]
    [InlineData(GgmlType.I32)]
    [InlineData(GgmlType.F64)]
    public void Create_TypeThatIsNoNumber_IsRefused(GgmlType type)
    {
        GgufWriter writer = new();
        writer.AddStoredTensor("token_embd.weight", type, [4, 2], new byte[8 * GgmlTypes.Layout(type).BlockBytes]);
        writer.Write(_folder.File("model.gguf"), TestContext.Current.CancellationToken);
        using GgufModelFile model = GgufModelFile.Open(_folder.File("model.gguf"));
        Assert.Contains($"stored as {type}", Assert.Throws<GgufException>(() => new EmbeddingTable(model)).Message);
    }

    [Fact]
    public void Create_NoTable_IsRefused()
    {
        using GgufModelFile model = GgufModelFile.Open(
            TinyModels.Path(TinyArchitecture.Llama, new TinyOptions { MissingTensor = "token_embd.weight" }));
        Assert.Contains("no token_embd.weight", Assert.Throws<GgufException>(() => new EmbeddingTable(model)).Message);
    }
}
