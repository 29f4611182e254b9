using GgufConcepts.Evaluation;
using GgufConcepts.Strategies;

namespace GgufConcepts.Benchmarking;

/// <summary>What a <see cref="StepBench"/> compares, and how long it looks.</summary>
public sealed record StepBenchOptions
{
    /// <summary>The rules whose steps are held against a token step. The default is Soft Thinking, top 15.</summary>
    public IReadOnlyList<EvalStrategy> Strategies { get; init; } =
        EvalStrategy.Of([new StrategySpec("soft").With([new("maxTopK", "15")])]);

    /// <summary>How many thoughts take a step in one decode; one row of the report each.</summary>
    /// <value>Each 1 to 64; the default is 1 alone.</value>
    public IReadOnlyList<int> Batches { get; init; } = [1];

    /// <summary>Steps of a block that are measured; one before them is not.</summary>
    /// <value>4 to 10,000; the default is 32.</value>
    public int Steps { get; init; } = 32;

    /// <summary>Pairs of blocks: token steps and concept steps, one after the other.</summary>
    /// <value>6 to 1,000; the default is 10.</value>
    public int Blocks { get; init; } = 10;

    /// <summary>What is thought about.</summary>
    public string Prompt { get; init; } = "Once upon a time";

    /// <summary>Lists every rule these values break, in words a user can act on.</summary>
    public IReadOnlyList<string> FindProblems()
    {
        List<string> problems = [.. Strategies.SelectMany(strategy => strategy.Rule.FindProblems())];
        if (Strategies.Count == 0)
        {
            problems.Add("There is no strategy to measure; name at least one.");
        }

        if (Batches.Count == 0 || Batches.Any(batch => batch is < 1 or > 64))
        {
            problems.Add($"The batch sizes are {string.Join(',', Batches)}; use numbers from 1 to 64.");
        }

        if (Steps is < 4 or > 10_000)
        {
            problems.Add($"A block has {Steps} steps; use 4 to 10000.");
        }

        if (Blocks is < MedianInterval.LeastValues or > 1000)
        {
            problems.Add($"There are {Blocks} pairs of blocks; use {MedianInterval.LeastValues} to 1000.");
        }

        return problems;
    }
}
