namespace GgufConcepts.Gguf.Rules;

/// <summary>Models whose layers are of several kinds: which layer is of which, and the sizes of those with a
/// state.</summary>
internal static class LayerKindRules
{
    private static readonly string[] s_deltaNets = ["qwen3next", "qwen35", "qwen35moe"];

    public static void Check(CheckedModel model, Findings findings)
    {
        CheckWindows(model, findings);
        CheckDivisors(model, findings);
        if (s_deltaNets.Contains(model.Architecture)
            && model.Number("ssm.inner_size") is { } inner
            && model.Number("ssm.state_size") is { } state
            && model.Number("ssm.time_step_rank") is { } heads && inner != state * heads)
        {
            findings.Add(model.Own("ssm.inner_size")!.Problem($"is {inner}, and {heads} heads of {state} take {state * heads}"));
        }
    }

    /// <summary>What llama.cpp divides by as it loads.</summary>
    private static void CheckDivisors(CheckedModel model, Findings findings)
    {
        model.InRange(findings, "full_attention_interval", 1, SizeRules.MaxLayers);
        model.InRange(findings, "wkv.head_size", 1, int.MaxValue);
        model.InRange(findings, "experts_per_group", 1, int.MaxValue);
        if (ArchitectureTraits.GroupsStates(model.Architecture)) // others write 0
        {
            model.InRange(findings, "ssm.group_count", 1, int.MaxValue);
        }
    }

    /// <summary>A model with a window has a layer that looks through it: of one layer in each <c>pattern</c> all but one
    /// do.</summary>
    private static void CheckWindows(CheckedModel model, Findings findings)
    {
        if (model.Number("attention.sliding_window") is not > 0
            || model.Own("attention.sliding_window_pattern") is not { } pattern)
        {
            return;
        }

        bool isSeenThrough = pattern.Type != GgufValueType.Array ? pattern.AsInteger<long>() != 1
            : pattern.Count > SizeRules.MaxLayers || AnyTrue(pattern);
        findings.Require(isSeenThrough, () => pattern.Problem("gives the sliding window to no layer"));
    }

    private static bool AnyTrue(GgufEntry list) => list.ElementType == GgufValueType.Bool
        ? list.AsArray().ToBools().Contains(true)
        : list.AsArray().ToIntegers<long>().Any(value => value != 0);
}
