namespace GgufConcepts.Testing;

/// <summary>The designs that cannot think in vectors.</summary>
public static partial class TinyDesigns
{
    private static readonly Dictionary<TinyArchitecture, TinyDesign> s_refused = new()
    {
        [TinyArchitecture.Gemma3n] = new(
            "gemma3n",
            Tied + " altup_proj altup_unembd_proj per_layer_token_embd per_layer_model_proj per_layer_proj_norm",
            HeadNorms + " post_attention_norm " + Gated + " post_ffw_norm inp_gate proj post_norm altup_correct_coef " +
            "altup_correct_scale altup_predict_coef altup_router altup_router_norm laurel_l laurel_r laurel_post_norm")
        {
            AddsBeginOfText = true, Settings = sizes => Windows(HeadLengths(sizes)),
        },
        [TinyArchitecture.CogVLM] = new(
            "cogvlm",
            Untied,
            "attn_norm attn_qkv attn_output " + Gated + " vis_attn_qkv vis_attn_output vis_gate vis_up vis_down")
        {
            KeyValueHeads = TinySizes.Heads,
        },
        [TinyArchitecture.Glm4] = new("glm4", Untied, Glm4Layer),
        [TinyArchitecture.Bert] = new(
            "bert",
            "token_embd position_embd token_embd_norm+",
            "attn_q+ attn_k+ attn_v+ attn_output+ attn_output_norm+ ffn_up+ ffn_down+ layer_output_norm+")
        {
            CentresNorms = true,
            KeyValueHeads = TinySizes.Heads,
            Settings = _ => new() { ["attention.causal"] = false, ["pooling_type"] = 1 },
        },
        [TinyArchitecture.Dream] = new("dream", Untied, Biased)
        {
            Settings = _ => new() { ["attention.causal"] = false },
        },
    };
}
