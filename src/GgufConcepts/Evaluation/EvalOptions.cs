using GgufConcepts.Strategies;
using GgufConcepts.Thinking;

namespace GgufConcepts.Evaluation;

/// <summary>How a task is run.</summary>
public sealed record EvalOptions
{
    /// <summary>The strategies to measure; empty for those the task compares by itself.</summary>
    public IReadOnlyList<EvalStrategy> Strategies { get; init; } = [];

    /// <summary>Most items of every part, from its beginning; null for all.</summary>
    /// <value>At least 1.</value>
    public int? Limit { get; init; }

    /// <summary>Seed of everything random; every item of a row has a seed of its own, made of this one.</summary>
    public ulong Seed { get; init; }

    /// <summary>What an item is thought about with: nobody reads, nothing ends it early, no answer follows.</summary>
    internal ThinkOptions Bare(IStrategy strategy, int maxSteps, int item) => new()
    {
        Strategy = strategy,
        MaxSteps = maxSteps,
        ColdStop = new ColdStop { Entropy = 0 },
        Reader = null,
        ThinkEnd = "",
        AnswerTokens = 0,
        Seed = unchecked(Seed + (ulong)item),
    };

    /// <summary>Lists every rule these values break, in words a user can act on.</summary>
    public IReadOnlyList<string> FindProblems() =>
    [
        .. Strategies.SelectMany(strategy => strategy.Rule.FindProblems()),
        .. Limit < 1 ? (string[])[$"The limit is {Limit}; use at least 1, or leave it out for everything."] : [],
    ];
}

/// <summary>How far a row is.</summary>
/// <param name="Part">What is asked.</param>
/// <param name="Strategy">Name of the strategy, or empty.</param>
/// <param name="Done">Items done.</param>
/// <param name="Count">Items of the row.</param>
public readonly record struct EvalProgress(string Part, string Strategy, int Done, int Count);
