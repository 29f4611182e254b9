using System.Text.Json.Nodes;
using GgufConcepts.Mixing;

namespace GgufConcepts.Strategies;

/// <summary>What makes the weights of a mixture random.</summary>
public enum MixNoise
{
    /// <summary>Nothing: the run is deterministic.</summary>
    None,

    /// <summary>Gumbel-softmax over the tokens kept.</summary>
    Gumbel,

    /// <summary>A draw from a Dirichlet distribution around the filtered probabilities.</summary>
    Dirichlet,
}

/// <summary>
/// <c>soft</c>: feeds the probability-weighted sum of the embeddings of the likeliest tokens. Training-free.
/// </summary>
/// <remarks>Source: Soft Thinking, arXiv 2505.15778; the noise, arXiv 2508.03440. The default settings show what the
/// model itself believes; the paper's are temperature .6, top-k 30, top-p .95, min-p .001.</remarks>
public sealed record SoftThinking : IStrategy
{
    private static readonly SoftThinking s_default = new();

    internal static StrategyDefinition Definition { get; } = new(
        "soft",
        "the mixture of the likeliest tokens, by their probabilities",
        "Soft Thinking, arXiv 2505.15778; its noise, arXiv 2508.03440",
        settings => new SoftThinking
        {
            Mix = settings.Mix(),
            Noise = settings.Choice("noise", s_default.Noise, "what makes the weights random"),
            Tau = settings.Number("tau", s_default.Tau, "temperature of Gumbel noise; near 0 one token is left"),
            Alpha = settings.Number("alpha", s_default.Alpha, "concentration of Dirichlet noise; more is less noise"),
        });

    /// <summary>Temperature, filters and the number of tokens mixed.</summary>
    public MixOptions Mix { get; init; } = new();

    /// <summary>What makes the weights random. The default is nothing.</summary>
    public MixNoise Noise { get; init; }

    /// <summary>Temperature of Gumbel noise: near 0 one token is left, drawn by its weight.</summary>
    /// <value>Above 0 and finite; the default is the paper's .5.</value>
    public float Tau { get; init; } = 0.5f;

    /// <summary>Concentration of Dirichlet noise: the larger, the nearer to the distribution.</summary>
    /// <value>Above 0 and finite; the default is the paper's 4.</value>
    public float Alpha { get; init; } = 4f;

    /// <inheritdoc/>
    public string Name => "soft";

    /// <inheritdoc/>
    public JsonObject Settings
    {
        get
        {
            JsonObject settings = Mix.ToJson();
            settings["noise"] = Noise.ToString().ToLowerInvariant();
            settings["tau"] = Tau;
            settings["alpha"] = Alpha;
            return settings;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> FindProblems() => Checks.Find(
        Mix,
        Enum.IsDefined(Noise) ? null : $"{nameof(Noise)} is {Noise}; use None, Gumbel or Dirichlet.",
        Checks.Above0(nameof(Tau), Tau),
        Checks.Above0(nameof(Alpha), Alpha));

    /// <inheritdoc/>
    public IStrategyRun Start(StrategyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Run(context.NeverMixed, this, new RandomStream(context.Seed));
    }

    private sealed class Run(TokenMask neverMixed, SoftThinking rule, RandomStream random) : IStrategyRun
    {
        private readonly ConceptMixer _mixer = new(neverMixed);
        private RandomStream _random = random;

        public void Choose(in StepInput input, NextInput next)
        {
            if (rule.Noise == MixNoise.Dirichlet)
            {
                _mixer.MixDirichlet(input.Logits, rule.Mix, rule.Alpha, ref _random, next.Concept);
            }
            else
            {
                _mixer.Mix(input.Logits, rule.Mix, next.Concept);
            }

            if (rule.Noise == MixNoise.Gumbel)
            {
                GumbelNoise.Apply(next.Concept, rule.Tau, ref _random);
            }

            if (rule.Noise == MixNoise.None)
            {
                next.FeedConcept();
            }
            else
            {
                next.FeedNoisyConcept(neverMixed);
            }
        }
    }
}
