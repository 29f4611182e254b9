using System.Text.Json.Nodes;
using GgufConcepts.Mixing;

namespace GgufConcepts.Strategies;

/// <summary><c>multi</c>: feeds the mean of several drawn tokens. Training-free.</summary>
/// <remarks>Source: CoT2's multi-token sampling, arXiv 2505.23648, which draws at temperature K; Multiplex Thinking, arXiv
/// 2601.08808, whose weighted form gives each draw its probability. A token drawn twice counts twice.</remarks>
public sealed record MultiToken : IStrategy
{
    private static readonly MultiToken s_default = new();

    internal static StrategyDefinition Definition { get; } = new(
        "multi",
        "the mean of K drawn tokens",
        "CoT2, arXiv 2505.23648; Multiplex Thinking, arXiv 2601.08808",
        settings => new MultiToken
        {
            Mix = settings.Mix(),
            K = settings.WholeNumber("k", s_default.K, "tokens drawn a step"),
            Weighted = settings.Flag("weighted", "weigh each draw by its probability instead of all alike"),
        });

    /// <summary>Temperature and filters of the draws.</summary>
    public MixOptions Mix { get; init; } = new();

    /// <summary>Tokens drawn a step.</summary>
    /// <value>1 to <see cref="ConceptToken.Capacity"/>; the default is 3.</value>
    public int K { get; init; } = 3;

    /// <summary>Whether each draw weighs as much as it is probable.</summary>
    public bool Weighted { get; init; }

    /// <inheritdoc/>
    public string Name => "multi";

    /// <inheritdoc/>
    public JsonObject Settings
    {
        get
        {
            JsonObject settings = Mix.ToJson();
            settings["k"] = K;
            settings["weighted"] = Weighted;
            return settings;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> FindProblems() =>
        Checks.Find(Mix, Checks.Within(nameof(K), K, 1, ConceptToken.Capacity));

    /// <inheritdoc/>
    public IStrategyRun Start(StrategyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Run(context.NeverMixed, this, new RandomStream(context.Seed));
    }

    private sealed class Run(TokenMask neverMixed, MultiToken rule, RandomStream random) : IStrategyRun
    {
        private readonly ConceptMixer _mixer = new(neverMixed);
        private readonly int[] _drawn = new int[rule.K];
        private readonly float[] _weights = new float[rule.K];
        private RandomStream _random = random;

        public void Choose(in StepInput input, NextInput next)
        {
            _mixer.Sample(input.Logits, rule.Mix, ref _random, _drawn, next.Concept);
            float largest = input.Logits[next.Concept.Ids[0]];
            _drawn.AsSpan().Sort(); // those drawn twice lie together
            int count = 0;
            foreach (int id in _drawn)
            {
                float weight = rule.Weighted ? MathF.Exp((input.Logits[id] - largest) / rule.Mix.Temperature) : 1f;
                if (count > 0 && _drawn[count - 1] == id)
                {
                    _weights[count - 1] += weight;
                }
                else
                {
                    (_drawn[count], _weights[count]) = (id, weight); // count never overtakes the reading
                    count++;
                }
            }

            next.Concept.Set(_drawn.AsSpan(0, count), _weights.AsSpan(0, count));
            next.FeedNoisyConcept(neverMixed);
        }
    }
}
