namespace GgufConcepts.Gguf.Rules;

/// <summary>How many experts there are, how many work on a token, and in which groups.</summary>
internal static class ExpertRules
{
    private const int MaxExperts = 512; // LLAMA_MAX_EXPERTS of v0.4.0; 1024 in v0.5.0

    public static void Check(CheckedModel model, Findings findings)
    {
        if (model.Own("expert_count") is not null && model.InRange(findings, "expert_count", 0, MaxExperts) is null)
        {
            return; // said already
        }

        long experts = model.Number("expert_count") ?? 0;
        CheckUsed(model, findings, experts);
        CheckGroups(model, findings, experts);
    }

    private static void CheckUsed(CheckedModel model, Findings findings, long experts)
    {
        if (model.Own("expert_used_count") is not { } entry)
        {
            findings.Require(experts == 0, () => model.Own("expert_count")!.Problem(
                $"is {experts}, and there is no {model.Architecture}.expert_used_count"));
            return;
        }

        if (!model.TryPerLayer("expert_used_count", out long[]? used))
        {
            return;
        }

        long most = used.Max();
        if (used.Min() < 0 || most > experts || (most == 0 && experts > 0))
        {
            findings.Add(entry.Problem($"is {most}; it must be from {Math.Min(experts, 1)} to {experts}, the experts there are"));
            return;
        }

        CheckLayers(model, findings, entry, used);
    }

    /// <summary>llama.cpp makes room for as many as the first layer uses, of most architectures, and adds up those that each
    /// layer states.</summary>
    private static void CheckLayers(CheckedModel model, Findings findings, GgufEntry entry, long[] used)
    {
        bool mayDiffer = ArchitectureTraits.LayersUseExpertsOfTheirOwn(model.Architecture);
        int layer = Enumerable.Range(0, used.Length).FirstOrDefault(
            i => (used[i] == 0 || (used[i] != used[0] && !mayDiffer)) && model.File.Find($"blk.{i}.ffn_gate_inp.weight") is not null, -1);
        findings.Require(layer < 0, () => entry.Problem(
            $"puts {used[layer]} experts to work in layer {layer} and {used[0]} in the first; {model.Architecture} wants them alike"));
    }

    private static void CheckGroups(CheckedModel model, Findings findings, long experts)
    {
        long groups = model.Number("expert_group_count") ?? 0;
        if (groups == 0)
        {
            return;
        }

        GgufEntry entry = model.Own("expert_group_count")!;
        if (groups < 0 || groups >= experts || experts % groups != 0)
        {
            findings.Add(entry.Problem($"is {groups}, into which {experts} experts cannot be divided"));
        }
        else if (groups > 1)
        {
            long used = model.Number("expert_group_used_count") ?? 0;
            findings.Require(used > 0 && used < groups, () => (model.Own("expert_group_used_count") ?? entry).Problem(
                $"leaves {used} of {groups} groups of experts in use; it must be from 1 to {groups - 1}"));
        }
    }
}
