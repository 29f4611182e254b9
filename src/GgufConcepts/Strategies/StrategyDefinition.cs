namespace GgufConcepts.Strategies;

/// <summary>A rule as a <see cref="StrategyCatalog"/> knows it: its name, and how it is made of settings.</summary>
/// <param name="Name">Its name on the command line and in traces: one lower-case word.</param>
/// <param name="Summary">What it feeds, in a few words.</param>
/// <param name="Source">Where it comes from: a paper, by its arXiv number.</param>
/// <param name="Make">Makes the rule; reads every setting it has, whether given or not.</param>
public sealed record StrategyDefinition(
    string Name, string Summary, string Source, Func<StrategySettings, IStrategy> Make);
