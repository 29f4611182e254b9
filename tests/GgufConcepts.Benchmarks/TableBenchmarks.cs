using System.Numerics;
using System.Numerics.Tensors;
using BenchmarkDotNet.Attributes;
using GgufConcepts.Gguf;
using GgufConcepts.Mixing;
using GgufConcepts.Models;
using GgufConcepts.Native;

namespace GgufConcepts.Benchmarks;

/// <summary>What goes through a whole table: the full mixture and the search for the nearest tokens. Read is the least
/// any method does: it reads the table once, on as many processors.</summary>
[MemoryDiagnoser]
public unsafe class TableBenchmarks : IPartedJob
{
    private const int Rows = 151_936;
    private const int Width = 1536;
    private const int Parts = 64;

    private readonly float[] _flat = [.. Enumerable.Range(0, Rows).Select(id => (1 + id % 7) / 4f / Rows)];
    private readonly float[] _peaked = new float[Rows];
    private readonly float[] _result = new float[Width];
    private readonly float[] _vectors = new float[8 * Width];
    private readonly ulong[] _read = new ulong[Parts];
    private readonly ParallelParts _parts;
    private TableFile? _file;
    private EmbeddingTable _table = null!;
    private InputEmbeddings _embeddings = null!;
    private StoredRows _rows;

    public TableBenchmarks() => _parts = new ParallelParts(this, Environment.ProcessorCount);

    [Params(GgmlType.Q8_0, GgmlType.F16, GgmlType.Q6_K, GgmlType.Q4_K)]
    public GgmlType Type { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _file = new TableFile(Type, Width, Rows);
        _table = _file.Table;
        _embeddings = new InputEmbeddings(_table, scale: 1f);
        for (int k = 0; k < 100; k++)
        {
            _peaked[k * 1501] = 1f / (k + 1);
        }

        for (int v = 0; v < 8; v++)
        {
            _embeddings.Row(v * 100, _vectors.AsSpan(v * Width, Width));
        }
    }

    [GlobalCleanup]
    public void Cleanup() => _file?.Dispose();

    [Benchmark(Baseline = true)]
    public void Read()
    {
        using MappedFile.Lease lease = _table.Borrow(out _rows);
        _parts.Run(Parts);
    }

    /// <summary>No weight is small enough to be left out.</summary>
    [Benchmark]
    public void FlatMixture() => _embeddings.MixAll(_flat, _result);

    /// <summary>A hundred weights are not zero.</summary>
    [Benchmark]
    public void PeakedMixture() => _embeddings.MixAll(_peaked, _result);

    [Benchmark]
    public NearToken[][] Nearest() => NearestTokens.Find(_table, _vectors.AsSpan(0, Width), 1, 10);

    [Benchmark]
    public NearToken[][] NearestOf8() => NearestTokens.Find(_table, _vectors, 8, 10);

    /// <summary>What one search costs where rows become floats first.</summary>
    [Benchmark]
    public void ToFloatAndDot() => Parallel.For(0, Parts, () => new float[Width], (part, _, row) =>
    {
        for (long id = (long)Rows * part / Parts; id < (long)Rows * (part + 1) / Parts; id++)
        {
            _table.CopyRow((int)id, row);
            _read[part] += TensorPrimitives.Dot(row, _vectors.AsSpan(0, Width)) > 1 ? 1u : 0u;
        }

        return row;
    }, _ => { });

    void IPartedJob.Run(int part)
    {
        long length = _rows.RowBytes * _rows.Count / Parts;
        ulong* at = (ulong*)(_rows.First + length * part), end = at + length / sizeof(ulong);
        int lanes = Vector<ulong>.Count;
        Vector<ulong> a = default, b = default, c = default, d = default;
        for (; at <= end - 4 * lanes; at += 4 * lanes)
        {
            a ^= Vector.Load(at);
            b ^= Vector.Load(at + lanes);
            c ^= Vector.Load(at + 2 * lanes);
            d ^= Vector.Load(at + 3 * lanes);
        }

        _read[part] = Vector.Sum(a ^ b ^ c ^ d);
    }
}
