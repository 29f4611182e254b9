using GgufConcepts.Native;

namespace GgufConcepts.Testing;

/// <summary>A tensor of a tiny model.</summary>
internal sealed record TinyTensor(string Name, GgmlType Type, long[] Dimensions, float[] Values);

/// <summary>Random weights, scaled so that the next token is neither certain nor a matter of chance.</summary>
/// <remarks>Names and shapes as llama.cpp asks for them: src/models/*.cpp, v0.4.0. The same seed gives the same numbers.</remarks>
internal sealed class TinyWeights
{
    public const int Heads = 4;
    public const int KeyValueHeads = 2;

    private readonly TinyArchitecture _architecture;
    private readonly TinyOptions _options;
    private readonly Random _random;
    private readonly List<TinyTensor> _tensors = [];

    private TinyWeights(TinyArchitecture architecture, TinyOptions options)
    {
        _architecture = architecture;
        _options = options;
        _random = new Random(options.Seed);
    }

    public static IReadOnlyList<TinyTensor> Make(TinyArchitecture architecture, TinyOptions options, int vocabulary)
    {
        TinyWeights weights = new(architecture, options);
        weights.AddEnds(vocabulary);
        for (int layer = 0; layer < options.Layers; layer++)
        {
            weights.AddAttention($"blk.{layer}.");
            weights.AddFeedForward($"blk.{layer}.");
        }

        return weights._tensors;
    }

    /// <summary>Numbers in the inner layer of a block.</summary>
    public static int FeedForward(TinyOptions options) => 2 * options.Width;

    private void AddEnds(int vocabulary)
    {
        int width = _options.Width;
        double spread = 2 / Math.Sqrt(width); // logits are a dot product with a normed state: spread of about 2
        Add("token_embd.weight", [width, vocabulary], spread, type: _options.EmbeddingType);
        if (_architecture == TinyArchitecture.Qwen2Untied)
        {
            Add("output.weight", [width, vocabulary], spread);
        }

        if (_architecture == TinyArchitecture.Gpt2)
        {
            Add("position_embd.weight", [width, _options.ContextLength], 0.1);
        }

        AddNorm("output_norm", width);
    }

    private void AddAttention(string block)
    {
        int width = _options.Width;
        int keys = width / Heads * KeyValueHeads;
        AddNorm($"{block}attn_norm", width);
        if (_architecture == TinyArchitecture.Gpt2)
        {
            AddMatrix($"{block}attn_qkv", width, 3 * width, gain: 1, bias: true);
            AddMatrix($"{block}attn_output", width, width, gain: 0.7, bias: true);
            return;
        }

        bool bias = _architecture is TinyArchitecture.Qwen2 or TinyArchitecture.Qwen2Untied or TinyArchitecture.Qwen2VL;
        AddMatrix($"{block}attn_q", width, width, gain: 1.5, bias);
        AddMatrix($"{block}attn_k", width, keys, gain: 1.5, bias);
        AddMatrix($"{block}attn_v", width, keys, gain: 1, bias);
        AddMatrix($"{block}attn_output", width, width, gain: 0.7);
        if (_architecture == TinyArchitecture.Gemma3)
        {
            AddNorm($"{block}attn_q_norm", width / Heads);
            AddNorm($"{block}attn_k_norm", width / Heads);
            AddNorm($"{block}post_attention_norm", width, centre: 2); // stored as 1 + w
        }
    }

    private void AddFeedForward(string block)
    {
        int width = _options.Width;
        int inner = FeedForward(_options);
        bool bias = _architecture == TinyArchitecture.Gpt2;
        AddNorm($"{block}ffn_norm", width);
        if (_architecture != TinyArchitecture.Gpt2)
        {
            AddMatrix($"{block}ffn_gate", width, inner, gain: 1);
        }

        AddMatrix($"{block}ffn_up", width, inner, gain: 1, bias);
        AddMatrix($"{block}ffn_down", inner, width, gain: 1, bias);
        if (_architecture == TinyArchitecture.Gemma3)
        {
            AddNorm($"{block}post_ffw_norm", width, centre: 2);
        }
    }

    private void AddNorm(string name, int width, double centre = 1)
    {
        Add($"{name}.weight", [width], 0.1, centre);
        if (_architecture == TinyArchitecture.Gpt2)
        {
            Add($"{name}.bias", [width], 0.1);
        }
    }

    private void AddMatrix(string name, int inputs, int outputs, double gain, bool bias = false)
    {
        Add($"{name}.weight", [inputs, outputs], gain / Math.Sqrt(inputs));
        if (bias)
        {
            Add($"{name}.bias", [outputs], 0.1);
        }
    }

    private void Add(string name, long[] dimensions, double spread, double centre = 0, GgmlType type = GgmlType.F32)
    {
        float[] values = new float[dimensions.Aggregate((a, b) => a * b)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(centre + spread * Normal());
        }

        if (name == _options.NanTensor)
        {
            values[0] = float.NaN;
        }

        if (name != _options.MissingTensor)
        {
            _tensors.Add(new TinyTensor(name, type, dimensions, values));
        }
    }

    /// <summary>Box and Muller's method.</summary>
    private double Normal() =>
        Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}
