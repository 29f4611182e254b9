using GgufConcepts.Strategies;
using GgufConcepts.Thinking;

namespace GgufConcepts.Evaluation;

/// <summary>A rule that is measured.</summary>
/// <param name="Label">What its rows are called: as it was asked for, such as <c>soft:maxTopK=4</c>.</param>
/// <param name="Rule">The rule.</param>
public sealed record EvalStrategy(string Label, IStrategy Rule)
{
    /// <summary>Everything else that a preset says; null where the rule came from none. The tasks that travel along say
    /// those things themselves.</summary>
    public ThinkOptions? Preset { get; init; }

    /// <summary>The likeliest token, step by step.</summary>
    internal static EvalStrategy Greedy { get; } = new("token, the likeliest", new TokenDecoding { Greedy = true });

    /// <summary>Makes rules as they are written on a command line; where a preset is named, its rule with its
    /// settings.</summary>
    /// <param name="specs">Names of rules or presets, and settings.</param>
    /// <param name="preset">The preset that those without one of their own share; null for none.</param>
    /// <exception cref="ConceptInputException">There is no such rule or setting.</exception>
    public static IReadOnlyList<EvalStrategy> Of(IEnumerable<StrategySpec> specs, Preset? preset = null)
    {
        ArgumentNullException.ThrowIfNull(specs);
        return [.. specs.Select(spec => Make(spec, preset))];
    }

    private static EvalStrategy Make(StrategySpec spec, Preset? shared)
    {
        Preset? named = PresetCatalog.All.FirstOrDefault(preset => preset.Name == spec.Name);
        Preset? preset = named ?? shared;
        StrategySpec whole = named?.Strategy.With(spec.Settings)
            ?? (shared?.Strategy.Name == spec.Name ? shared.Strategy.With(spec.Settings) : spec);
        return new EvalStrategy(spec.ToString(), StrategyCatalog.Standard.Make(whole)) { Preset = preset?.Options };
    }
}
