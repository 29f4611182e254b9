namespace GgufConcepts.Testing;

/// <summary>What the tiny models are made of.</summary>
public static partial class TinyDesigns
{
    private const string Tied = "token_embd output_norm";
    private const string Untied = "token_embd output output_norm";
    private const string Gated = "ffn_norm ffn_gate ffn_up ffn_down";
    private const string Plain = "attn_norm attn_q attn_k attn_v attn_output " + Gated;
    private const string Biased = "attn_norm attn_q+ attn_k+ attn_v+ attn_output " + Gated;
    private const string HeadNorms = "attn_norm attn_q attn_k attn_v attn_output attn_q_norm attn_k_norm";
    private const string Glm4Layer =
        "attn_norm attn_q attn_k attn_v attn_output post_attention_norm ffn_norm ffn_up:gated ffn_down post_ffw_norm";

    private const string Centred = "attn_norm+ attn_qkv+ attn_output+ ffn_norm+ ffn_up+ ffn_down+";

    private static readonly Dictionary<TinyArchitecture, TinyDesign> s_transformers = new()
    {
        [TinyArchitecture.Qwen2] = new("qwen2", Tied, Biased),
        [TinyArchitecture.Qwen2Untied] = new("qwen2", Untied, Biased),
        [TinyArchitecture.Gpt2] = new("gpt2", "token_embd position_embd output_norm+", Centred)
        {
            CentresNorms = true,
            KeyValueHeads = TinySizes.Heads,
            Settings = _ => new() { ["rope.freq_base"] = null }, // positions are a table
        },
        [TinyArchitecture.Llama] = new("llama", Tied, Plain) { AddsBeginOfText = true },
        [TinyArchitecture.Gemma3] = new(
            "gemma3", Tied, HeadNorms + " post_attention_norm ffn_norm ffn_gate ffn_up ffn_down post_ffw_norm")
        {
            AddsBeginOfText = true, InputScale = 8, Settings = sizes => Windows(HeadLengths(sizes)),
        },
        [TinyArchitecture.Qwen2VL] = new("qwen2vl", Tied, Biased) { Settings = RotatedSections },
        [TinyArchitecture.Mistral3] = new("mistral3", Untied, Plain)
        {
            AddsBeginOfText = true, Settings = _ => new() { ["attention.temperature_scale"] = 0.1f },
        },
        [TinyArchitecture.Qwen3] = new("qwen3", Tied, HeadNorms + " " + Gated) { Settings = HeadLengths },
        [TinyArchitecture.Qwen3Moe] = new(
            "qwen3moe", Untied, HeadNorms + " ffn_norm ffn_gate_inp ffn_gate_exps ffn_down_exps ffn_up_exps")
        {
            Settings = sizes => new()
            {
                ["expert_count"] = TinySizes.Experts,
                ["expert_used_count"] = TinySizes.Experts / 2,
                ["expert_feed_forward_length"] = sizes.Width,
            },
        },
        [TinyArchitecture.Qwen3VL] = new("qwen3vl", Tied, HeadNorms + " " + Gated)
        {
            Settings = sizes => new(RotatedSections(sizes)) { ["n_deepstack_layers"] = 1 },
        },
        [TinyArchitecture.Gemma] = new("gemma", Tied, Plain) { AddsBeginOfText = true, Settings = HeadLengths },
        [TinyArchitecture.Gemma2] = new(
            "gemma2",
            Tied,
            "attn_norm attn_q attn_k attn_v attn_output post_attention_norm " + Gated + " post_ffw_norm")
        {
            AddsBeginOfText = true,
            ScalesLogits = true,
            Settings = sizes => new(Windows(HeadLengths(sizes)))
            {
                ["attn_logit_softcapping"] = 50f, ["final_logit_softcapping"] = 30f,
            },
        },
        [TinyArchitecture.Phi] = new("phi3", Untied, "attn_norm attn_qkv attn_output ffn_norm ffn_up:gated ffn_down"),
        [TinyArchitecture.Granite] = new("granite", Tied, Plain) { ScalesLogits = true, Settings = _ => Scales() },
        [TinyArchitecture.GraniteVision] = new("granite", Tied, Plain)
        {
            Variant = "deepstack_mapping",
            InputScale = EmbeddingScale,
            ScalesLogits = true,
            Settings = sizes => new(Scales())
            {
                // The second layer adds what an image says to it; -1 is a layer that adds nothing.
                ["deepstack_mapping"] = Enumerable.Range(0, sizes.Options.Layers)
                    .Select(layer => layer == 1 ? 1 : -1).ToArray(),
            },
        },
        [TinyArchitecture.Falcon] = new(
            "falcon", "token_embd output_norm+", "attn_norm+ attn_qkv attn_output ffn_up ffn_down")
        {
            CentresNorms = true,
        },
        [TinyArchitecture.Starcoder2] = new(
            "starcoder2",
            "token_embd output_norm+",
            "attn_norm+ attn_q+ attn_k+ attn_v+ attn_output+ ffn_norm+ ffn_up+ ffn_down+")
        {
            CentresNorms = true,
        },
        [TinyArchitecture.Olmo2] = new(
            "olmo2",
            Untied,
            "attn_q attn_k attn_v attn_output attn_q_norm:all attn_k_norm:all post_attention_norm " +
            "ffn_gate ffn_up ffn_down post_ffw_norm"),
        [TinyArchitecture.GptNeoX] = new("gptneox", "token_embd output output_norm+", Centred)
        {
            CentresNorms = true,
            KeyValueHeads = TinySizes.Heads,
            Settings = sizes => new(QuarterRotated(sizes)) { ["use_parallel_residual"] = true },
        },
        [TinyArchitecture.StableLM] = new(
            "stablelm",
            "token_embd output output_norm+",
            "attn_norm+ attn_q attn_k attn_v attn_output ffn_norm+ ffn_gate ffn_up ffn_down")
        {
            CentresNorms = true, Settings = QuarterRotated,
        },
        [TinyArchitecture.Cohere2] = new(
            "cohere2", Tied, "attn_norm attn_q attn_k attn_v attn_output ffn_gate ffn_up ffn_down")
        {
            CentresNorms = true, ScalesLogits = true, Settings = _ => Windows(new() { ["logit_scale"] = 0.8f }),
        },
        [TinyArchitecture.Glm4V] = new("glm4", Untied, Glm4Layer)
        {
            Variant = "rope.dimension_sections", Settings = RotatedSections,
        },
    };

    /// <summary>What an architecture's model is made of.</summary>
    public static TinyDesign Of(TinyArchitecture kind) =>
        s_transformers.GetValueOrDefault(kind) ?? s_recurrent.GetValueOrDefault(kind) ?? s_refused[kind];

    /// <summary>Those that think in vectors and can go back: every sequence is rows in a cache.</summary>
    public static IReadOnlyList<TinyArchitecture> Transformers => [.. s_transformers.Keys];

    /// <summary>Those that think in vectors and remember by a state, which cannot go back.</summary>
    public static IReadOnlyList<TinyArchitecture> Recurrent => [.. s_recurrent.Keys];

    /// <summary>Those that think in vectors.</summary>
    public static IReadOnlyList<TinyArchitecture> Thinking => [.. s_transformers.Keys, .. s_recurrent.Keys];

    /// <summary>Those that cannot think in vectors.</summary>
    public static IReadOnlyList<TinyArchitecture> Refused => [.. s_refused.Keys];
}
