using System.Numerics.Tensors;
using System.Text.Json.Nodes;
using GgufConcepts.Mixing;

namespace GgufConcepts.Strategies;

/// <summary>How long a hidden state is made before it is fed.</summary>
public enum HiddenNorm
{
    /// <summary>As the model left it.</summary>
    None,

    /// <summary>As long as a row of the input table is on average.</summary>
    Match,
}

/// <summary><c>hidden</c>: feeds the model's own last hidden state, after the final norm, as its next input.</summary>
/// <remarks>
/// Source: Coconut, arXiv 2412.06769; realignment, LatentMAS, arXiv 2511.20639. Made for models trained so; on others
/// hidden states are far from any embedding and the run drifts, which the entropies show. The tokens listed are the
/// likeliest ones: nothing is mixed.
/// </remarks>
public sealed record HiddenState : IStrategy
{
    private static readonly HiddenState s_default = new();

    internal static StrategyDefinition Definition { get; } = new(
        "hidden",
        "the model's own last hidden state",
        "Coconut, arXiv 2412.06769; realign, LatentMAS, arXiv 2511.20639",
        settings => new HiddenState
        {
            Mix = settings.Mix(),
            Norm = settings.Choice("norm", s_default.Norm, "match makes the state as long as embedding rows are"),
            Realign = settings.Flag("realign", "map the state into the space of embeddings by ridge regression"),
        });

    /// <summary>Temperature of the entropy and how many tokens are listed.</summary>
    public MixOptions Mix { get; init; } = new();

    /// <summary>How long the state is made. The default is as it is.</summary>
    public HiddenNorm Norm { get; init; }

    /// <summary>Whether the state goes through the ridge map into the space of embeddings first. Its result is always as
    /// long as an embedding row.</summary>
    public bool Realign { get; init; }

    /// <inheritdoc/>
    public string Name => "hidden";

    /// <inheritdoc/>
    public bool NeedsHidden => true;

    /// <inheritdoc/>
    public JsonObject Settings
    {
        get
        {
            JsonObject settings = Mix.ToJson();
            settings["norm"] = Norm.ToString().ToLowerInvariant();
            settings["realign"] = Realign;
            return settings;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> FindProblems() => Checks.Find(
        Mix, Enum.IsDefined(Norm) ? null : $"{nameof(Norm)} is {Norm}; use None or Match.");

    /// <inheritdoc/>
    public IStrategyRun Start(StrategyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.HiddenWidth != context.VectorWidth && !Realign)
        {
            throw new ConceptInputException(
                $"The strategy 'hidden' feeds hidden states of {context.HiddenWidth} numbers, but this model's inputs have " +
                $"{context.VectorWidth}; use 'soft'.") { Field = "strategy" };
        }

        return new Run(
            new ConceptMixer(TokenMask.None(context.VocabularySize)),
            Mix,
            Realign ? context.Space.Realignment : null,
            Realign || Norm == HiddenNorm.Match ? context.Space.MeanNorm : double.NaN);
    }

    private sealed class Run(ConceptMixer mixer, MixOptions mix, IRealignment? realignment, double norm) : IStrategyRun
    {
        public void Choose(in StepInput input, NextInput next)
        {
            mixer.Mix(input.Logits, mix, next.Concept);
            if (realignment is null)
            {
                input.Hidden.CopyTo(next.Vector);
            }
            else
            {
                realignment.Apply(input.Hidden, next.Vector);
            }

            float length = TensorPrimitives.Norm<float>(next.Vector);
            if (!double.IsNaN(norm) && length > 0)
            {
                TensorPrimitives.Multiply(next.Vector, (float)(norm / length), next.Vector);
            }

            next.FeedVector();
        }
    }
}
