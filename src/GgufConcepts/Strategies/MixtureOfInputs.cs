using System.Text.Json.Nodes;
using GgufConcepts.Mixing;

namespace GgufConcepts.Strategies;

/// <summary><c>moi</c>: draws a token and feeds it blended with the distribution it was drawn from.
/// Training-free.</summary>
/// <remarks>
/// Source: Mixture of Inputs, arXiv 2505.14827. The weights are a p + (1 - a) onehot(y) with a = Hn / (beta + 1) and
/// Hn = H / ln V: the surer the model, the purer the token. The tokens drawn are a valid text, so a whole generation can
/// run so.
/// </remarks>
public sealed record MixtureOfInputs : IStrategy
{
    private static readonly MixtureOfInputs s_default = new();

    internal static StrategyDefinition Definition { get; } = new(
        "moi",
        "a drawn token blended with the distribution it came from",
        "Mixture of Inputs, arXiv 2505.14827",
        settings => new MixtureOfInputs
        {
            Mix = settings.Mix(),
            Beta = settings.Number("beta", s_default.Beta, "weight of the draw; 0 leaves it the least"),
        });

    /// <summary>Temperature and filters of the draw and of what it is blended with.</summary>
    public MixOptions Mix { get; init; } = new();

    /// <summary>Weight of the drawn token as an observation.</summary>
    /// <value>0 or more and finite; the default is the paper's 1.</value>
    public float Beta { get; init; } = 1f;

    /// <inheritdoc/>
    public string Name => "moi";

    /// <inheritdoc/>
    public JsonObject Settings
    {
        get
        {
            JsonObject settings = Mix.ToJson();
            settings["beta"] = Beta;
            return settings;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> FindProblems() => Checks.Find(
        Mix, Beta >= 0f && float.IsFinite(Beta) ? null : $"{nameof(Beta)} is {Beta}; use a finite value of 0 or more.");

    /// <inheritdoc/>
    public IStrategyRun Start(StrategyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Run(context, this);
    }

    /// <summary>Blends a mixture with a drawn token.</summary>
    /// <param name="concept">The mixture; receives the blend.</param>
    /// <param name="drawn">The token; it takes the last one's place where the mixture is full.</param>
    /// <param name="share">The mixture's share a, 0 to 1.</param>
    internal static void Blend(ConceptToken concept, int drawn, double share)
    {
        Span<int> ids = stackalloc int[ConceptToken.Capacity];
        Span<float> weights = stackalloc float[ConceptToken.Capacity];
        int count = concept.Count;
        concept.Ids.CopyTo(ids);
        for (int i = 0; i < count; i++)
        {
            weights[i] = (float)(share * concept.Weights[i]);
        }

        int at = ids[..count].IndexOf(drawn);
        if (at < 0)
        {
            at = Math.Min(count, ids.Length - 1);
            count = at + 1;
            (ids[at], weights[at]) = (drawn, 0);
        }

        weights[at] += (float)(1 - share);
        concept.Set(ids[..count], weights[..count]);
    }

    private sealed class Run(StrategyContext context, MixtureOfInputs rule) : IStrategyRun
    {
        private readonly ConceptMixer _mixer = new(context.NeverMixed);
        private readonly ConceptMixer _drawing = new(TokenMask.None(context.VocabularySize));
        private RandomStream _random = new(context.Seed);

        public void Choose(in StepInput input, NextInput next)
        {
            int drawn = _drawing.Sample(input.Logits, rule.Mix, ref _random, next.Concept);
            if (context.NeverMixed.Contains(drawn))
            {
                next.FeedToken(drawn); // a marker is fed as it is
                return;
            }

            _mixer.Mix(input.Logits, rule.Mix, next.Concept);
            double uncertainty = next.Concept.Entropy / Math.Log(context.VocabularySize);
            Blend(next.Concept, drawn, uncertainty / (rule.Beta + 1));
            next.FeedConcept(drawn);
        }
    }
}
