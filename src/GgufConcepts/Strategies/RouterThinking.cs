using System.Text.Json.Nodes;
using GgufConcepts.Mixing;

namespace GgufConcepts.Strategies;

/// <summary>Which steps a <see cref="RouterThinking"/> mixes.</summary>
public enum RouterMixes
{
    /// <summary>Those where the model is sure, as in the paper.</summary>
    Sure,

    /// <summary>Those where it is not.</summary>
    Unsure,
}

/// <summary><c>router</c>: feeds a mixture where the likeliest token is likely enough, else a drawn token.
/// Training-free.</summary>
/// <remarks>Source: ThinkRouter, arXiv 2602.11683. The probability is that of the whole vocabulary, after
/// temperature.</remarks>
public sealed record RouterThinking : IStrategy
{
    private static readonly RouterThinking s_default = new();

    internal static StrategyDefinition Definition { get; } = new(
        "router",
        "a mixture where the model is sure, else a drawn token",
        "ThinkRouter, arXiv 2602.11683",
        settings => new RouterThinking
        {
            Mix = settings.Mix(),
            Tau = settings.Number("tau", s_default.Tau, "probability of the likeliest token from which on the model is sure"),
            Mixes = settings.Choice("mixes", s_default.Mixes, "which steps are fed as mixtures"),
        });

    /// <summary>Temperature, filters and the number of tokens mixed.</summary>
    public MixOptions Mix { get; init; } = new();

    /// <summary>Probability of the likeliest token from which on the model counts as sure.</summary>
    /// <value>0 to 1; the default is the paper's .9.</value>
    public float Tau { get; init; } = 0.9f;

    /// <summary>Which steps are fed as mixtures.</summary>
    public RouterMixes Mixes { get; init; }

    /// <inheritdoc/>
    public string Name => "router";

    /// <inheritdoc/>
    public JsonObject Settings
    {
        get
        {
            JsonObject settings = Mix.ToJson();
            settings["tau"] = Tau;
            settings["mixes"] = Mixes.ToString().ToLowerInvariant();
            return settings;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> FindProblems() => Checks.Find(
        Mix,
        Checks.Within(nameof(Tau), Tau, 0, 1),
        Enum.IsDefined(Mixes) ? null : $"{nameof(Mixes)} is {Mixes}; use Sure or Unsure.");

    /// <inheritdoc/>
    public IStrategyRun Start(StrategyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Run(context, this);
    }

    private sealed class Run(StrategyContext context, RouterThinking rule) : IStrategyRun
    {
        private readonly ConceptMixer _mixer = new(context.NeverMixed);
        private readonly ConceptMixer _drawing = new(TokenMask.None(context.VocabularySize));
        private RandomStream _random = new(context.Seed);

        public void Choose(in StepInput input, NextInput next)
        {
            _mixer.Mix(input.Logits, rule.Mix, next.Concept);
            bool sure = next.Concept.TopProbability >= rule.Tau;
            if (sure == (rule.Mixes == RouterMixes.Sure))
            {
                next.FeedConcept();
            }
            else
            {
                next.FeedToken(_drawing.Sample(input.Logits, rule.Mix, ref _random, next.Concept));
            }
        }
    }
}
