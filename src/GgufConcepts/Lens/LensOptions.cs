using GgufConcepts.Mixing;
using GgufConcepts.Strategies;

namespace GgufConcepts.Lens;

/// <summary>What to look at through a lens.</summary>
public sealed record LensOptions
{
    /// <summary>What is fed after the prompt, one run each, all from the same prompt. Empty for the prompt
    /// alone.</summary>
    /// <value>The default is Soft Thinking beside the likeliest token.</value>
    public IReadOnlyList<IStrategy> Strategies { get; init; } = [new SoftThinking(), new TokenDecoding { Greedy = true }];

    /// <summary>Most steps of each run.</summary>
    /// <value>0 to 10,000; the default is 3.</value>
    public int MaxSteps { get; init; } = 3;

    /// <summary>Tokens to list of each layer.</summary>
    /// <value>1 to 256; the default is 5.</value>
    public int Count { get; init; } = 5;

    /// <summary>A word to follow through the layers; it must be one token.</summary>
    public string? Target { get; init; }

    /// <summary>Which positions to look at.</summary>
    /// <value>The default is the last one of the prompt, and all steps.</value>
    public LensPositions Positions { get; init; } = LensPositions.Last;

    /// <summary>Seed of everything random in the runs.</summary>
    public ulong Seed { get; init; }

    /// <summary>Lists every rule these values break, in words a user can act on.</summary>
    public IReadOnlyList<string> FindProblems()
    {
        if (Strategies is null || Strategies.Contains(null!) || Positions is null)
        {
            return ["Strategies or Positions is null; leave it out for the default."];
        }

        List<string> problems = [.. Strategies.SelectMany(strategy => strategy.FindProblems())];
        Check("The step limit", MaxSteps, 0, 10_000);
        Check("The count", Count, 1, ConceptToken.Capacity);
        if (string.IsNullOrWhiteSpace(Target) && Target is not null)
        {
            problems.Add("The target is empty; name a word to follow, or leave it out.");
        }

        return problems;

        void Check(string name, int value, int least, int most)
        {
            if (value < least || value > most)
            {
                problems.Add($"{name} is {value}; use {least} to {most}.");
            }
        }
    }
}
