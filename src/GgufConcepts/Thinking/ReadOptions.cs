using System.Text.Json.Nodes;

namespace GgufConcepts.Thinking;

/// <summary>How the reader is asked to put vectors into words.</summary>
public sealed record ReadOptions
{
    /// <summary>Where the vectors go in a prompt.</summary>
    public const string VectorsSlot = "{vectors}";

    /// <summary>The prompt: words and markers become tokens, the vectors go in the slot.</summary>
    /// <value>Holds <c>{vectors}</c> once; the default is a sentence for a completion model to finish.</value>
    public string Prompt { get; init; } = $"The meaning of ({VectorsSlot}) in plain English is";

    /// <summary>Most tokens of a reading, which also ends at a line break.</summary>
    /// <value>1 to 100,000; the default is 32.</value>
    public int MaxTokens { get; init; } = 32;

    /// <summary>All settings, as they appear in a trace.</summary>
    public JsonObject Settings => new() { ["prompt"] = Prompt, ["maxTokens"] = MaxTokens };

    /// <summary>Lists every rule these values break, in words a user can act on.</summary>
    public IReadOnlyList<string> FindProblems()
    {
        List<string> problems = [];
        if (Prompt?.Split(VectorsSlot).Length != 2)
        {
            problems.Add($"The reading prompt is '{Prompt}'; it must hold {VectorsSlot} once, where the vectors go.");
        }

        if (MaxTokens is < 1 or > 100_000)
        {
            problems.Add($"The reading's token limit is {MaxTokens}; use 1 to 100000.");
        }

        return problems;
    }
}
