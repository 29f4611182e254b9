using System.Text.Json.Nodes;
using GgufConcepts.Mixing;

namespace GgufConcepts.Strategies;

/// <summary><c>hidden</c>: feeds the model's own last hidden state, after the final norm, as its next input.</summary>
/// <remarks>
/// Source: Coconut, arXiv 2412.06769. Made for models trained so; on others hidden states are far from any embedding
/// and the run drifts, which the entropies show. The tokens listed are the likeliest ones: nothing is mixed.
/// </remarks>
public sealed record HiddenState : IStrategy
{
    /// <summary>Temperature of the entropy and how many tokens are listed.</summary>
    public MixOptions Mix { get; init; } = new();

    /// <inheritdoc/>
    public string Name => "hidden";

    /// <inheritdoc/>
    public bool FeedsVectors => true;

    /// <inheritdoc/>
    public bool NeedsHidden => true;

    /// <inheritdoc/>
    public JsonObject Settings => Mix.ToJson();

    /// <inheritdoc/>
    public IReadOnlyList<string> FindProblems() =>
        Mix?.FindProblems() ?? ["Mix is null; leave it out for the defaults."];

    /// <inheritdoc/>
    public IStrategyRun Start(StrategyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.HiddenWidth != context.VectorWidth)
        {
            throw new ConceptInputException(
                $"The strategy 'hidden' feeds hidden states of {context.HiddenWidth} numbers, but this model's inputs have " +
                $"{context.VectorWidth}; use 'soft'.");
        }

        return new Run(new ConceptMixer(TokenMask.None(context.VocabularySize)), Mix);
    }

    private sealed class Run(ConceptMixer mixer, MixOptions mix) : IStrategyRun
    {
        public void Choose(in StepInput input, NextInput next)
        {
            mixer.Mix(input.Logits, mix, next.Concept);
            input.Hidden.CopyTo(next.Vector);
            next.FeedVector();
        }
    }
}
