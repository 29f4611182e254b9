using System.Text.Json.Nodes;

namespace GgufConcepts.Strategies;

/// <summary><c>full</c>: feeds the mixture of the whole vocabulary, at temperature 1 and unfiltered.</summary>
/// <remarks>Source: CoT2, arXiv 2505.23648, for models trained so. Where the probability is spread over more tokens than
/// a list holds, a step reads the whole table.</remarks>
public sealed record FullMixture : IStrategy
{
    internal static StrategyDefinition Definition { get; } = new(
        "full", "the mixture of all tokens, unfiltered", "CoT2, arXiv 2505.23648", _ => new FullMixture());

    /// <inheritdoc/>
    public string Name => "full";

    /// <inheritdoc/>
    public JsonObject Settings => [];

    /// <inheritdoc/>
    public IReadOnlyList<string> FindProblems() => [];

    /// <inheritdoc/>
    public IStrategyRun Start(StrategyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Run(new WholeMixture(context));
    }

    private sealed class Run(WholeMixture mixture) : IStrategyRun
    {
        public void Choose(in StepInput input, NextInput next) => mixture.Feed(input.Logits, next, marker: [], share: 0);
    }
}
