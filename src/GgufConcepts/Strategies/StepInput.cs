namespace GgufConcepts.Strategies;

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
