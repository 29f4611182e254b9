using GgufConcepts.Strategies;

namespace GgufConcepts.Evaluation;

/// <summary>A rule that is measured.</summary>
/// <param name="Label">What its rows are called: as it was asked for, such as <c>soft:maxTopK=4</c>.</param>
/// <param name="Rule">The rule.</param>
public sealed record EvalStrategy(string Label, IStrategy Rule)
{
    /// <summary>The likeliest token, step by step.</summary>
    internal static EvalStrategy Greedy { get; } = new("token, the likeliest", new TokenDecoding { Greedy = true });

    /// <summary>Makes rules as they are written on a command line.</summary>
    /// <exception cref="ConceptInputException">There is no such rule or setting.</exception>
    public static IReadOnlyList<EvalStrategy> Of(IEnumerable<StrategySpec> specs) =>
        [.. specs.Select(spec => new EvalStrategy(spec.ToString(), StrategyCatalog.Standard.Make(spec)))];
}
