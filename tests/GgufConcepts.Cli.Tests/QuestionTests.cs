using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using GgufConcepts.Cli.Output;
using GgufConcepts.Evaluation.Questions;
using GgufConcepts.Models;
using GgufConcepts.Testing;
using Spectre.Console;

namespace GgufConcepts.Cli.Tests;

/// <summary><c>eval FILE.jsonl</c>: questions of one's own, put to the model that travels along.</summary>
public sealed class QuestionTests : IDisposable
{
    private const string Control = "token:greedy=true";

    private static readonly ModelInfo s_model = new("tiny", "tiny.gguf", "qwen2", "", 64, 100, 2, 256, 256, 1, 1);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Eval_Facts_PrintsTableJsonAndMarkdown()
    {
        string file = Facts(12);
        string markdown = _folder.File("table.md");
        Outcome shown = await EvalAsync(file, "--strategy", $"{Control},soft:maxTopK=4,moi", "--markdown", markdown);
        JsonElement json = (await EvalAsync(file, "--strategy", $"{Control},soft:maxTopK=4,moi", "--json")).Json();

        Assert.Equal(ExitCodes.Done, shown.ExitCode);
        Assert.Contains("questions: 12 of 12 in facts.jsonl, exact", shown.Output, StringComparison.Ordinal);
        Assert.Contains("95% interval", shown.Output, StringComparison.Ordinal);
        Assert.Matches(@"moi against token:greedy=true: \d+ gained, \d+ lost of 12; p [=<] [01]\.\d+ \(McNemar, exact\)", shown.Output);
        string[] table = [.. File.ReadLines(markdown).Where(line => line.StartsWith('|'))];
        Assert.Equal(5, table.Length); // headings, a rule, three strategies
        Assert.Single(table.Select(line => line.Length).Distinct());
        Assert.Contains("| soft:maxTopK=4 ", table[3], StringComparison.Ordinal);
        Assert.Equal("exact", json.GetProperty("task").GetString());
        Assert.Equal(12, json.GetProperty("count").GetInt32());
        JsonElement[] strategies = [.. json.GetProperty("strategies").EnumerateArray()];
        Assert.Equal([Control, "soft:maxTopK=4", "moi"], strategies.Select(strategy => strategy.GetProperty("strategy").GetString()));
        Assert.InRange(strategies[0].GetProperty("accuracy").GetDouble(), 0.9, 1);
        Assert.True(strategies[0].GetProperty("interval").GetProperty("low").GetDouble() < 1);
        Assert.False(strategies[0].TryGetProperty("paired", out _));
        Assert.Equal(Control, strategies[2].GetProperty("paired").GetProperty("control").GetString());
        Assert.Equal(32, strategies[0].GetProperty("settings").GetProperty("maxSteps").GetInt32());
    }

    [Fact]
    public async Task Eval_OutputTwice_GoesOnAndKeepsWhatIsThere()
    {
        string file = Facts(6);
        string results = _folder.File("results.jsonl");
        string[] command = [file, "--output", results, "--answer-tokens", "8", "--json"];
        JsonElement first = (await EvalAsync([.. command, "--limit", "4"])).Json();
        File.AppendAllText(results, "{\"line\":5,\"strat"); // as a killed run leaves it
        string[] before = File.ReadAllLines(results);
        JsonElement then = (await EvalAsync(command)).Json();

        string[] after = File.ReadAllLines(results);
        Assert.Equal(1 + (6 * 2), after.Length);
        Assert.Equal(before[..^1], after[..^4]);
        Assert.Equal(4, first.GetProperty("strategies")[0].GetProperty("items").GetInt32());
        Assert.Equal(6, then.GetProperty("strategies")[0].GetProperty("items").GetInt32());
        (await EvalAsync([.. command, "--seed", "9"])).AssertRefused("holds results of another seed: 0, and now it is 9");
    }

    [Fact]
    public async Task Eval_MarkdownToStandardOutput_IsAllThatIsPrinted()
    {
        Outcome run = await EvalAsync(Facts(3), "--markdown", "-");
        Outcome task = await Cli.RunAsync("eval", "mnns", "--limit", "3", "--strategy", "soft", "--model", "mnns-continuous", "--markdown", "-");

        Assert.StartsWith("Atlas (qwen2)", run.Output, StringComparison.Ordinal);
        Assert.Contains("| strategy ", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("model:", run.Output, StringComparison.Ordinal);
        Assert.Contains("| held-out sequences | soft ", task.Output, StringComparison.Ordinal);
    }

    /// <summary>The model goes on with a next question in the template's words; what comes then is not its answer.</summary>
    [Fact]
    public async Task Eval_ChoicePatternAndTemplate_AreJudged()
    {
        string choice = Write("choice.jsonl", """
            {"question": "The capital of France is", "choices": ["Rome", "Paris", "Cairo"], "answer": 1}
            {"question": "The capital of Egypt is", "choices": {"text": ["Rome", "Cairo"], "label": ["1", "2"]}, "answerKey": "2"}
            """);
        string pattern = Write("pattern.jsonl", """{"question": "The capital of France is", "answer": "paris"}""");

        JsonElement chosen = (await EvalAsync(choice, "--prompt-template", "{question}", "-s", Control, "--json")).Json();
        JsonElement found = (await EvalAsync(
            pattern, "--prompt-template", "{question}", "--answer-pattern", @"(\w+)\.", "-s", Control, "--json")).Json();

        Assert.Equal("choice", chosen.GetProperty("task").GetString());
        Assert.Equal(2, chosen.GetProperty("strategies")[0].GetProperty("right").GetInt32());
        Assert.Equal("regex", found.GetProperty("task").GetString());
        Assert.Equal(1, found.GetProperty("strategies")[0].GetProperty("right").GetInt32());
    }

    [Fact]
    public async Task Eval_NoAnswerFound_SaysWhy()
    {
        string file = Write("numbers.jsonl", """{"question": "The capital of France is", "answer": "#### 12"}""");
        Outcome run = await EvalAsync(file, "--prompt-template", "{question}", "-s", Control);

        Assert.Contains("no answer, token:greedy=true: 1 noNumber", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nowhere.jsonl: no such file; check the path", "nowhere.jsonl")]
    [InlineData("bad.jsonl line 2: it has no 'answer'", "bad.jsonl")]
    [InlineData("--task is 'quiz'; use gsm8k, choice, exact or regex", "good.jsonl", "--task", "quiz")]
    [InlineData("good.jsonl line 1: it has no 'choices'", "good.jsonl", "--task", "choice")]
    [InlineData("must hold {question}", "good.jsonl", "--prompt-template", "Well?")]
    [InlineData("The limit is 0;", "good.jsonl", "--limit", "0")]
    [InlineData("The step limit is 0;", "good.jsonl", "--max-steps", "0")]
    [InlineData("The stop patience is 0;", "good.jsonl", "--stop-patience", "0")]
    [InlineData("No strategy 'hard'", "good.jsonl", "--strategy", "token,hard")]
    [InlineData("Given without --strategy: --top-k.", "good.jsonl", "--top-k", "3")]
    [InlineData("The strategy 'soft' is named twice", "good.jsonl", "--strategy", "soft,soft")]
    [InlineData("--answer-pattern has 0 capture groups", "good.jsonl", "--answer-pattern", "a")]
    [InlineData("--json and --markdown - both print", "good.jsonl", "--json", "--markdown", "-")]
    [InlineData("Cannot write Markdown to 'no/where.md'", "good.jsonl", "--markdown", "no/where.md")]
    [InlineData("Cannot write results to 'no/where.jsonl'", "good.jsonl", "--output", "no/where.jsonl")]
    [InlineData("good.jsonl is there and holds no results of eval", "good.jsonl", "--output", "good.jsonl")]
    public async Task Eval_BadInput_IsRefused(string reason, string file, params string[] options)
    {
        string good = Write("good.jsonl", """{"question": "The capital of France is", "answer": "Paris"}""");
        Write("bad.jsonl", "{\"question\": \"a\", \"answer\": \"b\"}\n{\"question\": \"c\"}");
        (await EvalAsync(_folder.File(file), [.. options.Select(option => option == "good.jsonl" ? good : option)])).AssertRefused(reason);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public void Write_AnyWidth_TakesOneLineAStrategy(int width)
    {
        QuestionSet set = QuestionFile.Read(Facts(3));
        QuestionOptions options = new();
        IReadOnlyList<StrategySummary> strategies = StrategySummary.Of(set, options, options.Strategies.SelectMany(
            strategy => Enumerable.Range(1, 3).Select(line => new QuestionResult
            {
                Line = line, Strategy = strategy.Label, Right = true, Steps = 256, AnswerTokens = 256, Milliseconds = 123_456,
            })));
        using StringWriter text = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = width;
        QuestionTable.Write(console, s_model, set, 3, strategies);

        string[] lines = text.ToString().TrimEnd().ReplaceLineEndings("\n").Split('\n');
        Assert.Equal(2 + 2 + 2 + 1, lines.Length); // model and questions, headings and a rule, strategies, a comparison
        Assert.All(lines[2..6], line => Assert.InRange(line.GetCellWidth(), 0, width));
    }

    [Theory]
    [InlineData(1, "██··················  1/8  0:07 left  soft 100%")]
    [InlineData(8, "████████████████████  8/8  0:00 left  soft 100%")]
    public void Describe_ResultsSoFar_ShowsShareAccuracyAndTimeLeft(int results, string expected)
    {
        EvalBar bar = new(new ProgressLine(), 8);
        for (int i = 0; i < results; i++)
        {
            bar.Add(new QuestionResult { Line = i, Strategy = "soft", Right = true, Steps = 1, AnswerTokens = 1, Milliseconds = 1000 });
        }

        Assert.Equal(expected, bar.Describe(79));
        Assert.Equal(expected[..20], bar.Describe(20));
    }

    /// <summary>A polite kill in the middle, then the same command: every question is answered once.</summary>
    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Eval_Interrupted_GoesOnFromThere()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are another thing there.");
        string results = _folder.File("results.jsonl");
        string[] command =
        [
            "eval", Facts(200), "-o", results, "-s", "hidden", "--stop-entropy", "0", "--max-steps", "40", "--json",
            "--threads", "1", "--gpu", "off", "--model", CommittedModels.Path("atlas.gguf"),
        ];
        using Process process = Cli.Start(command);
        while (!process.HasExited && (!File.Exists(results) || new FileInfo(results).Length < 3_000))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        using Process kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        Outcome interrupted = await Cli.FinishAsync(process);
        int kept = File.ReadAllLines(results).Length - 1;
        JsonElement json = (await Cli.RunAsync(command)).Json();

        Assert.Equal(ExitCodes.Cancelled, interrupted.ExitCode);
        Assert.Contains("of 200 answers are in", interrupted.Error, StringComparison.Ordinal);
        Assert.InRange(kept, 1, 199);
        Assert.Equal(200, json.GetProperty("strategies")[0].GetProperty("items").GetInt32());
        Assert.Equal(200, File.ReadLines(results).Skip(1).Select(line => JsonNode.Parse(line)!["line"]!.GetValue<int>()).Distinct().Count());
        Assert.Equal(201, File.ReadAllLines(results).Length);
    }

    private static Task<Outcome> EvalAsync(string file, params string[] options) =>
        Cli.RunWithAsync(CommittedModels.Path("atlas.gguf"), ["eval", file, .. options]);

    private static Task<Outcome> EvalAsync(string[] command) => EvalAsync(command[0], command[1..]);

    private string Facts(int count)
    {
        using JsonDocument asked = JsonDocument.Parse(File.ReadAllBytes(CommittedModels.Path("tasks/atlas-questions.json")));
        return Write("facts.jsonl", string.Join('\n', asked.RootElement.GetProperty("questions").GetProperty("facts").EnumerateArray().Take(count)
            .Select(pair =>
            {
                string fact = pair[1].GetString()!;
                int last = fact.LastIndexOf(' ');
                return new JsonObject { ["input"] = fact[..last], ["output"] = fact[(last + 1)..] }.ToJsonString();
            })));
    }

    private string Write(string name, string text)
    {
        string path = _folder.File(name);
        File.WriteAllText(path, text);
        return path;
    }
}
