namespace GgufConcepts.Gguf.Rules;

/// <summary>How positions are rotated into queries and keys.</summary>
internal static class PositionRules
{
    private static readonly string[] s_scalings = ["none", "linear", "yarn", "longrope"];

    /// <summary>Architectures whose positions are always of several kinds (<c>llama_model_rope_type</c>).</summary>
    private static readonly string[] s_sectioned =
        ["qwen2vl", "paddleocr", "qwen3vl", "qwen3vlmoe", "qwen35", "qwen35moe"];

    public static void Check(CheckedModel model, Findings findings)
    {
        foreach (string name in (string[])["rope.freq_base", "rope.freq_base_swa"])
        {
            if (model.Fraction(name) is { } frequency && !(frequency > 0 && double.IsFinite(frequency)))
            {
                findings.Add(model.Own(name)!.Problem($"is {frequency}; it must be above 0 and finite"));
            }
        }

        foreach (string name in (string[])["rope.scaling.factor", "rope.scale_linear"])
        {
            if (model.Fraction(name) is < 0 and { } factor)
            {
                findings.Add(model.Own(name)!.Problem($"is {factor}; it must not be negative"));
            }
        }

        CheckSections(model, findings);
        string scaling = $"{model.Architecture}.rope.scaling.type";
        if (model.Text(scaling) is { } kind && !s_scalings.Contains(kind))
        {
            findings.Add(model.Find(scaling)!.Problem($"is '{kind}'; llama.cpp knows {string.Join(", ", s_scalings)}"));
        }
    }

    private static long Heads(CheckedModel model) =>
        model.TryPerLayer("attention.head_count", out long[]? heads) ? Math.Max(heads[0], 1) : 1;

    /// <summary>Pairs of a head that follow time, height and width, and the rest.</summary>
    private static void CheckSections(CheckedModel model, Findings findings)
    {
        if (model.Own("rope.dimension_sections") is not { Count: <= 4, ElementType: not GgufValueType.Bool } entry)
        {
            return; // llama.cpp itself refuses longer ones
        }

        long[] sections = entry.AsArray().ToIntegers<long>();
        long most = model.Number("attention.key_length") ?? model.Number("embedding_length") / Heads(model) ?? 0;
        if (sections.Any(pairs => pairs < 0) || sections.Sum() > most)
        {
            findings.Add(entry.Problem($"is [{string.Join(", ", sections)}]; no section is negative, and all fit in a head"));
        }
        else if (s_sectioned.Contains(model.Architecture) && sections.Take(3).Sum() == 0)
        {
            findings.Add(entry.Problem($"is [{string.Join(", ", sections)}]; one of the first three must be above 0"));
        }
    }
}
