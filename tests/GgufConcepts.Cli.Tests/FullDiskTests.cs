using System.Text.Json;
using GgufConcepts.Testing;

namespace GgufConcepts.Cli.Tests;

/// <summary>The disk is full while something is written: that is said, and nothing is there by half or lost.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const string Prompt = "The capital of France is";

    private readonly TempFolder _folder = new();

    private static string Atlas => CommittedModels.Path("atlas.gguf");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Think_NoRoomForTheTrace_SaysSoAndLeavesTheOldOne()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Limits are a shell's.");
        string trace = _folder.File("trace.json");
        await File.WriteAllTextAsync(trace, "the old one", Token);
        Outcome outcome = await RunAsync(2, "think", Prompt, "--model", Atlas, "--trace", trace);
        Assert.Equal(ExitCodes.BadInput, outcome.ExitCode);
        Assert.Contains($"Cannot write the trace to {trace}: The file system takes no file that long.", outcome.Error, StringComparison.Ordinal);
        Assert.Equal("the old one", await File.ReadAllTextAsync(trace, Token));
        Assert.Equal([trace], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task Think_NoRoomForTheCache_ThinksNevertheless()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Limits are a shell's.");
        Outcome outcome = await RunAsync(2, "think", Prompt, "--model", Atlas, "--strategy", "hidden", "--realign", "--max-steps", "3");
        Assert.True(outcome.ExitCode == ExitCodes.Done, outcome.Error);
        Assert.Empty(Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Batch_NoRoomForAllResults_KeepsThoseThatAreThereAndGoesOn()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Limits are a shell's.");
        (string prompts, string results) = (_folder.File("prompts.jsonl"), _folder.File("results.jsonl"));
        await File.WriteAllLinesAsync(prompts, Enumerable.Repeat($$"""{"prompt": "{{Prompt}}"}""", 6), Token);
        Outcome outcome = await RunAsync(8, "batch", prompts, "--out", results, "--model", Atlas);
        Assert.Equal(ExitCodes.FailedWhileRunning, outcome.ExitCode);
        Assert.Contains("The file system takes no file that long.", outcome.Error, StringComparison.Ordinal);

        outcome = await Cli.RunAsync("batch", prompts, "--out", results, "--model", Atlas);
        Assert.True(outcome.ExitCode == ExitCodes.Done, outcome.Error);
        Assert.Matches("6 results .*, [1-5] of them from before", outcome.Error);
        int[] indices =
        [
            .. (await File.ReadAllLinesAsync(results, Token)).Select(line => JsonElement.Parse(line).GetProperty("index").GetInt32()),
        ];
        Assert.Equal([0, 1, 2, 3, 4, 5], indices.Order());
    }

    private Task<Outcome> RunAsync(int kibibytes, params string[] arguments) => Cli.RunWithFullDiskAsync(
        kibibytes, new Dictionary<string, string?> { ["GGUFCONCEPTS_CACHE_DIR"] = Path.Combine(_folder.Path, "cache") }, arguments);
}
