using BenchmarkDotNet.Attributes;
using GgufConcepts.Mixing;

namespace GgufConcepts.Benchmarks;

/// <summary>The plain version in double precision that says what is correct: slow, so at the smallest size only.</summary>
public class ReferenceBenchmarks
{
    private readonly MixOptions _options = new() { TopK = 15 };
    private readonly ConceptToken _result = new();
    private readonly float[] _logits = new LogitCase(32_000, LogitShape.Peaked).MakeLogits();
    private readonly TokenMask _mask = TokenMask.None(32_000);
    private readonly ConceptMixer _mixer = new(TokenMask.None(32_000));

    [Benchmark(Baseline = true)]
    public void Mix() => _mixer.Mix(_logits, _options, _result);

    [Benchmark]
    public void MixReference() => ConceptMixer.MixReference(_logits, _options, _mask, _result);
}
