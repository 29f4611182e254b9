namespace GgufConcepts.Testing;

/// <summary>A tensor's shape, and the random numbers that suit it.</summary>
/// <param name="Dimensions">The innermost first, as files state them.</param>
/// <param name="Spread">Standard deviation.</param>
/// <param name="Centre">Mean.</param>
/// <param name="Suffix">What its name ends with.</param>
internal sealed record TinyShape(long[] Dimensions, double Spread, double Centre = 0, string Suffix = ".weight");

/// <summary>Every tensor the designs name: a name in files and, where architectures differ over its shape, a colon and
/// a word for that shape.</summary>
/// <remarks>Names and shapes as llama.cpp asks for them (src/models, v0.4.0). Numbers are scaled so that the next token
/// is neither certain nor a matter of chance.</remarks>
internal static partial class TinyTensors
{
    private static readonly Dictionary<string, Func<TinySizes, TinyShape>> s_transformer = new()
    {
        ["token_embd"] = sizes => Rows(sizes, sizes.Vocabulary, Head(sizes)),
        ["output"] = sizes => Rows(sizes, sizes.Vocabulary, Head(sizes)),
        ["position_embd"] = sizes => Rows(sizes, sizes.Options.ContextLength, 0.1),
        ["token_embd_norm"] = sizes => Norm(sizes.Width),
        ["output_norm"] = sizes => Norm(sizes.Width),
        ["attn_norm"] = sizes => Norm(sizes.Width),
        ["attn_q"] = sizes => Matrix(sizes.Width, sizes.Width, gain: 1.5),
        ["attn_k"] = sizes => Matrix(sizes.Width, sizes.Keys, gain: 1.5),
        ["attn_v"] = sizes => Matrix(sizes.Width, sizes.Keys),
        ["attn_qkv"] = sizes => Matrix(sizes.Width, sizes.Width + (2 * sizes.Keys)),
        ["attn_q_norm"] = sizes => Norm(sizes.HeadSize),
        ["attn_k_norm"] = sizes => Norm(sizes.HeadSize),
        ["attn_q_norm:all"] = sizes => Norm(sizes.Width),
        ["attn_k_norm:all"] = sizes => Norm(sizes.Keys),
        ["attn_output"] = sizes => Matrix(sizes.Width, sizes.Width, gain: 0.7),
        ["attn_output_norm"] = sizes => Norm(sizes.Width),
        ["post_attention_norm"] = sizes => Norm(sizes.Width, centre: 2), // Gemma stores 1 + w
        ["ffn_norm"] = sizes => Norm(sizes.Width),
        ["ffn_gate"] = sizes => Matrix(sizes.Width, sizes.Inner),
        ["ffn_up"] = sizes => Matrix(sizes.Width, sizes.Inner),
        ["ffn_up:gated"] = sizes => Matrix(sizes.Width, 2 * sizes.Inner),
        ["ffn_down"] = sizes => Matrix(sizes.Inner, sizes.Width),
        ["post_ffw_norm"] = sizes => Norm(sizes.Width, centre: 2),
        ["layer_output_norm"] = sizes => Norm(sizes.Width),
        ["ffn_gate_inp"] = sizes => Matrix(sizes.Width, TinySizes.Experts, gain: 2),
        ["ffn_gate_exps"] = sizes => Experts(sizes.Width, sizes.Width),
        ["ffn_up_exps"] = sizes => Experts(sizes.Width, sizes.Width),
        ["ffn_down_exps"] = sizes => Experts(sizes.Width, sizes.Width),
        ["vis_attn_qkv"] = sizes => Matrix(sizes.Width, 3 * sizes.Width),
        ["vis_attn_output"] = sizes => Matrix(sizes.Width, sizes.Width, gain: 0.7),
        ["vis_gate"] = sizes => Matrix(sizes.Width, sizes.Inner),
        ["vis_up"] = sizes => Matrix(sizes.Width, sizes.Inner),
        ["vis_down"] = sizes => Matrix(sizes.Inner, sizes.Width),
    };

    /// <summary>The shape of a tensor in a model of some sizes.</summary>
    public static TinyShape Shape(string name, TinySizes sizes) =>
        (s_transformer.GetValueOrDefault(name) ?? s_recurrent.GetValueOrDefault(name) ?? s_layered[name])(sizes);

    private static TinyShape Matrix(int inputs, int outputs, double gain = 1) =>
        new([inputs, outputs], gain / Math.Sqrt(inputs));

    private static TinyShape Experts(int inputs, int outputs) =>
        new([inputs, outputs, TinySizes.Experts], 1 / Math.Sqrt(inputs));

    private static TinyShape Rows(TinySizes sizes, int count, double spread) => new([sizes.Width, count], spread);

    private static TinyShape Norm(int width, double centre = 1) => new([width], 0.1, centre);

    /// <summary>Logits are a dot product with a normed state: their spread is about 2.</summary>
    private static double Head(TinySizes sizes) => 2 / Math.Sqrt(sizes.Width);
}
