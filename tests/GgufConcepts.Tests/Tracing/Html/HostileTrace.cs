using System.Text.Json.Nodes;
using GgufConcepts.Tracing;

namespace GgufConcepts.Tests.Tracing.Html;

/// <summary>A trace that somebody wrote by hand to do harm: every text is an attempt, every number is out of
/// range.</summary>
internal static class HostileTrace
{
    /// <summary>What none of its texts may become; each of them has a number of its own.</summary>
    public const string Attempt = "</script></style>]]>--><script>alert(0)</script><img src=\"https://example.org\" onerror='alert(1)'>";

    /// <summary>Makes it.</summary>
    public static Trace Make() => new()
    {
        Model = new TraceModel($"model {Attempt}", $"path {Attempt}", $"architecture {Attempt}", int.MaxValue, int.MinValue),
        Prompt = $"prompt {Attempt} \0\u001B[31m\r\n\u202Eright to left\uFFFE\uD800 مرحبا {new string('x', 900)}",
        PromptTokens = [-1],
        Strategy = $"strategy {Attempt}",
        Settings = new JsonObject
        {
            ["stopEntropy"] = $"stop {Attempt}",
            ["stopPatience"] = double.MaxValue,
            [$"name {Attempt}"] = new JsonObject { [$"inner {Attempt}"] = new JsonArray($"list {Attempt}", 1, null) },
            ["nothing"] = null,
        },
        Seed = ulong.MaxValue,
        Steps =
        [
            Step(0, $"kind {Attempt}", 1e300, new TraceToken(1, $"token {Attempt}", 0.5f), new TraceToken(1, "same id", 0.25f)),
            Step(int.MinValue, "concept", -5, new TraceToken(-1, "", -3), new TraceToken(2, "שלום", float.MaxValue)),
            Step(2, "hidden", 0) with { Milliseconds = -1e300, Nearest = [] },
            Step(2, "token", 1e-300, new TraceToken(3, new string('w', 3000), 0.25f), new TraceToken(4, "\0\r\n\t\u200B", 0.75f)) with
            {
                Chosen = new TraceChosen(9, $"chosen {Attempt}"),
                Nearest = [new TraceNearest(1, $"near {Attempt}", float.MinValue)],
            },
        ],
        Chunks =
        [
            new TraceChunk(2, int.MaxValue, $"reading {Attempt}", true),
            new TraceChunk(0, 1, "the past"),
            new TraceChunk(-7, -7, ""),
            new TraceChunk(int.MaxValue, int.MaxValue, "elsewhere"),
        ],
        Answer = $"answer {Attempt}\n{new string('y', 3000)}",
        Stop = $"reason {Attempt}",
        Timings = new TraceTimings { LoadMs = double.MaxValue, StepsPerSecond = double.MinValue },
    };

    private static TraceStep Step(int index, string kind, double entropy, params TraceToken[] tokens) =>
        new() { Index = index, Position = -1, Kind = kind, Entropy = entropy, Tokens = tokens, Milliseconds = 1 };
}
