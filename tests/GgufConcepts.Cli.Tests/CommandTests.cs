using System.Text.Json;
using GgufConcepts.Stores;
using GgufConcepts.Testing;

namespace GgufConcepts.Cli.Tests;

public sealed class CommandTests
{
    // What every runtime says with this model and greedy choice.
    private const string Story =
        "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One day, she saw a big, " +
        "red ball. She wanted to play with it, but it was too high.\nLily's mom said, \"Lily, let's go to the park.\" Lily was " +
        "sad and didn't know what to do.";

    [Fact]
    public async Task Next_MoreThreadsThanProcessors_WarnsThatTheyWaitForEachOther()
    {
        string[] next = ["next", "The", "--model", TinyModels.Path(TinyArchitecture.Qwen2), "--gpu", "off", "--threads"];
        int processors = Environment.ProcessorCount;
        Outcome fit = await Cli.RunAsync([.. next, $"{processors}"]), tooMany = await Cli.RunAsync([.. next, $"{processors + 1}"]);

        Assert.Equal((ExitCodes.Done, ExitCodes.Done), (fit.ExitCode, tooMany.ExitCode));
        Assert.DoesNotContain("--threads", fit.Error, StringComparison.Ordinal);
        Assert.Contains($"--threads is {processors + 1}, and there are {processors} processors", tooMany.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ModelsList_OutputThatCannotBeWritten_SaysSoInWords()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "No device that is always full is here.");
        Outcome run = await Cli.RunInShellAsync("exec \"$0\" models list > /dev/full");

        Assert.Equal(ExitCodes.FailedWhileRunning, run.ExitCode);
        Assert.Equal("Reading or writing failed: No space left on device", run.Error.Split(" : ")[0].Trim());
    }

    [Fact]
    public async Task GenerateGreedy_Stories_TellsTheKnownStory()
    {
        Outcome run = await Cli.RunWithAsync(Cli.Stories, "generate", "Once upon a time", "--greedy", "--max-tokens", "120");

        Assert.Equal(ExitCodes.Done, run.ExitCode);
        Assert.StartsWith(Story, run.Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task GenerateJson_WithSeed_IsATraceOfTokens()
    {
        JsonElement trace = (await Cli.RunWithAsync(
            Cli.Stories, "generate", "Once upon a time", "--seed", "3", "--max-tokens", "12", "--json", "--verbose")).Json();

        TraceForm.Check(trace, "token");
        Assert.Equal(12, trace.GetProperty("steps").GetArrayLength());
        Assert.Equal(
            trace.GetProperty("answer").GetString(),
            string.Concat(trace.GetProperty("steps").EnumerateArray().Select(
                step => step.GetProperty("chosen").GetProperty("text").GetString())));
    }

    [Fact]
    public async Task Generate_LogDistribution_ListsWhatElseItMightHaveSaid()
    {
        Outcome run = await Cli.RunWithAsync(
            Cli.Stories, "generate", "Once upon a time", "--greedy", "--max-tokens", "3", "--log-distribution");

        Assert.StartsWith("Once upon a time, there was", run.Output, StringComparison.Ordinal);
        Assert.Contains("·there  ·there .9", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("nearest", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Next_Stories_ListsTokensAndEntropy()
    {
        Outcome run = await Cli.RunWithAsync(Cli.Stories, "next", "Once upon", "--count", "3");
        JsonElement json = (await Cli.RunWithAsync(Cli.Stories, "next", "Once upon", "--count", "3", "--json")).Json();

        Assert.Contains("·a", run.Output, StringComparison.Ordinal);
        Assert.Contains("nats over 512 tokens", run.Output, StringComparison.Ordinal);
        Assert.Equal(3, json.GetProperty("tokens").GetArrayLength());
        Assert.Equal(" a", json.GetProperty("tokens")[0].GetProperty("text").GetString());
        Assert.InRange(json.GetProperty("tokens")[0].GetProperty("probability").GetDouble(), 0.98, 0.995);
        Assert.InRange(json.GetProperty("entropy").GetDouble(), 0.05, 0.15);
    }

    [Fact]
    public async Task Neighbors_Stories_ListsOtherTokensByCosine()
    {
        JsonElement near = (await Cli.RunWithAsync(Cli.Stories, "neighbors", "Lily", "-n", "4", "--json")).Json();

        double[] cosines = [.. near.GetProperty("nearest").EnumerateArray().Select(token => token.GetProperty("cosine").GetDouble())];
        Assert.Equal(4, cosines.Length);
        Assert.Equal(cosines.OrderDescending(), cosines);
        Assert.Equal(" Timmy", near.GetProperty("nearest")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task Analogy_WithoutQuotes_LeavesItsOwnWordsOut()
    {
        JsonElement near = (await Cli.RunWithAsync(
            TinyModels.Path(TinyArchitecture.Qwen2), "analogy", "King", "-", "Man", "+", "Woman", "-n", "5", "--json")).Json();

        Assert.Equal("King - Man + Woman", near.GetProperty("query").GetString());
        string[] texts = [.. near.GetProperty("nearest").EnumerateArray().Select(token => token.GetProperty("text").GetString()!)];
        Assert.Equal(5, texts.Length);
        Assert.DoesNotContain(" King", texts);
        Assert.DoesNotContain(" Woman", texts);
    }

    [Fact]
    public async Task Analogy_WordOfSeveralTokens_IsTakenAsTheirMeanWhereAsked()
    {
        string[] words = ["analogy", "girl", "-", "little", "+", "big"];
        (await Cli.RunWithAsync(Cli.Stories, words)).AssertRefused("'girl' is 3 tokens");

        Outcome mean = await Cli.RunWithAsync(Cli.Stories, [.. words, "--mean", "-n", "3"]);

        Assert.Equal(ExitCodes.Done, mean.ExitCode);
        Assert.Equal(5, mean.Output.TrimEnd().Split('\n').Length); // headings, a rule, three tokens
    }

    [Theory]
    [InlineData("--text", "a big dog")]
    [InlineData("--analogy", "little - big + Lily")]
    public async Task Read_TextOrAnalogy_ReadsAllVectors(string option, string value)
    {
        JsonElement read = (await Cli.RunWithAsync(
            Cli.Stories, "read", option, value, "--chunk", "2", "--read-tokens", "5", "--json")).Json();

        int next = 0;
        foreach (JsonElement reading in read.GetProperty("readings").EnumerateArray())
        {
            Assert.Equal(next, reading.GetProperty("firstStep").GetInt32());
            next += reading.GetProperty("stepCount").GetInt32();
        }

        Assert.True(next >= 1);
        Assert.Equal(option[2..], read.GetProperty("source").GetString());
    }

    [Fact]
    public async Task Translate_Stories_PrintsOneLine()
    {
        Outcome run = await Cli.RunWithAsync(
            Cli.Stories, "translate", "El perro es grande", "--from", "Spanish", "--max-tokens", "20");

        Assert.Equal(ExitCodes.Done, run.ExitCode);
        Assert.Single(run.Output.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Doctor_WithAndWithoutModel_SaysWhatIsHere()
    {
        JsonElement bare = (await Cli.RunAsync("doctor", "--json")).Json();
        JsonElement found = (await Cli.RunWithAsync(TinyModels.Path(TinyArchitecture.Gemma3), "doctor", "--json", "--verbose")).Json();
        Outcome shown = await Cli.RunWithAsync(TinyModels.Path(TinyArchitecture.Qwen2), "doctor");

        Assert.Equal(
            ModelFinder.OfThisMachine().Find(null).Path, bare.GetProperty("model").GetProperty("info").GetProperty("path").GetString());
        Assert.NotEqual("", bare.GetProperty("llamaVersion").GetString());
        Assert.Equal("gemma3", found.GetProperty("model").GetProperty("info").GetProperty("architecture").GetString());
        Assert.Equal(8, found.GetProperty("model").GetProperty("inputScale").GetDouble()); // sqrt(64)
        Assert.Contains("parity: exact", shown.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(" = 1", shown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ModelsMake_Shape_WritesAModelThatAnswers()
    {
        using TempFolder folder = new();
        string path = folder.File("narrow.gguf");
        JsonElement made = (await Cli.RunAsync(
            "models", "make", "--shape", "narrow", "--quant", "q4_k", "--output", path, "--seed", "7", "--json")).Json();
        JsonElement next = (await Cli.RunWithAsync(path, "next", "The capital of France is", "--json")).Json();

        Assert.Equal(new FileInfo(path).Length, made.GetProperty("bytes").GetInt64());
        Assert.Equal([path], Directory.GetFiles(folder.Path));
        Assert.Equal(32_000, next.GetProperty("model").GetProperty("vocabularySize").GetInt32());
        Assert.InRange(next.GetProperty("entropy").GetDouble(), 0.1, 8); // neither certain nor blind: ln 32,000 is 10.4
    }

    [Fact]
    public async Task Eval_Mnns_PrintsTheLadderOfEveryModel()
    {
        Outcome shown = await Cli.RunAsync("eval", "mnns", "--limit", "5");
        JsonElement json = (await Cli.RunAsync("eval", "mnns", "--limit", "5", "--json")).Json();

        Assert.Equal(ExitCodes.Done, shown.ExitCode);
        Assert.Contains("soft, top 16", shown.Output, StringComparison.Ordinal);
        Assert.Contains("98.9%", shown.Output, StringComparison.Ordinal); // as published
        Assert.Equal("mnns", json.GetProperty("task").GetString());
        Assert.Equal(4, json.GetProperty("models").GetArrayLength());
        JsonElement row = json.GetProperty("models")[0].GetProperty("rows")[0];
        Assert.Equal(5, row.GetProperty("items").GetInt32());
        Assert.Equal(3, row.GetProperty("entropyByStep").GetArrayLength()); // and then the answer
    }

    [Theory]
    [InlineData("No task 'nope'; use one of mnns, reach, atlas, or a .jsonl file of questions.", "nope")]
    [InlineData("The limit is 0; use at least 1", "mnns", "--limit", "0")]
    [InlineData("No strategy 'hard'", "mnns", "--strategy", "hard")]
    [InlineData("Given without --strategy: --top-k.", "mnns", "--top-k", "3")]
    [InlineData("'token' thinks in words", "atlas", "--strategy", "token")]
    [InlineData("Given with mnns: --task, --answer-tokens. They are for a file of questions", "mnns", "--task", "exact", "--answer-tokens", "3")]
    [InlineData("was not made for reach", "reach", "--model", "atlas")]
    public async Task Eval_WhatIsNotThere_IsRefused(string reason, params string[] arguments) =>
        (await Cli.RunAsync(["eval", .. arguments])).AssertRefused(reason);

    [Theory]
    [InlineData("")]
    [InlineData("think")]
    [InlineData("next")]
    [InlineData("generate")]
    [InlineData("read")]
    [InlineData("report")]
    [InlineData("neighbors")]
    [InlineData("analogy")]
    [InlineData("translate")]
    [InlineData("lens")]
    [InlineData("eval")]
    [InlineData("doctor")]
    public async Task Help_EveryCommand_NamesTheProgramAsPeopleTypeIt(string command)
    {
        Outcome run = await Cli.RunAsync(command.Length == 0 ? ["--help"] : [command, "--help"]);

        Assert.Equal(ExitCodes.Done, run.ExitCode);
        Assert.Equal("", run.Error);
        Assert.Contains($"  ggufconcepts {(command.Length == 0 ? "[command]" : command)}", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("GgufConcepts.Cli", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_IsANumber() => Assert.Matches(@"^\d+\.\d+\.\d+", (await Cli.RunAsync("--version")).Output);
}
