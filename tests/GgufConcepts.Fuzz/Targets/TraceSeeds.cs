using GgufConcepts.Reading;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Fuzz.Targets;

/// <summary>Traces to begin with, and the names of their fields.</summary>
internal static class TraceSeeds
{
    /// <summary>One with a value in every field.</summary>
    public static Trace Full { get; } = MakeFull();

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Trace> All { get; } =
    [
        Full,
        Full with { Steps = [], Chunks = [], ThinkEndTokens = null, AnswerTokens = null, Answer = "", AnswerStop = null },
        Full with { Steps = [Full.Steps[0]], Chunks = [new TraceChunk(0, 1, "", Replaced: true)], Stop = "contextFull" },
    ];

    /// <summary>Names and values of a trace, as JSON.</summary>
    public static IReadOnlyList<string> Words { get; } =
    [
        .. "schema model name path architecture embeddingLength vocabularySize contextLength prompt promptTokens thinkEndTokens strategy settings seed steps index position kind entropy tokens id text probability chosen marker nearest cosine vector milliseconds chunks firstStep stepCount translation replaced faithfulness baseline value gain readings count share controls answer answerTokens answerStop stop timings loadMs stopEntropy stopPatience concept token hidden coldStop endMarker endOfText maxSteps contextFull"
            .Split(' ').Select(word => $"\"{word}\""),
    ];

    private static Trace MakeFull()
    {
        Faithfulness faithfulness = new("mean", 0.5, -1.5, 0.25, [new ReadToken(3, " a", 0.5, 0.25, 0.25)]);
        return new Trace
        {
            Model = new TraceModel("tiny", "tiny.gguf", "qwen2", 64, 300) { ContextLength = 256 },
            Prompt = "The <b>capital</b> of\nFrance",
            PromptTokens = [1, 2, 3],
            ThinkEndTokens = [4],
            Strategy = "soft",
            Settings = new ThinkOptions().Settings,
            Seed = ulong.MaxValue,
            Steps =
            [
                Step(0, "concept"),
                Step(1, "token") with { Chosen = new TraceChosen(7, "é\u202e") },
                Step(2, "hidden") with { Tokens = [], Vector = [0, 0, 128, 63], Nearest = [new TraceNearest(9, "\ufffd", -0.5f)] },
                Step(3, "token") with { Chosen = new TraceChosen(4, "</think>"), Marker = true },
            ],
            Chunks =
            [
                new TraceChunk(0, 2, "Paris")
                {
                    Faithfulness = faithfulness,
                    Readings = [new ReadingGroup("Paris", 3, 0.75, faithfulness), new ReadingGroup("", 1, 0.25)],
                    Controls = [new ControlReading("shuffled", 0.125, "no", faithfulness)],
                },
                new TraceChunk(2, 1, ""),
            ],
            Answer = " Paris.",
            AnswerTokens = [11, 12],
            AnswerStop = "endOfText",
            Stop = "coldStop",
            Timings = new TraceTimings { LoadMs = 1, PromptMs = 2.5, StepsMs = 3, ReadMs = 4, AnswerMs = 5, StepsPerSecond = 100 },
        };
    }

    private static TraceStep Step(int index, string kind) => new()
    {
        Index = index,
        Position = index + 3,
        Kind = kind,
        Entropy = 1.25 * index,
        Tokens = [new TraceToken(5, " a", 0.75f), new TraceToken(6, "\n", 0.25f)],
        Milliseconds = 0.5,
    };
}
