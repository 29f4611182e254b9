using GgufConcepts.Mixing;

namespace GgufConcepts.Strategies;

/// <summary>What a strategy may know of the model it runs on.</summary>
/// <param name="VocabularySize">Logits in one row.</param>
/// <param name="VectorWidth">Floats in one input vector.</param>
/// <param name="HiddenWidth">Floats in one hidden state.</param>
/// <param name="NeverMixed">Control tokens and padding: ids that must not enter a mixture.</param>
/// <param name="Seed">Seed of this run's own random stream.</param>
public sealed record StrategyContext(
    int VocabularySize, int VectorWidth, int HiddenWidth, TokenMask NeverMixed, ulong Seed);

/// <summary>What the model said after the last row, read in place.</summary>
/// <param name="logits">Shape [vocabulary].</param>
/// <param name="hidden">State after the final norm, shape [hidden width]; empty unless asked for.</param>
public readonly ref struct StepInput(ReadOnlySpan<float> logits, ReadOnlySpan<float> hidden)
{
    /// <summary>Logits of the next token, shape [vocabulary].</summary>
    public ReadOnlySpan<float> Logits { get; } = logits;

    /// <summary>Hidden state after the final norm; empty unless <see cref="IStrategy.NeedsHidden"/>.</summary>
    public ReadOnlySpan<float> Hidden { get; } = hidden;
}
