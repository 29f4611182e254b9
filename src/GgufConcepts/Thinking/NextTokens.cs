namespace GgufConcepts.Thinking;

/// <summary>What a model may say next.</summary>
/// <param name="PromptTokens">The prompt's tokens.</param>
/// <param name="Entropy">Of the whole vocabulary, in nats.</param>
/// <param name="Tokens">The likeliest tokens with their true probabilities, largest first.</param>
public sealed record NextTokens(
    IReadOnlyList<int> PromptTokens, double Entropy, IReadOnlyList<TokenWeight> Tokens);
