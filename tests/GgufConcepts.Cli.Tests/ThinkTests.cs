using System.Text.Json;
using GgufConcepts.Testing;

namespace GgufConcepts.Cli.Tests;

public sealed class ThinkTests : IDisposable
{
    private static readonly string[] s_short = ["--max-steps", "4", "--stop-entropy", "0", "--answer-tokens", "6", "--read-tokens", "4"];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Think_Stories_ShowsStepsReadingAndAnswer()
    {
        Outcome run = await Cli.RunWithAsync(Cli.Stories, "think", "Once upon a time");

        Assert.Equal(ExitCodes.Done, run.ExitCode);
        string[] lines = run.Output.Split('\n');
        Assert.Contains(lines, line => line.Contains("entropy (nats)", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("concept  , .9", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("read steps 0-2: ", StringComparison.Ordinal));
        Assert.Contains("stopped: coldStop: the entropy stayed below 0.5 nats for 3 steps", lines);
        Assert.Contains(lines, line => line.StartsWith("answer: a little girl named Lily.", StringComparison.Ordinal));
        Assert.DoesNotContain("nearest", run.Output, StringComparison.Ordinal); // the mixtures say it all here
        Assert.Contains("5 prompt tokens", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("soft", "concept")]
    [InlineData("hidden", "hidden")]
    [InlineData("token", "token")]
    public async Task ThinkJson_EveryStrategy_IsOneDocumentOfThePublishedForm(string strategy, string kind)
    {
        JsonElement trace = (await Cli.RunWithAsync(
            Cli.Stories, ["think", "Once upon a time", "-s", strategy, "--json", "--verbose", .. s_short])).Json();

        TraceForm.Check(trace, strategy);
        Assert.Equal([1, 403, 407, 261, 378], trace.GetProperty("promptTokens").EnumerateArray().Select(id => id.GetInt32()));
        Assert.Equal(4, trace.GetProperty("steps").GetArrayLength());
        Assert.Equal("maxSteps", trace.GetProperty("stop").GetString());
        Assert.All(
            trace.GetProperty("steps").EnumerateArray(), step => Assert.Equal(kind, step.GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task ThinkJson_PresetAndOptions_OptionsComeFirst()
    {
        JsonElement trace = (await Cli.RunAsync(
            "think", "The capital of France is", "--preset", "soft-thinking-qwq", "--max-topk", "4", "--max-steps", "1",
            "--answer-tokens", "2", "--answer-top-k", "7", "--json")).Json();

        JsonElement settings = trace.GetProperty("settings");
        Assert.Equal("soft", trace.GetProperty("strategy").GetString());
        Assert.Equal(0.6, settings.GetProperty("temperature").GetDouble(), 1e-6);
        Assert.Equal((30, 4), (settings.GetProperty("topK").GetInt32(), settings.GetProperty("maxTopK").GetInt32()));
        Assert.Equal(256, settings.GetProperty("stopPatience").GetInt32());
        Assert.Equal(1, trace.GetProperty("steps").GetArrayLength());
        Assert.Equal("soft-thinking-qwq", settings.GetProperty("preset").GetString());
        Assert.Equal("auto", settings.GetProperty("machine").GetProperty("gpu").GetString());
        Assert.True(trace.GetProperty("model").GetProperty("contextLength").GetInt32() > 0);
        JsonElement answer = settings.GetProperty("answer");
        Assert.Equal(0.6, answer.GetProperty("temperature").GetDouble(), 1e-6);
        Assert.Equal((7, 2), (answer.GetProperty("topK").GetInt32(), answer.GetProperty("maxTokens").GetInt32()));
        Assert.False(answer.GetProperty("greedy").GetBoolean());
    }

    [Fact]
    public async Task Think_MixtureOfInputs_ShowsWhatWasDrawnAndSaid()
    {
        string[] command = ["think", "The capital of France is", "-s", "moi", "--max-steps", "6", "--stop-entropy", "0", "--no-read"];
        Outcome shown = await Cli.RunAsync(command);
        JsonElement trace = (await Cli.RunAsync([.. command, "--json"])).Json();

        string said = string.Concat(trace.GetProperty("steps").EnumerateArray().Select(
            step => step.GetProperty("chosen").GetProperty("text").GetString()));
        Assert.Contains($"said: {said.Trim()}\n", shown.Output, StringComparison.Ordinal);
        Assert.Contains(" ~ ", shown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Think_Chat_AnswersTheMessage()
    {
        Outcome shown = await Cli.RunAsync("think", "What is the capital of Egypt?", "--chat", "--max-steps", "1", "--no-read");
        Assert.Equal(ExitCodes.Done, shown.ExitCode);
        Assert.Contains("answer: capital of Egypt is Cairo.", shown.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TinyArchitecture.Qwen2)]
    [InlineData(TinyArchitecture.Gpt2)]
    [InlineData(TinyArchitecture.Gemma3)]
    public async Task ThinkJson_InChunks_TranslatesEveryStepOnce(TinyArchitecture architecture)
    {
        JsonElement trace = (await Cli.RunWithAsync(
            TinyModels.Path(architecture), ["think", "The capital of France is", "--chunk", "3", "--json", .. s_short])).Json();

        TraceForm.Check(trace, "soft");
        int steps = trace.GetProperty("steps").GetArrayLength();
        Assert.Equal(
            steps, trace.GetProperty("chunks").EnumerateArray().Sum(chunk => chunk.GetProperty("stepCount").GetInt32()));
    }

    [Fact]
    public async Task Think_SameSeed_ThinksTheSame()
    {
        string[] command = ["think", "The capital of", "--seed", "7", "--json", .. s_short];
        string model = TinyModels.Path(TinyArchitecture.Qwen2);
        JsonElement one = (await Cli.RunWithAsync(model, command)).Json();
        JsonElement two = (await Cli.RunWithAsync(model, command)).Json();

        Assert.Equal(Tokens(one), Tokens(two));
        Assert.Equal(one.GetProperty("answer").GetString(), two.GetProperty("answer").GetString());

        static IEnumerable<string> Tokens(JsonElement trace) =>
            trace.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("tokens").GetRawText());
    }

    [Theory]
    [InlineData("soft")]
    [InlineData("hidden")]
    public async Task Read_SavedTrace_ReadsWhatThinkRead(string strategy)
    {
        string path = _folder.File("thought.json");
        string[] think = ["think", "Once upon a time", "-s", strategy, "--trace", path, .. s_short];
        Assert.Equal(ExitCodes.Done, (await Cli.RunWithAsync(Cli.Stories, think)).ExitCode);
        using JsonDocument saved = JsonDocument.Parse(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        TraceForm.Check(saved.RootElement, strategy);

        JsonElement read = (await Cli.RunWithAsync(Cli.Stories, "read", path, "--read-tokens", "4", "--json")).Json();

        Assert.Equal(
            saved.RootElement.GetProperty("chunks")[0].GetProperty("translation").GetString(),
            Assert.Single(read.GetProperty("readings").EnumerateArray()).GetProperty("translation").GetString());
    }

    [Theory]
    [InlineData("think", "--max-steps")]
    [InlineData("generate", "--max-tokens")]
    public async Task TraceAndJson_OfOneRun_AreOneDocument(string command, string limit)
    {
        string path = _folder.File("trace.json");
        Outcome run = await Cli.RunWithAsync(
            TinyModels.Path(TinyArchitecture.Qwen2), command, "The capital", limit, "70", "--trace", path, "--json");

        Assert.Equal(ExitCodes.Done, run.ExitCode);
        Assert.Equal(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), run.Output.TrimEnd());
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task ThinkTrace_ThroughALink_WritesTheFileItLeadsTo()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        (string file, string link) = (_folder.File("file.json"), _folder.File("link.json"));
        await File.WriteAllTextAsync(file, "old", TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(link, file);

        Outcome run = await Cli.RunWithAsync(
            TinyModels.Path(TinyArchitecture.Qwen2), ["think", "The capital", "--trace", link, .. s_short]);

        Assert.Equal(ExitCodes.Done, run.ExitCode);
        Assert.Equal(file, new FileInfo(link).LinkTarget);
        using JsonDocument trace = JsonDocument.Parse(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        TraceForm.Check(trace.RootElement, "soft");
    }

    [Fact]
    public async Task ThinkTrace_IntoAPipe_WritesToItAndLeavesItThere()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no named pipes in folders.");
        string pipe = _folder.File("pipe");
        using (System.Diagnostics.Process make = System.Diagnostics.Process.Start("mkfifo", [pipe]))
        {
            await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Task<byte[]> reading = Task.Run(() =>
        {
            using FileStream stream = new(pipe, FileMode.Open, FileAccess.Read);
            using MemoryStream all = new();
            stream.CopyTo(all);
            return all.ToArray();
        });
        Outcome run = await Cli.RunWithAsync(
            TinyModels.Path(TinyArchitecture.Qwen2), ["think", "The capital", "--trace", pipe, .. s_short]);

        Assert.True(run.ExitCode == ExitCodes.Done, run.Error);
        using JsonDocument trace = JsonDocument.Parse(await reading.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        TraceForm.Check(trace.RootElement, "soft");
        Assert.Equal(0, new FileInfo(pipe).Length);
    }

    [Theory]
    [InlineData("emoji \U0001F600 and \u4E2D\u6587")]
    [InlineData("a lone surrogate \uD83D here")]
    [InlineData("line\nbreak\tand \u0007 bell")]
    [InlineData("   ")]
    [InlineData("<|im_start|>user")]
    public async Task ThinkJson_OddPrompt_IsTakenAsText(string prompt)
    {
        JsonElement trace = (await Cli.RunWithAsync(
            TinyModels.Path(TinyArchitecture.Qwen2), ["think", prompt, "--json", .. s_short])).Json();

        TraceForm.Check(trace, "soft");
        if (!prompt.Contains('\uD83D', StringComparison.Ordinal) || prompt.Contains('\uDE00', StringComparison.Ordinal))
        {
            Assert.Equal(prompt, trace.GetProperty("prompt").GetString());
        }
    }
}
