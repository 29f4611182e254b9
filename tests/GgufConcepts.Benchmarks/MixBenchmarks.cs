using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using BenchmarkDotNet.Attributes;
using GgufConcepts.Mixing;
using GgufConcepts.Native;

namespace GgufConcepts.Benchmarks;

/// <summary>From logits to a concept token, at the vocabulary sizes of models in use.</summary>
/// <remarks>Floor is the least any method does: read every logit once, for the maximum. Mix gives the 15 largest, the
/// normaliser and the entropy; the rest give parts of that by other means.</remarks>
public class MixBenchmarks
{
    private const int K = 15;
    private readonly MixOptions _options = new() { TopK = K };
    private readonly MixOptions _nucleus = new() { TopP = 0.95f };
    private readonly ConceptToken _result = new();
    private readonly PriorityQueue<int, float> _queue = new(K + 1);
    private RandomStream _random = new(1);
    private float[] _logits = [];
    private float[] _probabilities = [];
    private float[] _scratch = [];
    private ConceptMixer _mixer = new(TokenMask.None(1));
    private SamplerChain? _chain;

    /// <summary>Every shape at one size; the two that differ most at all sizes.</summary>
    public static IEnumerable<LogitCase> Cases =>
        from size in (int[])[32_000, 128_256, 151_936, 262_144]
        from shape in Enum.GetValues<LogitShape>()
        where size == 151_936 || shape is LogitShape.Peaked or LogitShape.Flat
        select new LogitCase(size, shape);

    [ParamsSource(nameof(Cases))]
    public LogitCase Logits { get; set; } = new(1, LogitShape.Flat);

    [GlobalSetup]
    public void Setup()
    {
        _logits = Logits.MakeLogits();
        _probabilities = new float[_logits.Length];
        _scratch = new float[_logits.Length];
        _mixer = new ConceptMixer(TokenMask.None(_logits.Length));
        _chain = new SamplerChain(_logits.Length, K, seed: 1);
    }

    [GlobalCleanup]
    public void Cleanup() => _chain?.Dispose();

    [Benchmark(Baseline = true)]
    public float Floor() =>
        Vector512.IsHardwareAccelerated ? Floor<Lanes512, Vector512<float>>()
        : Vector256.IsHardwareAccelerated ? Floor<Lanes256, Vector256<float>>()
        : Vector128.IsHardwareAccelerated ? Floor<Lanes128, Vector128<float>>()
        : Floor<Lanes1, float>();

    [Benchmark]
    public void Mix() => _mixer.Mix(_logits, _options, _result);

    /// <summary>A token from the most probable 95%.</summary>
    [Benchmark]
    public int SampleTopP() => _mixer.Sample(_logits, _nucleus, ref _random, _result);

    /// <summary>The probability of every token.</summary>
    [Benchmark]
    public void Distribute() => _mixer.Distribute(_logits, 1f, _probabilities);

    /// <summary>Normaliser and entropy alone, no candidates; wrong where a logit is -infinity.</summary>
    [Benchmark]
    public float Tensors()
    {
        TensorPrimitives.Subtract(_logits, TensorPrimitives.Max(_logits), _scratch);
        TensorPrimitives.Exp(_scratch, _probabilities);
        float z = TensorPrimitives.Sum(_probabilities);
        return MathF.Log(z) - TensorPrimitives.Dot(_scratch, _probabilities) / z;
    }

    /// <summary>Candidates alone.</summary>
    [Benchmark]
    public int Queue()
    {
        _queue.Clear();
        for (int id = 0; id < _logits.Length; id++)
        {
            if (_queue.Count < K)
            {
                _queue.Enqueue(id, _logits[id]);
            }
            else if (_queue.TryPeek(out _, out float least) && _logits[id] > least)
            {
                _queue.EnqueueDequeue(id, _logits[id]);
            }
        }

        return _queue.Count;
    }

    /// <summary>llama.cpp: fill in the candidates, top-k 15, one draw. No entropy, no whole normaliser.</summary>
    [Benchmark]
    public int LlamaChain() => _chain!.Sample(_logits);

    private float Floor<TLanes, TVector>()
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref readonly float logits = ref _logits[0];
        TVector a = TLanes.Create(float.NegativeInfinity), b = a, c = a, d = a;
        nuint lanes = (nuint)TLanes.Count;
        for (nuint i = 0; i < (nuint)_logits.Length; i += 4 * lanes) // every size is a multiple of 64
        {
            a = TLanes.Max(a, TLanes.Load(in logits, i));
            b = TLanes.Max(b, TLanes.Load(in logits, i + lanes));
            c = TLanes.Max(c, TLanes.Load(in logits, i + 2 * lanes));
            d = TLanes.Max(d, TLanes.Load(in logits, i + 3 * lanes));
        }

        return TLanes.MaxAcross(TLanes.Max(TLanes.Max(a, b), TLanes.Max(c, d)));
    }
}
