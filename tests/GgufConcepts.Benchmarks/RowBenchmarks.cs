using BenchmarkDotNet.Attributes;
using GgufConcepts.Gguf;
using GgufConcepts.Mixing;
using GgufConcepts.Models;
using GgufConcepts.Native;

namespace GgufConcepts.Benchmarks;

/// <summary>From fifteen rows of a table to a concept vector. Copy is the least any method does that needs floats: it
/// copies the same rows from a table that holds floats.</summary>
[MemoryDiagnoser]
public class RowBenchmarks
{
    private const int Count = 15;
    private const int TableRows = 256;

    private readonly int[] _ids = [.. Enumerable.Range(0, Count).Select(k => (k * 37 + 3) % TableRows)];
    private readonly float[] _weights = [.. Enumerable.Range(0, Count).Select(k => 1f / (k + 2))];
    private float[] _rows = [];
    private float[] _result = [];
    private TableFile? _floats;
    private TableFile? _file;
    private EmbeddingTable _table = null!;
    private EmbeddingTable _floatTable = null!;
    private InputEmbeddings _embeddings = null!;

    /// <summary>896 is no whole number of blocks of 256: there the K types have 1024 instead.</summary>
    [Params(896, 1536, 4096)] // embedding widths of models in use
    public int Width { get; set; }

    [Params(GgmlType.F32, GgmlType.BF16, GgmlType.F16, GgmlType.Q8_0, GgmlType.Q4_0, GgmlType.Q4_K, GgmlType.Q6_K)]
    public GgmlType Type { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        int block = GgmlTypes.Layout(Type).BlockLength;
        int width = (Width + block - 1) / block * block;
        _floats = new TableFile(GgmlType.F32, width, TableRows);
        _file = new TableFile(Type, width, TableRows);
        (_floatTable, _table) = (_floats.Table, _file.Table);
        _embeddings = new InputEmbeddings(_table, scale: 1f);
        _rows = new float[Count * width];
        _result = new float[width];
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _file?.Dispose();
        _floats?.Dispose();
    }

    [Benchmark(Baseline = true)]
    public void Copy() => Read(_floatTable);

    [Benchmark]
    public void Reference()
    {
        Read(_table);
        RowBlend.BlendReference(_rows, _weights, _result);
    }

    /// <summary>ggml's <c>to_float</c>, then the blend.</summary>
    [Benchmark]
    public void ToFloat()
    {
        Read(_table);
        RowBlend.Blend(_rows, _weights, _result);
    }

    [Benchmark]
    public void Mix() => _embeddings.Mix(_ids, _weights, _result);

    private void Read(EmbeddingTable table)
    {
        for (int k = 0; k < Count; k++)
        {
            table.CopyRow(_ids[k], _rows.AsSpan(k * table.Width, table.Width));
        }
    }
}
