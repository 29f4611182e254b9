using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using BenchmarkDotNet.Attributes;
using GgufConcepts.Mixing;

namespace GgufConcepts.Benchmarks;

/// <summary>From logits to a concept token, at the vocabulary sizes of models in use.</summary>
/// <remarks>Floor is the least any method does: read every logit once, for the maximum.</remarks>
[MemoryDiagnoser]
public class MixBenchmarks
{
    private readonly MixOptions _options = new() { Temperature = 0.6f, TopK = 30, TopP = 0.95f, MinP = 0.001f };
    private readonly ConceptToken _result = new();
    private float[] _logits = [];
    private float[] _probabilities = [];
    private float[] _scratch = [];
    private TokenMask _mask = TokenMask.None(1);
    private ConceptMixer _mixer = new(TokenMask.None(1));

    [Params(32_000, 128_256, 151_936, 262_144)]
    public int Vocabulary { get; set; }

    [Params(LogitShape.Peaked, LogitShape.Flat)]
    public LogitShape Shape { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        RandomStream random = new(1);
        _logits = new float[Vocabulary];
        for (int i = 0; i < Vocabulary; i++)
        {
            _logits[i] = Shape == LogitShape.Flat ? random.NextSingle() : 4f * (random.NextSingle() - 0.5f);
        }

        for (int i = 0; Shape == LogitShape.Peaked && i < 40; i++) // a few tokens stand out, as in a trained model
        {
            _logits[(int)(random.NextUInt64() % (ulong)Vocabulary)] = 22f + 6f * random.NextSingle();
        }

        _probabilities = new float[Vocabulary];
        _scratch = new float[Vocabulary];
        _mask = new TokenMask(Vocabulary, [.. Enumerable.Range(Vocabulary - 300, 300)]);
        _mixer = new ConceptMixer(_mask);
    }

    [Benchmark(Baseline = true)]
    public void Reference() => ConceptMixer.MixReference(_logits, _options, _mask, _result);

    [Benchmark]
    public float Floor()
    {
        ReadOnlySpan<Vector512<float>> logits = MemoryMarshal.Cast<float, Vector512<float>>(_logits);
        Vector512<float> a = logits[0], b = a, c = a, d = a;
        for (int i = 0; i <= logits.Length - 4; i += 4)
        {
            a = Vector512.MaxNative(a, logits[i]);
            b = Vector512.MaxNative(b, logits[i + 1]);
            c = Vector512.MaxNative(c, logits[i + 2]);
            d = Vector512.MaxNative(d, logits[i + 3]);
        }

        return Lanes512.MaxAcross(Vector512.MaxNative(Vector512.MaxNative(a, b), Vector512.MaxNative(c, d)));
    }

    /// <summary>Normaliser and entropy alone, no candidates.</summary>
    [Benchmark]
    public float Tensors()
    {
        TensorPrimitives.Subtract(_logits, TensorPrimitives.Max(_logits), _scratch);
        TensorPrimitives.Divide(_scratch, _options.Temperature, _scratch);
        TensorPrimitives.Exp(_scratch, _probabilities);
        float z = TensorPrimitives.Sum(_probabilities);
        return MathF.Log(z) - TensorPrimitives.Dot(_scratch, _probabilities) / z;
    }

    [Benchmark]
    public void Mix() => _mixer.Mix(_logits, _options, _result);
}

/// <summary>How far the best tokens stand out.</summary>
public enum LogitShape
{
    /// <summary>40 of 22 to 28 over a bulk of -2 to 2.</summary>
    Peaked,

    /// <summary>All from 0 to 1.</summary>
    Flat,
}
