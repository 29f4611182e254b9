namespace GgufConcepts.Testing;

/// <summary>Settings that several designs share.</summary>
public static partial class TinyDesigns
{
    private const float EmbeddingScale = 3; // neither 1 nor the root of the width

    private static Dictionary<string, object?> HeadLengths(TinySizes sizes) => new()
    {
        ["attention.key_length"] = sizes.HeadSize, ["attention.value_length"] = sizes.HeadSize,
    };

    /// <summary>A sliding window on every other layer.</summary>
    private static Dictionary<string, object?> Windows(Dictionary<string, object?> settings) => new(settings)
    {
        ["attention.sliding_window"] = 32, ["attention.sliding_window_pattern"] = 2,
    };

    /// <summary>Rotated pairs of one head that follow time, height, width, nothing.</summary>
    private static Dictionary<string, object?> RotatedSections(TinySizes sizes)
    {
        int pairs = sizes.HeadSize / 2;
        return new() { ["rope.dimension_sections"] = new[] { pairs / 4, pairs * 3 / 8, pairs * 3 / 8, 0 } };
    }

    private static Dictionary<string, object?> QuarterRotated(TinySizes sizes) => new()
    {
        ["rope.dimension_count"] = sizes.HeadSize / 4,
    };

    private static Dictionary<string, object?> Scales() => new()
    {
        ["embedding_scale"] = EmbeddingScale,
        ["residual_scale"] = 0.8f,
        ["attention.scale"] = 0.2f,
        ["logit_scale"] = 1.25f, // logits are divided by it
    };

    private static Dictionary<string, object?> StateSizes(int channels) => new()
    {
        ["ssm.conv_kernel"] = TinySizes.Kernel,
        ["ssm.inner_size"] = channels,
        ["ssm.state_size"] = TinySizes.State,
        ["ssm.time_step_rank"] = TinySizes.Steps,
    };

    /// <summary>A layer without heads of keys is a recurrent one.</summary>
    private static Dictionary<string, object?> EveryOtherAttends(TinySizes sizes) => new()
    {
        ["attention.head_count_kv"] = Enumerable.Range(0, sizes.Options.Layers)
            .Select(layer => layer % 2 * sizes.KeyValueHeads).ToArray(),
    };
}
