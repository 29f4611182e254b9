using System.Text.Json.Nodes;
using GgufConcepts.Mixing;

namespace GgufConcepts.Strategies;

/// <summary>
/// <c>soft</c>: feeds the probability-weighted sum of the embeddings of the likeliest tokens. Training-free.
/// </summary>
/// <remarks>Source: Soft Thinking, arXiv 2505.15778. The default settings show what the model itself believes; the
/// paper's are temperature .6, top-k 30, top-p .95, min-p .001.</remarks>
public sealed record SoftThinking : IStrategy
{
    /// <summary>Temperature, filters and the number of tokens mixed.</summary>
    public MixOptions Mix { get; init; } = new();

    /// <inheritdoc/>
    public string Name => "soft";

    /// <inheritdoc/>
    public bool FeedsVectors => true;

    /// <inheritdoc/>
    public bool NeedsHidden => false;

    /// <inheritdoc/>
    public JsonObject Settings => Mix.ToJson();

    /// <inheritdoc/>
    public IReadOnlyList<string> FindProblems() =>
        Mix?.FindProblems() ?? ["Mix is null; leave it out for the defaults."];

    /// <inheritdoc/>
    public IStrategyRun Start(StrategyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Run(new ConceptMixer(context.NeverMixed), Mix);
    }

    private sealed class Run(ConceptMixer mixer, MixOptions mix) : IStrategyRun
    {
        public void Choose(in StepInput input, NextInput next)
        {
            mixer.Mix(input.Logits, mix, next.Concept);
            next.FeedConcept();
        }
    }
}
