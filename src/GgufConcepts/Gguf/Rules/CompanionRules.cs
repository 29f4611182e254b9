namespace GgufConcepts.Gguf.Rules;

/// <summary>Tensors that llama.cpp calls optional and computes with all the same: without them the process ends, without
/// a word.</summary>
/// <remarks>Source: create_tensor with TENSOR_NOT_REQUIRED in src/models/*.cpp, v0.4.0. What else is missing llama.cpp
/// names itself.</remarks>
internal static class CompanionRules
{
    /// <summary>In a block of these architectures, what needs what; one of the last is enough.</summary>
    private static readonly (string[] Architectures, string Tensor, string[] Needed)[] s_companions =
    [
        (["phi3", "phimoe", "pockettts"], "attn_output.weight", ["attn_qkv.weight", "attn_q.weight"]),
        (["phi3", "phimoe", "pockettts"], "attn_q.weight", ["attn_k.weight"]),
        (["phi3", "phimoe", "pockettts"], "attn_q.weight", ["attn_v.weight"]),
        (["qwen35", "qwen35moe"], "ssm_out.weight", ["attn_qkv.weight"]),
        (["qwen35", "qwen35moe"], "ssm_out.weight", ["attn_gate.weight"]),
        (["granitehybrid", "nemotron_h", "nemotron_h_moe", "falcon-h1"], "ssm_conv1d.weight", ["ssm_conv1d.bias"]),
    ];

    public static void Check(CheckedModel model, Findings findings)
    {
        foreach ((_, string tensor, string[] needed) in s_companions.Where(
            companion => companion.Architectures.Contains(model.Architecture)))
        {
            for (int layer = 0; layer < model.Layers; layer++)
            {
                string block = $"blk.{layer}.";
                if (model.File.Find(block + tensor) is { } found && needed.All(name => model.File.Find(block + name) is null))
                {
                    findings.Add(found.Problem($"is there, and no {block}{string.Join($" or {block}", needed)} beside it"));
                }
            }
        }
    }
}
