using System.Text.Json.Nodes;
using GgufConcepts.Mixing;

namespace GgufConcepts.Strategies;

/// <summary><c>noise</c>: feeds the mixture of the whole vocabulary with normal noise on every number of it.</summary>
/// <remarks>Source: "Soft Tokens, Hard Truths", arXiv 2509.19170: p E + s N(0, I), s a fraction of the table's root mean
/// square. For models trained so.</remarks>
public sealed record NoisyMixture : IStrategy
{
    private static readonly NoisyMixture s_default = new();

    internal static StrategyDefinition Definition { get; } = new(
        "noise",
        "the mixture of all tokens with normal noise",
        "Soft Tokens, Hard Truths, arXiv 2509.19170",
        settings => new NoisyMixture
        {
            Sigma = settings.Number("sigma", s_default.Sigma, "the noise, as a fraction of what embeddings measure"),
        });

    /// <summary>Standard deviation of the noise, as a fraction of the root mean square of the embedding table.</summary>
    /// <value>0 to 100; the default is the paper's .33.</value>
    public float Sigma { get; init; } = 0.33f;

    /// <inheritdoc/>
    public string Name => "noise";

    /// <inheritdoc/>
    public JsonObject Settings => new() { ["sigma"] = Sigma };

    /// <inheritdoc/>
    public IReadOnlyList<string> FindProblems() =>
        Checks.Within(nameof(Sigma), Sigma, 0, 100) is { } problem ? [problem] : [];

    /// <inheritdoc/>
    public IStrategyRun Start(StrategyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Run(context, Sigma * context.Space.RootMeanSquare);
    }

    private sealed class Run(StrategyContext context, double deviation) : IStrategyRun
    {
        private readonly WholeMixture _mixture = new(context);
        private RandomStream _random = new(context.Seed);

        public void Choose(in StepInput input, NextInput next)
        {
            _mixture.Feed(input.Logits, next, marker: [], share: 0);
            if (!next.FeedsVector)
            {
                context.Space.Mix(next.Concept.Ids, next.Concept.Weights, next.Vector);
            }

            foreach (ref float value in next.Vector)
            {
                value += (float)(deviation * _random.NextNormal());
            }

            next.FeedVector(InputKind.Concept);
        }
    }
}
