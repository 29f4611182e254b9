using GgufConcepts.Mixing;

namespace GgufConcepts.Strategies;

/// <summary>What the settings of rules have in common when they are checked.</summary>
internal static class Checks
{
    /// <summary>Collects the problems there are.</summary>
    /// <param name="mix">Options that may be null where they come from a settings file.</param>
    /// <param name="others">Problems, or null for none.</param>
    public static IReadOnlyList<string> Find(MixOptions? mix, params ReadOnlySpan<string?> others)
    {
        List<string> problems = [.. mix?.FindProblems() ?? ["Mix is null; leave it out for the defaults."]];
        foreach (string? other in others)
        {
            problems.AddRange(other is null ? [] : [other]);
        }

        return problems;
    }

    /// <summary>A problem, unless a value is above 0 and finite.</summary>
    public static string? Above0(string name, float value) =>
        value > 0f && float.IsFinite(value) ? null : $"{name} is {value}; use a finite value above 0.";

    /// <summary>A problem, unless a value is in a range.</summary>
    public static string? Within(string name, double value, double least, double most) =>
        value >= least && value <= most ? null : $"{name} is {value}; use {least} to {most}.";
}
