namespace GgufConcepts.Gguf.Rules;

/// <summary>How positions are rotated into queries and keys.</summary>
internal static class PositionRules
{
    private static readonly string[] s_scalings = ["none", "linear", "yarn", "longrope"];

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

        string scaling = $"{model.Architecture}.rope.scaling.type";
        if (model.Text(scaling) is { } kind && !s_scalings.Contains(kind))
        {
            findings.Add(model.Find(scaling)!.Problem($"is '{kind}'; llama.cpp knows {string.Join(", ", s_scalings)}"));
        }
    }
}
