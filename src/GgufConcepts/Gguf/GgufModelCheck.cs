using GgufConcepts.Gguf.Rules;

namespace GgufConcepts.Gguf;

/// <summary>Refuses well-formed files whose contents would make llama.cpp end the process, or load and answer
/// NaN.</summary>
/// <remarks>
/// Most rules stand for a file that did so (v0.4.0 and v0.5.0). What llama.cpp itself refuses with an error that says
/// what is missing is left to it. Does not load llama.cpp.
/// </remarks>
public static class GgufModelCheck
{
    /// <summary>The rules, in the order in which they look.</summary>
    private static readonly (string Name, Action<CheckedModel, Findings> Check)[] s_rules =
    [
        ("the types of settings", SettingTypeRule.Check),
        ("sizes", SizeRules.Check),
        ("experts", ExpertRules.Check),
        ("positions", PositionRules.Check),
        ("heads", HeadRules.Check),
        ("kinds of layers", LayerKindRules.Check),
        ("the tokenizer", TokenizerRules.Check),
        ("the types of tensors", TensorRules.Check),
        ("what tensors need beside them", CompanionRules.Check),
    ];

    /// <summary>What is looked at, for people.</summary>
    public static IReadOnlyList<string> Rules => [.. s_rules.Select(rule => rule.Name)];

    /// <summary>Checks a model before it is loaded.</summary>
    /// <exception cref="GgufException">It must not be loaded. Names the setting or tensor.</exception>
    public static void Run(GgufModelFile model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Run(model, Findings.ThrowFirst());
    }

    /// <summary>Finds everything for which <see cref="Run(GgufModelFile)"/> or <see cref="EmbeddingTable"/> would refuse a
    /// model.</summary>
    /// <returns>A line for each finding: where, what, what to do. Empty where the model may be loaded.</returns>
    public static IReadOnlyList<string> FindProblems(GgufModelFile model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Findings findings = Findings.KeepAll();
        try
        {
            if (EmbeddingTable.FindProblem(model) is { } problem)
            {
                findings.Add(problem);
            }

            Run(model, findings);
        }
        catch (GgufException last) // nothing more can be said
        {
            findings.Add(last);
        }

        return [.. findings.All.Select(finding => finding.Message)];
    }

    private static void Run(GgufModelFile file, Findings findings)
    {
        if (!file.Metadata.TryGetString("general.architecture", out string architecture))
        {
            throw new GgufException(
                $"{file.Paths[0]}: has no general.architecture, so it is no model; use a language model.");
        }

        if (architecture.Length > SettingTypeRule.MaxNameBytes) // every name of a setting would begin with it
        {
            throw file.Metadata.Find("general.architecture")!.Problem(
                $"has {architecture.Length} characters; the most is {SettingTypeRule.MaxNameBytes}");
        }

        CheckedModel model = new(file, architecture);
        foreach ((_, Action<CheckedModel, Findings> check) in s_rules)
        {
            check(model, findings);
        }
    }
}
