using GgufConcepts.Gguf;
using GgufConcepts.Mixing;
using GgufConcepts.Native;

namespace GgufConcepts.Benchmarks;

/// <summary>A model file of nothing but a table of embeddings, so that rows are read the way they are in use.</summary>
internal sealed class TableFile : IDisposable
{
    private const int Distinct = 1024; // rows made; a larger table repeats them

    private readonly string _path;
    private readonly GgufModelFile _file;

    public TableFile(GgmlType type, int width, int rows)
    {
        RandomStream random = new(1);
        float[] values = new float[Math.Min(rows, Distinct) * width];
        foreach (ref float value in values.AsSpan())
        {
            value = 0.04f * (random.NextSingle() - 0.5f);
        }

        (int blockLength, int blockBytes) = GgmlTypes.Layout(type);
        byte[] block = new byte[values.Length / blockLength * blockBytes];
        GgmlTypes.Quantize(type, values, values.Length / width, block);
        byte[] stored = new byte[(long)rows * width / blockLength * blockBytes];
        for (int at = 0; at < stored.Length; at += block.Length)
        {
            block.AsSpan(0, Math.Min(block.Length, stored.Length - at)).CopyTo(stored.AsSpan(at));
        }

        GgufWriter writer = new();
        writer.AddStoredTensor("token_embd.weight", type, [width, rows], stored);
        _path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.gguf");
        writer.Write(_path);
        _file = GgufModelFile.Open(_path);
        Table = new EmbeddingTable(_file);
    }

    public EmbeddingTable Table { get; }

    public void Dispose()
    {
        _file.Dispose();
        File.Delete(_path);
    }
}
