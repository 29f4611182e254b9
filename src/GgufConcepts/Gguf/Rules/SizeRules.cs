namespace GgufConcepts.Gguf.Rules;

/// <summary>How large a model may be.</summary>
internal static class SizeRules
{
    public const int MaxLayers = 512; // LLAMA_MAX_LAYERS
    private const int MaxWidth = 1 << 20;

    public static void Check(CheckedModel model, Findings findings)
    {
        model.InRange(findings, "block_count", 1, MaxLayers);
        model.InRange(findings, "context_length", 1, int.MaxValue);
        model.InRange(findings, "embedding_length", 1, MaxWidth);
        model.InRange(findings, "nextn_predict_layers", 0, Math.Max(model.Layers, 0));
        foreach (string name in (string[])["layer_norm_epsilon", "layer_norm_rms_epsilon"])
        {
            if (model.Fraction($"attention.{name}") is { } epsilon && !(epsilon > 0 && epsilon < 1)) // NaN too
            {
                findings.Add(model.Own($"attention.{name}")!.Problem($"is {epsilon}; it must be above 0 and below 1"));
            }
        }
    }
}
