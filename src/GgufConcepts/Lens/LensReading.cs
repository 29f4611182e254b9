using System.Text.Json.Nodes;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;

namespace GgufConcepts.Lens;

/// <summary>What a lens saw: the prompt's positions, and those of the runs that went on from it.</summary>
/// <param name="PromptTokens">Ids of the prompt.</param>
/// <param name="Target">The token that was followed, if one was named.</param>
/// <param name="Prompt">The positions of the prompt that were looked at.</param>
/// <param name="Runs">One for each strategy, in the order they were named.</param>
/// <param name="LargestDifference">Largest difference of any probability between the last layer, read through the lens,
/// and the model's own distribution, over all positions looked at.</param>
public sealed record LensReading(
    IReadOnlyList<int> PromptTokens,
    TokenText? Target,
    IReadOnlyList<LensPosition> Prompt,
    IReadOnlyList<LensRun> Runs,
    double LargestDifference);

/// <summary>The steps of one strategy.</summary>
/// <param name="Strategy">Its name.</param>
/// <param name="Settings">All its settings.</param>
/// <param name="Stop">Why it ended.</param>
/// <param name="Positions">Those of its steps that were looked at.</param>
public sealed record LensRun(
    string Strategy, JsonObject Settings, StopReason Stop, IReadOnlyList<LensPosition> Positions);

/// <summary>One position: what was fed there, and what each layer made of it.</summary>
/// <param name="Position">The row in the sequence, from 0.</param>
/// <param name="Step">Number of the step, from 0; null within the prompt.</param>
/// <param name="Kind">Whether a token, a mixture or a hidden state was fed.</param>
/// <param name="Token">The token fed, where it was one.</param>
/// <param name="Mixture">The tokens mixed and their weights, largest first; for a hidden state the likeliest tokens of
/// the
/// step; empty in the prompt.</param>
/// <param name="Choice">What the model itself, after its last layer, finds likeliest to come next.</param>
/// <param name="Layers">The layers in order, the input first where it can be read.</param>
public sealed record LensPosition(
    int Position,
    int? Step,
    InputKind Kind,
    TokenText? Token,
    IReadOnlyList<TokenWeight> Mixture,
    TokenText Choice,
    IReadOnlyList<LensLayer> Layers);

/// <summary>One layer at one position, read as if the model ended there.</summary>
/// <param name="Layer">0 for the input vector itself, before any position is added to it; i for the state after the
/// i-th
/// layer.</param>
/// <param name="Entropy">Of the distribution over the whole vocabulary at temperature 1; in nats.</param>
/// <param name="Tokens">The likeliest tokens and their probabilities, largest first.</param>
/// <param name="Choice">Where the model's final choice stands at this layer.</param>
/// <param name="Target">Where the token that is followed stands at this layer, if one was named.</param>
public sealed record LensLayer(
    int Layer, double Entropy, IReadOnlyList<TokenWeight> Tokens, LensRank Choice, LensRank? Target);

/// <summary>The place of a token in a distribution.</summary>
/// <param name="Rank">1 for the likeliest; of equals the lower id comes first.</param>
/// <param name="Probability">Over the whole vocabulary, at temperature 1.</param>
public readonly record struct LensRank(int Rank, float Probability);
