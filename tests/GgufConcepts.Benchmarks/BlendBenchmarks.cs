using BenchmarkDotNet.Attributes;
using GgufConcepts.Mixing;

namespace GgufConcepts.Benchmarks;

/// <summary>From ten embedding rows to a concept vector.</summary>
[MemoryDiagnoser]
public class BlendBenchmarks
{
    private const int Count = 10;
    private readonly float[] _weights = new float[Count];
    private float[] _rows = [];
    private float[] _result = [];

    [Params(896, 1536, 4096)] // embedding widths of models in use
    public int Width { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        RandomStream random = new(1);
        _rows = new float[Count * Width];
        _result = new float[Width];
        Fill(_rows, ref random);
        Fill(_weights, ref random);
    }

    [Benchmark(Baseline = true)]
    public void Reference() => RowBlend.BlendReference(_rows, _weights, _result);

    [Benchmark]
    public void Blend() => RowBlend.Blend(_rows, _weights, _result);

    private static void Fill(float[] values, ref RandomStream random)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = random.NextSingle() - 0.5f;
        }
    }
}
