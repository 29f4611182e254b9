using System.Text.Json.Nodes;
using GgufConcepts.Reading;
using GgufConcepts.Strategies;

namespace GgufConcepts.Thinking;

/// <summary>How to think: the strategy, when to stop, what to read and to answer.</summary>
public sealed record ThinkOptions
{
    /// <summary>Most texts in <see cref="StopTexts"/>.</summary>
    public const int MostStopTexts = 16;

    /// <summary>Most characters of one of <see cref="StopTexts"/>.</summary>
    public const int LongestStopText = 256;

    internal const string UsualStart = "<think>";
    internal const string UsualEnd = "</think>";

    /// <summary>The rule that makes the next input. The default is Soft Thinking.</summary>
    public IStrategy Strategy { get; init; } = new SoftThinking();

    /// <summary>How the prompt is wrapped for a chat model; null for a text to continue.</summary>
    public ChatOptions? Chat { get; init; }

    /// <summary>Most steps of the thought; 0 for none: the answer follows the prompt at once, as in any decoder.</summary>
    /// <value>0 to 1,000,000; the default is 32.</value>
    public int MaxSteps { get; init; } = 32;

    /// <summary>Whether the thought has just <see cref="MaxSteps"/> steps, as models trained so want it: nothing that the
    /// model might say ends it sooner, nor does its certainty.</summary>
    public bool FixedLength { get; init; }

    /// <summary>When certainty ends the thought.</summary>
    public ColdStop ColdStop { get; init; } = new();

    /// <summary>Vectors after which the reader translates them and its words take their place; 0 for never.</summary>
    /// <value>0 to 100,000; the default is 0: one reading of the whole thought, and the vectors stay.</value>
    public int ChunkLength { get; init; }

    /// <summary>How the reader is asked; null for a thought that nobody reads, which then needs no room for a
    /// reading.</summary>
    public ReadOptions? Reader { get; init; } = new();

    /// <summary>The marker that begins a thought, fed after the prompt as tokens.</summary>
    /// <value>The default is null: <c>&lt;think&gt;</c> and a line break after a chat prompt that does not end with it
    /// already, if the vocabulary has it as one token, and none after a text to continue. Empty: there is none.</value>
    public string? ThinkStart { get; init; }

    /// <summary>The marker that ends a thought: given as tokens when it is over, and where the model says it, the thought
    /// is over.</summary>
    /// <value>The default is null: <c>&lt;/think&gt;</c> if the vocabulary has it as one token. Empty: there is none. One
    /// of several tokens is matched as their sequence.</value>
    public string? ThinkEnd { get; init; }

    /// <summary>How the answer's tokens are chosen. The default is the likeliest one.</summary>
    public TokenDecoding Answer { get; init; } = new() { Greedy = true };

    /// <summary>Most tokens of the answer; 0 for no answer.</summary>
    /// <value>0 to 1,000,000; the default is 64.</value>
    public int AnswerTokens { get; init; } = 64;

    /// <summary>Texts that end the answer, which does not hold them.</summary>
    /// <value>At most <see cref="MostStopTexts"/> of at most <see cref="LongestStopText"/> characters; the default is
    /// none.</value>
    public IReadOnlyList<string> StopTexts { get; init; } = [];

    /// <summary>Likeliest tokens to list beside each token of the answer, with log-probabilities; 0 for the chosen one's
    /// alone, null for neither.</summary>
    /// <value>Null or 0 to 20; the default is null.</value>
    public int? AnswerLogprobs { get; init; }

    /// <summary>Seed of everything random in the run: the same seed and settings give the same trace.</summary>
    public ulong Seed { get; init; }

    /// <summary>Lists every rule these values break, in words a user can act on.</summary>
    public IReadOnlyList<string> FindProblems()
    {
        if (Strategy is null || ColdStop is null || Answer is null) // settings bound from a file can be
        {
            return ["Strategy, ColdStop or Answer is null; leave it out for the default."];
        }

        List<string> problems = [.. Strategy.FindProblems(), .. ColdStop.FindProblems(), .. Reader?.FindProblems() ?? []];
        problems.AddRange(Answer.FindProblems());
        Check("The step limit", MaxSteps, 0, 1_000_000);
        Check("The chunk length", ChunkLength, 0, 100_000);
        Check("The answer's token limit", AnswerTokens, 0, 1_000_000);
        Check("The number of log-probabilities", AnswerLogprobs ?? 0, 0, 20);
        if (StopTexts is null || StopTexts.Count > MostStopTexts
            || StopTexts.Any(text => text is not { Length: > 0 and <= LongestStopText }))
        {
            problems.Add($"The answer's stop texts must be at most {MostStopTexts}, of 1 to {LongestStopText} characters each.");
        }

        if (ChunkLength > 0 && !Strategy.FeedsVectors)
        {
            problems.Add($"The strategy '{Strategy.Name}' feeds no vectors, so there are no chunks to translate; leave the chunk length out.");
        }

        if (ChunkLength > 0 && Reader is null)
        {
            problems.Add("Chunks need a reader to translate them; let it read, or leave the chunk length out.");
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

    /// <summary>These options as they are run: without a thought, nothing of one is asked for, vectors least of all.</summary>
    internal ThinkOptions ToRun() => MaxSteps > 0
        ? this
        : this with { Strategy = new TokenDecoding { Greedy = true }, ChunkLength = 0, Reader = null };

    /// <summary>All settings, defaults filled in, as they appear in a trace.</summary>
    public JsonObject Settings
    {
        get
        {
            JsonObject settings = Strategy.Settings;
            settings["chat"] = Chat?.Settings;
            settings["maxSteps"] = MaxSteps;
            settings["fixedLength"] = FixedLength;
            settings["stopEntropy"] = ColdStop.Entropy;
            settings["stopPatience"] = ColdStop.Patience;
            settings["chunk"] = ChunkLength;
            settings["thinkStart"] = ThinkStart;
            settings["thinkEnd"] = ThinkEnd;
            settings["reader"] = Reader?.Settings;
            JsonObject answer = Answer.Settings;
            answer["maxTokens"] = AnswerTokens;
            if (StopTexts.Count > 0)
            {
                answer["stop"] = new JsonArray([.. StopTexts.Select(text => JsonValue.Create(text))]);
            }

            settings["answer"] = answer;
            return settings;
        }
    }
}
