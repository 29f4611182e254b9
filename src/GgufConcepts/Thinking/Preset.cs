using GgufConcepts.Strategies;

namespace GgufConcepts.Thinking;

/// <summary>Settings as someone published them, under a name.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Summary">What it is for, in a few words.</param>
/// <param name="Source">Where the numbers come from.</param>
/// <param name="Strategy">The rule and its settings.</param>
/// <param name="Options">Everything else; its <see cref="ThinkOptions.Strategy"/> is the one above, made.</param>
public sealed record Preset(string Name, string Summary, string Source, StrategySpec Strategy, ThinkOptions Options);
