using BenchmarkDotNet.Attributes;
using GgufConcepts.Mixing;
using GgufConcepts.Native;

namespace GgufConcepts.Benchmarks;

/// <summary>What the number of candidates costs.</summary>
public class TopKBenchmarks
{
    private readonly ConceptToken _result = new();
    private MixOptions _options = new();
    private float[] _logits = [];
    private ConceptMixer _mixer = new(TokenMask.None(1));
    private SamplerChain? _chain;

    [Params(LogitShape.Peaked, LogitShape.Flat)]
    public LogitShape Shape { get; set; }

    [Params(1, 10, 15, 64)]
    public int K { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _logits = new LogitCase(151_936, Shape).MakeLogits();
        _options = new MixOptions { TopK = K, MaxTopK = K };
        _mixer = new ConceptMixer(TokenMask.None(_logits.Length));
        _chain = new SamplerChain(_logits.Length, K, seed: 1);
    }

    [GlobalCleanup]
    public void Cleanup() => _chain?.Dispose();

    [Benchmark(Baseline = true)]
    public void Mix() => _mixer.Mix(_logits, _options, _result);

    [Benchmark]
    public int LlamaChain() => _chain!.Sample(_logits);
}
