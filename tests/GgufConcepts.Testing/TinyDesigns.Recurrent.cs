namespace GgufConcepts.Testing;

/// <summary>The designs that remember by a state, alone or beside attention.</summary>
public static partial class TinyDesigns
{
    private const string Mamba2Layer =
        "attn_norm ssm_in:heads ssm_conv1d:heads+ ssm_dt:heads ssm_a:heads ssm_d:heads ssm_norm ssm_out";

    private static readonly Dictionary<TinyArchitecture, TinyDesign> s_recurrent = new()
    {
        [TinyArchitecture.Mamba] = new("mamba", Tied, "attn_norm ssm_in ssm_conv1d+ ssm_x ssm_dt+ ssm_a ssm_d ssm_out")
        {
            IsRecurrent = true, Settings = sizes => new(StateSizes(sizes.Channels)) { ["attention.head_count"] = 0 },
        },
        [TinyArchitecture.Mamba2] = new("mamba2", Tied, Mamba2Layer)
        {
            IsRecurrent = true,
            Settings = sizes => new(StateSizes(sizes.Channels))
            {
                ["attention.head_count"] = 0, ["ssm.group_count"] = 1,
            },
        },
        [TinyArchitecture.Lfm2] = new(
            "lfm2",
            "token_embd token_embd_norm", // the final norm, under the name of another
            "attn_norm shortconv.conv shortconv.in_proj shortconv.out_proj " + Gated,
            HeadNorms + " " + Gated)
        {
            IsRecurrent = true,
            LacksLogitsBesideHidden = true,
            Settings = sizes => new(EveryOtherAttends(sizes)) { ["shortconv.l_cache"] = TinySizes.Kernel },
        },
        [TinyArchitecture.Qwen35] = new(
            "qwen35",
            Tied,
            "attn_norm post_attention_norm attn_qkv:delta attn_gate ssm_conv1d:delta ssm_dt:heads ssm_a:delta " +
            "ssm_beta ssm_alpha ssm_norm:delta ssm_out:delta ffn_gate ffn_up ffn_down",
            "attn_norm post_attention_norm attn_q:gated attn_k attn_v attn_output attn_q_norm attn_k_norm " +
            "ffn_gate ffn_up ffn_down")
        {
            IsRecurrent = true,
            Settings = sizes => new(RotatedSections(sizes).Concat(StateSizes(TinyTensors.DeltaValues)))
            {
                ["ssm.group_count"] = TinySizes.Groups, ["full_attention_interval"] = 2,
            },
        },
        [TinyArchitecture.GraniteHybrid] = new("granitehybrid", Tied, $"{Mamba2Layer} {Gated}", Plain)
        {
            IsRecurrent = true,
            ScalesLogits = true,
            Settings = sizes => new(Scales().Concat(StateSizes(sizes.Channels)).Concat(EveryOtherAttends(sizes)))
            {
                ["ssm.group_count"] = 1,
            },
        },
    };
}
