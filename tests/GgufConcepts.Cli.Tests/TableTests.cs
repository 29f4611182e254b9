using GgufConcepts.Cli.Output;
using GgufConcepts.Evaluation;
using GgufConcepts.Tracing;
using Spectre.Console;

namespace GgufConcepts.Cli.Tests;

public sealed class TableTests
{
    private static readonly TraceToken[] s_tokens =
    [
        new(1, " little", 0.6f), new(2, " big", 0.2f), new(3, " b", 0.1f), new(4, " c", 0.06f), new(5, " g", 0.04f),
    ];

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(120)]
    public void WriteSteps_AnyWidth_TakesOneLineAStep(int width)
    {
        TraceStep[] steps = [.. Enumerable.Range(0, 12).Select(i => Step(i, s_tokens, [2, 1, 3]))];
        string[] lines = Write(width, steps);

        Assert.Equal(steps.Length + 2, lines.Length); // headings and a rule
        Assert.All(lines, line => Assert.InRange(line.GetCellWidth(), 0, width));
        Assert.Contains("·little .600", lines[2], StringComparison.Ordinal);
        Assert.Equal(width > 60, lines[0].Contains("nearest by cosine", StringComparison.Ordinal));
        Assert.Equal(width > 60, lines[2].Contains("t2 0.90", StringComparison.Ordinal));
        Assert.Equal(width == 120, lines[2].Contains("·g .040", StringComparison.Ordinal));
    }

    [Fact]
    public void WriteSteps_WideOrEndlessTokens_StillFit()
    {
        TraceToken[] wide = [new(1, new string('\u4E2D', 30), 0.5f), new(2, new string(' ', 200), 0.5f)];
        string[] lines = Write(80, [Step(0, wide, [9])]);

        Assert.Equal(3, lines.Length);
        Assert.All(lines, line => Assert.InRange(line.GetCellWidth(), 0, 80));
        Assert.Contains('…', lines[2]);
    }

    [Fact]
    public void WriteSteps_NearestTellNothing_LeavesTheColumnOut() =>
        Assert.DoesNotContain("nearest", Write(120, [Step(0, s_tokens, [1, 2, 3, 4])])[0], StringComparison.Ordinal);

    [Theory]
    [InlineData(new[] { 1, 2, 3, 4 }, false)]
    [InlineData(new[] { 1, 2, 3 }, false)] // as many as were asked for
    [InlineData(new[] { 1, 2, 3, 4, 77 }, false)] // token 5 carries too little to count
    [InlineData(new[] { 2, 1, 3, 4 }, true)]
    [InlineData(new[] { 1, 2, 77 }, true)]
    [InlineData(new int[0], false)]
    public void NearestTells_Mixture_WhereTheOrderOfWeightIsNotThatOfCosine(int[] nearest, bool tells) =>
        Assert.Equal(tells, TraceTable.NearestTells(Step(0, s_tokens, nearest)));

    [Fact]
    public void NearestTells_OtherKinds_ComparesWithWhatWasFed()
    {
        Assert.True(TraceTable.NearestTells(Step(0, s_tokens, [1, 2, 3]) with { Kind = "hidden" }));
        TraceStep token = Step(0, s_tokens, [3, 1, 2]) with { Kind = "token", Chosen = new TraceChosen(3, " b") };
        Assert.False(TraceTable.NearestTells(token));
    }

    /// <summary>What is the same in every row is said once, and intervals are left out, before a heading breaks.</summary>
    [Theory]
    [InlineData(72, "asked: held-out sequences", false)]
    [InlineData(80, "asked: held-out sequences", true)]
    [InlineData(100, "", true)]
    [InlineData(120, "", true)]
    public void WriteRows_AnyWidth_TakesOneLineARow(int width, string said, bool interval)
    {
        EvalRow[] rows = [.. new[] { "token, the likeliest", "soft, top 16" }.Select(strategy => new EvalRow
        {
            Part = "held-out sequences", Strategy = strategy, Measure = EvalRow.Accuracy, Value = 0.5, Items = 1308, Steps = 4,
            Interval = new Interval(0.25, 0.75), Published = 0.989, EntropyByStep = [0.69, 1.35], MillisecondsPerItem = 12.5,
        })];
        using StringWriter text = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = width;
        EvalTable.Write(console, new EvalModel(new TraceModel("tiny", "tiny.gguf", "qwen2", 64, 100), rows));

        string[] lines = text.ToString().TrimEnd().ReplaceLineEndings("\n").Split('\n');
        Assert.Equal((said.Length > 0 ? 2 : 1) + 2 + rows.Length, lines.Length);
        Assert.All(lines, line => Assert.InRange(line.GetCellWidth(), 0, width));
        Assert.True(said.Length == 0 || lines[1] == said);
        Assert.Equal(interval, lines.Any(line => line.Contains("25.0-75.0%", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("short", 5, "short")]
    [InlineData("longer", 5, "long…")]
    [InlineData("\u4E2D\u4E2D\u4E2D", 5, "\u4E2D\u4E2D…")]
    [InlineData("\U0001F600\U0001F600", 3, "\U0001F600…")]
    public void Cut_ToColumns_KeepsWholeCharacters(string text, int columns, string expected) =>
        Assert.Equal(expected, Visible.Cut(text, columns));

    [Theory]
    [InlineData(20, "aaaa  bbbb  cccc")]
    [InlineData(15, "aaaa  bbbb")]
    [InlineData(4, "aaaa")]
    [InlineData(3, "aa…")]
    public void Fit_Parts_TakesThoseWithRoom(int columns, string expected) =>
        Assert.Equal(expected, Visible.Fit(["aaaa", "bbbb", "cccc"], columns));

    [Fact]
    public void Token_WhatCannotBeSeen_IsWrittenOut() =>
        Assert.Equal("·↵⇥\\x1B\\x202Ea", Visible.Token(" \n\t\u001B\u202Ea"));

    private static TraceStep Step(int index, TraceToken[] tokens, int[] nearest) => new()
    {
        Index = index,
        Position = index,
        Kind = "concept",
        Entropy = 1.5,
        Tokens = tokens,
        Nearest = [.. nearest.Select(id => new TraceNearest(id, $"t{id}", 0.9f))],
        Milliseconds = 1,
    };

    private static string[] Write(int width, TraceStep[] steps)
    {
        using StringWriter text = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = width;
        TraceTable.WriteSteps(console, new Trace
        {
            Model = new TraceModel("tiny", "tiny.gguf", "qwen2", 64, 100),
            Prompt = "",
            PromptTokens = [],
            Strategy = "soft",
            Settings = [],
            Steps = steps,
            Chunks = [],
            Stop = "maxSteps",
            Timings = new TraceTimings(),
        });
        return text.ToString().TrimEnd().ReplaceLineEndings("\n").Split('\n');
    }
}
