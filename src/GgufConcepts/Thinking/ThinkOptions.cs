using System.Text.Json.Nodes;
using GgufConcepts.Reading;
using GgufConcepts.Strategies;

namespace GgufConcepts.Thinking;

/// <summary>How to think: the strategy, when to stop, what to read and to answer.</summary>
public sealed record ThinkOptions
{
    /// <summary>The rule that makes the next input. The default is Soft Thinking.</summary>
    public IStrategy Strategy { get; init; } = new SoftThinking();

    /// <summary>Most steps of the thought.</summary>
    /// <value>1 to 1,000,000; the default is 32.</value>
    public int MaxSteps { get; init; } = 32;

    /// <summary>When certainty ends the thought.</summary>
    public ColdStop ColdStop { get; init; } = new();

    /// <summary>Vectors after which the reader translates them and its words take their place; 0 for never.</summary>
    /// <value>0 to 100,000; the default is 0: one reading of the whole thought, and the vectors stay.</value>
    public int ChunkLength { get; init; }

    /// <summary>How the reader is asked; null for a thought that nobody reads, which then needs no room for a
    /// reading.</summary>
    public ReadOptions? Reader { get; init; } = new();

    /// <summary>The marker that ends the thought of a reasoning model; taken from the vocabulary if it is one token
    /// there.</summary>
    /// <value>The default is <c>&lt;/think&gt;</c>; models without it need none.</value>
    public string EndMarker { get; init; } = "</think>";

    /// <summary>How the answer's tokens are chosen. The default is the likeliest one.</summary>
    public TokenDecoding Answer { get; init; } = new() { Greedy = true };

    /// <summary>Most tokens of the answer; 0 for no answer.</summary>
    /// <value>0 to 1,000,000; the default is 64.</value>
    public int AnswerTokens { get; init; } = 64;

    /// <summary>Seed of everything random in the run: the same seed and settings give the same trace.</summary>
    public ulong Seed { get; init; }

    /// <summary>Lists every rule these values break, in words a user can act on.</summary>
    public IReadOnlyList<string> FindProblems()
    {
        if (Strategy is null || ColdStop is null || EndMarker is null || Answer is null) // settings bound from a file can be
        {
            return ["Strategy, ColdStop, EndMarker or Answer is null; leave it out for the default."];
        }

        List<string> problems = [.. Strategy.FindProblems(), .. ColdStop.FindProblems(), .. Reader?.FindProblems() ?? []];
        problems.AddRange(Answer.FindProblems());
        Check("The step limit", MaxSteps, 1, 1_000_000);
        Check("The chunk length", ChunkLength, 0, 100_000);
        Check("The answer's token limit", AnswerTokens, 0, 1_000_000);
        if (ChunkLength > 0 && !Strategy.FeedsVectors)
        {
            problems.Add($"The strategy '{Strategy.Name}' feeds no vectors, so there are no chunks to translate; leave --chunk out.");
        }

        if (ChunkLength > 0 && Reader is null)
        {
            problems.Add("Chunks need a reader to translate them; let it read, or leave --chunk out.");
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

    /// <summary>All settings, defaults filled in, as they appear in a trace.</summary>
    public JsonObject Settings
    {
        get
        {
            JsonObject settings = Strategy.Settings;
            settings["maxSteps"] = MaxSteps;
            settings["stopEntropy"] = ColdStop.Entropy;
            settings["stopPatience"] = ColdStop.Patience;
            settings["chunk"] = ChunkLength;
            settings["endMarker"] = EndMarker;
            settings["reader"] = Reader?.Settings;
            JsonObject answer = Answer.Settings;
            answer["maxTokens"] = AnswerTokens;
            settings["answer"] = answer;
            return settings;
        }
    }
}
