using System.Text.Json;
using System.Text.Json.Nodes;
using GgufConcepts.Evaluation;
using GgufConcepts.Evaluation.Questions;
using GgufConcepts.Models;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tests.Evaluation.Questions;

/// <summary>A real model asked what it knows, in one go and in several.</summary>
public sealed class QuestionRunTests(LoadedModels models) : IDisposable
{
    private const int Count = 8;

    private static readonly QuestionOptions s_options = new()
    {
        Strategies = EvalStrategy.Of(StrategySpec.ParseList("token:greedy=true,soft,moi,cot")),
        AnswerTokens = 8,
        MaxSteps = 6,
        Seed = 3,
    };

    private readonly TempFolder _folder = new();

    private ConceptModel Atlas => models.Committed("atlas");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    /// <summary>The facts of the little world, whose last word is left out: the grammar knows it, and so does a model that
    /// learned it.</summary>
    [Fact]
    public void Run_FactsOfItsWorld_AreKnown()
    {
        QuestionSet set = Facts(40);
        QuestionResult[] results = [.. QuestionRun.Run(Atlas, set, new QuestionOptions(), null, Token)];
        IReadOnlyList<StrategySummary> strategies = StrategySummary.Of(set, new QuestionOptions(), results);

        Assert.Equal(["token:greedy=true", "soft"], strategies.Select(strategy => strategy.Strategy));
        Assert.All(strategies, strategy => Assert.Equal(40, strategy.Items));
        Assert.InRange(strategies[0].Accuracy, 0.95, 1);
        Assert.InRange(strategies[0].Steps, 1, 6); // a word and a full stop, then it ends the text
        Assert.Null(strategies[0].Paired);
        Assert.Equal(strategies[1].Right - strategies[0].Right, strategies[1].Paired!.Gained - strategies[1].Paired!.Lost);
        Assert.All(results.Where(result => result.Right), result => Assert.Equal(result.Wanted[0], result.Answer));
    }

    [Theory]
    [InlineData(1, true)] // in the first line
    [InlineData(40, false)]
    [InlineData(4_000, false)]
    [InlineData(5_000, true)]
    [InlineData(6_000, false)]
    public void Run_FileCutAnywhere_GoesOnToTheSameResults(int kept, bool fromEnd)
    {
        QuestionSet set = Facts(Count);
        string whole = _folder.File("whole.jsonl");
        string broken = _folder.File("broken.jsonl");
        QuestionResult[] expected = [.. QuestionRun.Run(Atlas, set, s_options, whole, Token)];
        byte[] bytes = File.ReadAllBytes(whole);
        int length = fromEnd ? bytes.Length - kept : kept;
        Assert.InRange(length, 1, bytes.Length - 1);
        File.WriteAllBytes(broken, bytes[..length]);

        QuestionResult[] results = [.. QuestionRun.Run(Atlas, set, s_options, broken, Token)];

        Assert.Equal(Untimed(whole), Untimed(broken));
        Assert.Equal(expected.Length, results.Length);
        Assert.Equal(Strategies(set, expected), Strategies(set, results));
        Assert.Equal(Count * 4, results.Length);
    }

    [Fact]
    public void Run_EverythingThere_AsksNothingAgain()
    {
        QuestionSet set = Facts(Count);
        string path = _folder.File("results.jsonl");
        QuestionResult[] first = [.. QuestionRun.Run(Atlas, set, s_options, path, Token)];
        byte[] bytes = File.ReadAllBytes(path);

        QuestionResult[] again = [.. QuestionRun.Run(Atlas, set, s_options, path, Token)];

        Assert.Equal(bytes, File.ReadAllBytes(path));
        Assert.Equal(first.Select(result => result.Milliseconds), again.Select(result => result.Milliseconds));
    }

    [Fact]
    public void Run_LimitThenMore_GoesOn()
    {
        QuestionSet set = Facts(Count);
        string path = _folder.File("results.jsonl");
        Assert.Equal(12, QuestionRun.Run(Atlas, set, s_options with { Limit = 3 }, path, Token).Count());
        Assert.Equal(Count * 4, QuestionRun.Run(Atlas, set, s_options, path, Token).Count());
        Assert.Equal(8, QuestionRun.Run(Atlas, set, s_options with { Limit = 2 }, path, Token).Count());
        Assert.Equal(1 + (Count * 4), File.ReadAllLines(path).Length);
    }

    [Fact]
    public void Run_CancelledOnTheWay_KeepsWhatIsDone()
    {
        QuestionSet set = Facts(Count);
        string path = _folder.File("results.jsonl");
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        int seen = 0;
        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (QuestionResult _ in QuestionRun.Run(Atlas, set, s_options, path, cancel.Token))
            {
                if (++seen == 5)
                {
                    cancel.Cancel();
                }
            }
        });

        Assert.Equal(1 + 5, File.ReadAllLines(path).Length);
    }

    [Fact]
    public void Run_ResultsOfSomethingElse_AreRefusedAndKept()
    {
        QuestionSet set = Facts(Count);
        string path = _folder.File("results.jsonl");
        _ = QuestionRun.Run(Atlas, set, s_options with { Limit = 1 }, path, Token).Count();
        byte[] bytes = File.ReadAllBytes(path);

        Refused("another seed: 3, and now it is 4", set, s_options with { Seed = 4 });
        Refused("other settings of token:greedy=true: maxSteps 6, and now it is maxSteps 7", set, s_options with { MaxSteps = 7 });
        Refused("another prompt template: the usual, and now it is Say {question}", set, s_options with { PromptTemplate = "Say {question}" });
        Refused("other strategies: token:greedy=true, soft, moi, cot, and now it is soft", set, s_options with
        {
            Strategies = EvalStrategy.Of([new StrategySpec("soft")]),
        });
        Refused("other questions: SHA-256 ", Facts(Count + 1), s_options);
        Refused("another model: Atlas", set, s_options, models.Committed("atlas-q4_0"));
        Assert.Equal(bytes, File.ReadAllBytes(path));

        void Refused(string reason, QuestionSet questions, QuestionOptions options, ConceptModel? model = null) => Assert.Contains(
            reason,
            Assert.Throws<ConceptInputException>(() => QuestionRun.Run(model ?? Atlas, questions, options, path, Token).Count()).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("my notes")]
    [InlineData("{\"question\": \"a\", \"answer\": \"b\"}\n")]
    [InlineData("{\"results\": \"of another program\"}\n{}\n")]
    public void Run_FileOfAnotherKind_IsRefusedAndKept(string text)
    {
        string path = _folder.File("results.jsonl");
        File.WriteAllText(path, text);
        ConceptInputException refused = Assert.Throws<ConceptInputException>(
            () => QuestionRun.Run(Atlas, Facts(Count), s_options, path, Token).Count());

        Assert.Contains("holds no results of eval", refused.Message, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(path));
    }

    [Fact]
    public void Run_LineInTheMiddleBroken_IsRefusedNamingIt()
    {
        QuestionSet set = Facts(Count);
        string path = _folder.File("results.jsonl");
        _ = QuestionRun.Run(Atlas, set, s_options with { Limit = 1 }, path, Token).Count();
        string[] lines = File.ReadAllLines(path);
        lines[2] = lines[2][..20];
        File.WriteAllLines(path, lines);

        Assert.Contains("line 3: it is no result of eval", Assert.Throws<ConceptInputException>(
            () => QuestionRun.Run(Atlas, set, s_options, path, Token).Count()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_TwoAtOnceOnOneFile_SecondIsRefused()
    {
        QuestionSet set = Facts(Count);
        string path = _folder.File("results.jsonl");
        using IEnumerator<QuestionResult> first = QuestionRun.Run(Atlas, set, s_options, path, Token).GetEnumerator();
        Assert.True(first.MoveNext());

        Assert.Contains("which no other run is writing to", Assert.Throws<ConceptInputException>(
            () => QuestionRun.Run(Atlas, set, s_options, path, Token).Count()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_QuestionLongerThanTheContext_CountsAsWrong()
    {
        string path = _folder.File("long.jsonl");
        File.WriteAllText(path, $$"""{"prompt": "{{string.Concat(Enumerable.Repeat("the king ", 400))}}", "answer": "x"}""");

        Assert.All(
            QuestionRun.Run(Atlas, QuestionFile.Read(path), s_options, null, Token),
            result => Assert.Equal((false, AnswerFailure.PromptTooLong), (result.Right, result.Failure!.Value)));
    }

    [Fact]
    public void Run_LimitReachedBeforeAnAnswer_SaysCutOff()
    {
        string path = _folder.File("cut.jsonl");
        File.WriteAllText(path, """{"prompt": "The capital of France", "answer": "#### 12"}""");
        QuestionOptions options = s_options with { MaxSteps = 1, AnswerTokens = 0, Strategies = EvalStrategy.Of([new StrategySpec("soft")]) };

        QuestionResult result = Assert.Single(QuestionRun.Run(Atlas, QuestionFile.Read(path), options, null, Token));

        Assert.Equal(AnswerFailure.CutOff, result.Failure);
        Assert.Equal(1, result.Steps);
        Assert.Equal(" is", result.Said);
    }

    [Theory]
    [InlineData("no place", "must hold {question}")]
    [InlineData("{question} {choices}", "holds {choices}, and the questions have none")]
    public void FindProblems_Template_IsChecked(string template, string problem) => Assert.Contains(
        problem, Assert.Single((s_options with { PromptTemplate = template }).FindProblems(QuestionKind.Exact)), StringComparison.Ordinal);

    [Fact]
    public void FindProblems_OneStrategyTwice_IsRefused() => Assert.Contains("named twice", Assert.Single((s_options with
    {
        Strategies = EvalStrategy.Of(StrategySpec.ParseList("soft,moi,soft")),
    }).FindProblems(QuestionKind.Exact)), StringComparison.Ordinal);

    [Fact]
    public void Fill_BracesInTheQuestion_StayThere()
    {
        Question question = new(1, "Is {choices} or {question} a word?") { Choices = [new("A", "{question}"), new("B", "no")] };

        Assert.Equal(
            "Q: Is {choices} or {question} a word?\nA. {question}\nB. no\nA:",
            PromptTemplate.Fill("Q: {question}\n{choices}\nA:", question));
    }

    [Theory]
    [InlineData("Question: {question}\nAnswer:", "\nQuestion:")]
    [InlineData("Be brief.\nQ: {question}\nA:", "\nQ:")]
    [InlineData("{question}", null)]
    [InlineData("Be brief.\n{question}", null)]
    public void NextQuestion_Template_IsItsLabel(string template, string? label) =>
        Assert.Equal(label, PromptTemplate.NextQuestion(template));

    /// <summary>Four questions: both right, gained, lost and both wrong; another that only the control was asked.</summary>
    [Fact]
    public void Of_HandMadeResults_CountsPairsAndReasons()
    {
        QuestionOptions options = new() { Strategies = EvalStrategy.Of(StrategySpec.ParseList("soft,token,moi")) };
        QuestionResult[] results =
        [
            Result(1, "token", true), Result(2, "token", false), Result(3, "token", true), Result(4, "token", false), Result(5, "token", true),
            Result(1, "soft", true), Result(2, "soft", true), Result(3, "soft", false), Result(4, "soft", false, AnswerFailure.Empty),
        ];

        IReadOnlyList<StrategySummary> strategies = StrategySummary.Of(Facts(5), options, results);

        Assert.Equal(new PairedComparison("token", 4, 1, 1, 1.0), strategies[0].Paired);
        Assert.Equal((4, 2, 0.5), (strategies[0].Items, strategies[0].Right, strategies[0].Accuracy));
        Assert.Equal([new("empty", 1)], strategies[0].Failures);
        Assert.Equal(Wilson.Interval(3, 5), strategies[1].Interval);
        Assert.Null(strategies[1].Paired);
        Assert.Equal(0, strategies[2].Items);
        Assert.Null(strategies[2].Interval);
    }

    [Fact]
    public void Of_AnyOptions_LeavePlainDecodingWithoutColdStop()
    {
        QuestionOptions options = new()
        {
            Strategies = EvalStrategy.Of(StrategySpec.ParseList("token,soft"), PresetCatalog.Find("soft-thinking")),
        };
        Assert.Equal([0, 0.01], Stops(options));
        Assert.Equal([0, 0.2], Stops(options with { ColdStop = new ColdStop { Entropy = 0.2 } }));

        double[] Stops(QuestionOptions with) =>
            [.. StrategySummary.Of(Facts(1), with, []).Select(strategy => strategy.Settings["stopEntropy"]!.GetValue<double>())];
    }

    [Fact]
    public void Of_PresetAndSettings_TakesThePresetsRuleAndLimits()
    {
        EvalStrategy strategy = Assert.Single(EvalStrategy.Of(StrategySpec.ParseList("soft-thinking:maxTopK=4")));

        Assert.Equal("soft-thinking:maxTopK=4", strategy.Label);
        Assert.Equal(4, strategy.Rule.Settings["maxTopK"]!.GetValue<int>());
        Assert.Equal(0.6f, strategy.Rule.Settings["temperature"]!.GetValue<float>()); // arXiv 2505.15778
        Assert.Equal(256, strategy.Preset!.ColdStop.Patience);
    }

    private QuestionSet Facts(int count)
    {
        using JsonDocument asked = JsonDocument.Parse(File.ReadAllBytes(CommittedModels.Path("tasks/atlas-questions.json")));
        string path = _folder.File($"facts-{count}.jsonl");
        File.WriteAllLines(path, asked.RootElement.GetProperty("questions").GetProperty("facts").EnumerateArray().Take(count).Select(pair =>
        {
            string fact = pair[1].GetString()!;
            int last = fact.LastIndexOf(' ');
            return new JsonObject { ["input"] = fact[..last], ["output"] = fact[(last + 1)..] }.ToJsonString();
        }));
        return QuestionFile.Read(path);
    }

    private static QuestionResult Result(int line, string strategy, bool right, AnswerFailure? failure = null) =>
        new() { Line = line, Strategy = strategy, Right = right, Failure = failure, Steps = 1, AnswerTokens = 1, Milliseconds = 1 };

    private static string[] Strategies(QuestionSet set, QuestionResult[] results) => [.. StrategySummary.Of(set, s_options, results).Select(
        strategy => $"{strategy.Strategy} {strategy.Right} {strategy.Items} {strategy.Steps} {strategy.AnswerTokens} {strategy.Failures.Count} {strategy.Paired}")];

    private static string[] Untimed(string path) => [.. File.ReadLines(path).Select(line =>
    {
        JsonNode json = JsonNode.Parse(line)!;
        json.AsObject().Remove("milliseconds");
        return json.ToJsonString();
    })];
}
