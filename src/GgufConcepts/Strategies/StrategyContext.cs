using GgufConcepts.Mixing;

namespace GgufConcepts.Strategies;

/// <summary>What a strategy may know of the model and the run it is used in.</summary>
/// <param name="VocabularySize">Logits in one row.</param>
/// <param name="VectorWidth">Floats in one input vector.</param>
/// <param name="HiddenWidth">Floats in one hidden state.</param>
/// <param name="NeverMixed">Control tokens and padding: ids that must not enter a mixture.</param>
/// <param name="Seed">Seed of this run's own random stream.</param>
public sealed record StrategyContext(
    int VocabularySize, int VectorWidth, int HiddenWidth, TokenMask NeverMixed, ulong Seed)
{
    private readonly IInputSpace? _space;

    /// <summary>The space that vectors live in.</summary>
    /// <exception cref="InvalidOperationException">The run feeds no vectors, so it has none.</exception>
    public IInputSpace Space
    {
        get => _space ?? throw new InvalidOperationException("This run feeds tokens only; there is no space of vectors.");
        init => _space = value;
    }

    /// <summary>Most steps of the thought, 1 or more.</summary>
    public int MaxSteps { get; init; } = 1;

    /// <summary>The tokens of the marker that begins a thought; empty where the model has none.</summary>
    public IReadOnlyList<int> ThinkStart { get; init; } = [];

    /// <summary>The tokens of the marker that ends a thought; empty where the model has none.</summary>
    public IReadOnlyList<int> ThinkEnd { get; init; } = [];
}
