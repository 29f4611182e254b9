using GgufConcepts.Native;

namespace GgufConcepts.Gguf.Rules;

/// <summary>How tensors are stored: in a type that llama.cpp computes with where it uses them.</summary>
internal static class TensorRules
{
    private static readonly string[] s_lookups = ["tid2eid", "d2t", "ordering"]; // whole numbers: rows to look up
    private static readonly string[] s_exact =
    [
        ".bias", "norm.weight", "ssm_conv1d.weight", "ssm_a", "ssm_d", "shortconv.conv.weight", "rope_freqs.weight",
        "rope_factors_long.weight", "rope_factors_short.weight",
    ];

    public static void Check(CheckedModel model, Findings findings)
    {
        foreach (GgufTensor tensor in model.File.Tensors)
        {
            bool isExact = tensor.Dimensions.Count == 1 || Array.Exists(s_exact, end => EndsWith(tensor, end));
            bool fits = isExact ? tensor.Type == GgmlType.F32 : GgmlTypes.HoldsWeights(tensor.Type);
            if (!fits && !Array.Exists(s_lookups, part => tensor.Name.Contains(part, StringComparison.Ordinal)))
            {
                findings.Add(tensor.Problem(
                    $"is stored as {tensor.Type}, with which llama.cpp cannot compute here" +
                    (isExact ? $": norms, biases and the like are {GgmlType.F32}" : "")));
            }
        }

        CheckRows(model, findings);
    }

    /// <summary>A row of the matrix for each token; a vocabulary alone has no matrix.</summary>
    private static void CheckRows(CheckedModel model, Findings findings)
    {
        if (model.Find(TokenizerRules.Prefix + "tokens") is { } tokens
            && model.File.Find("token_embd.weight") is { } rows && rows.RowCount != tokens.Count)
        {
            findings.Add(tokens.Problem($"has {tokens.Count} tokens, and {rows.Name} has {rows.RowCount} rows"));
        }
    }

    private static bool EndsWith(GgufTensor tensor, string end) => tensor.Name.EndsWith(end, StringComparison.Ordinal);
}
