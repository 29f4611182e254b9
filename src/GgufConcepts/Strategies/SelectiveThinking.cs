using System.Text.Json.Nodes;
using GgufConcepts.Mixing;

namespace GgufConcepts.Strategies;

/// <summary><c>selective</c>: feeds a mixture where the model hesitates, pushed away from its first choice; else a drawn
/// token. Training-free.</summary>
/// <remarks>
/// Source: SeLaR, arXiv 2604.08299. Of the k likeliest, renormalised, H = entropy / ln k. From tau on, the vector is
/// mix + strength H (mix - E[first]), which is a sum of rows whose weights sum to 1, though one may be below 0.
/// </remarks>
public sealed record SelectiveThinking : IStrategy
{
    private static readonly SelectiveThinking s_default = new();

    internal static StrategyDefinition Definition { get; } = new(
        "selective",
        "a mixture where the model hesitates, else a drawn token",
        "SeLaR, arXiv 2604.08299",
        settings => new SelectiveThinking
        {
            Mix = settings.Mix(),
            K = settings.WholeNumber("k", s_default.K, "tokens of the mixture"),
            Tau = settings.Number("tau", s_default.Tau, "hesitation from which on a mixture is fed, 0 to 1"),
            Strength = settings.Number("strength", s_default.Strength, "how far the mixture is pushed from the first choice"),
        });

    /// <summary>Temperature and filters.</summary>
    public MixOptions Mix { get; init; } = new();

    /// <summary>Tokens of the mixture.</summary>
    /// <value>2 to <see cref="ConceptToken.Capacity"/>; the default is the paper's 3.</value>
    public int K { get; init; } = 3;

    /// <summary>The entropy of the k likeliest, divided by ln k, from which on a mixture is fed.</summary>
    /// <value>0 to 1; the default is the paper's .3.</value>
    public float Tau { get; init; } = 0.3f;

    /// <summary>How far the mixture is pushed away from the first choice.</summary>
    /// <value>0 or more and finite; the default is the paper's 1.</value>
    public float Strength { get; init; } = 1f;

    /// <inheritdoc/>
    public string Name => "selective";

    /// <inheritdoc/>
    public JsonObject Settings
    {
        get
        {
            JsonObject settings = Mix.ToJson();
            settings["k"] = K;
            settings["tau"] = Tau;
            settings["strength"] = Strength;
            return settings;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> FindProblems() => Checks.Find(
        Mix,
        Checks.Within(nameof(K), K, 2, ConceptToken.Capacity),
        Checks.Within(nameof(Tau), Tau, 0, 1),
        Strength >= 0f && float.IsFinite(Strength)
            ? null
            : $"{nameof(Strength)} is {Strength}; use a finite value of 0 or more.");

    /// <inheritdoc/>
    public IStrategyRun Start(StrategyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Run(context, this);
    }

    /// <summary>The entropy of some weights, divided by that of k equal ones.</summary>
    internal static double Hesitation(ReadOnlySpan<float> weights, int k)
    {
        double entropy = 0;
        foreach (float weight in weights)
        {
            entropy -= weight > 0 ? weight * Math.Log(weight) : 0;
        }

        return entropy / Math.Log(k);
    }

    /// <summary>The weights of mix + push (mix - E[first]).</summary>
    internal static void Push(ReadOnlySpan<float> weights, double push, Span<float> pushed)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            pushed[i] = (float)(weights[i] + push * (weights[i] - (i == 0 ? 1 : 0)));
        }
    }

    private sealed class Run(StrategyContext context, SelectiveThinking rule) : IStrategyRun
    {
        private readonly ConceptMixer _mixer = new(context.NeverMixed);
        private readonly ConceptMixer _drawing = new(TokenMask.None(context.VocabularySize));
        private readonly MixOptions _mix = rule.Mix with { MaxTopK = rule.K };
        private readonly float[] _pushed = new float[rule.K];
        private RandomStream _random = new(context.Seed);

        public void Choose(in StepInput input, NextInput next)
        {
            _mixer.Mix(input.Logits, _mix, next.Concept);
            double hesitation = Hesitation(next.Concept.Weights, rule.K);
            if (next.Concept.Count == 1 || hesitation < rule.Tau)
            {
                next.FeedToken(_drawing.Sample(input.Logits, rule.Mix, ref _random, next.Concept));
                return;
            }

            Span<float> pushed = _pushed.AsSpan(0, next.Concept.Count);
            Push(next.Concept.Weights, rule.Strength * hesitation, pushed);
            context.Space.Mix(next.Concept.Ids, pushed, next.Vector);
            next.FeedVector(InputKind.Concept);
        }
    }
}
