using System.Collections.Concurrent;
using System.Text.Json;
using GgufConcepts.Gguf;
using GgufConcepts.Testing;
using GgufConcepts.Testing.Hostile;

namespace GgufConcepts.Cli.Tests;

/// <summary>What the check of a file lets through meets llama.cpp, in a process of its own: it computes finite numbers or
/// refuses the file, and never ends the process.</summary>
[Trait("Speed", "Slow")]
public sealed class HostileModelTests : IDisposable
{
    private const int AtOnce = 2;

    /// <summary>512 MiB of memory that is not the file's, and seconds of a processor: each file takes at most 2 on a quiet
    /// machine.</summary>
    private const string Limits = "ulimit -d 524288 -t 8; exec \"$0\" \"$@\"";

    /// <summary>A number that is none, in a row of the embeddings, shows only once its token is fed; the message says so.</summary>
    private const string Poisoned = "the model file is damaged";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Next_EveryLieThatIsLetThrough_AnswersOrRefuses()
    {
        HostileFile[] files = [.. HostileFiles.All.Where(file => file.Refusal is null)];
        ConcurrentBag<string> complaints = [];
        ParallelOptions options = new()
        {
            MaxDegreeOfParallelism = AtOnce, CancellationToken = TestContext.Current.CancellationToken,
        };
        await Parallel.ForEachAsync(files.Index(), options, async (pair, _) =>
        {
            string path = pair.Item.Make(_folder.File($"model-{pair.Index}.gguf"));
            string[] next = ["next", "The capital of France is", "--json", "--model", path, "--threads", "1", "--gpu", "off"];
            Outcome outcome = OperatingSystem.IsWindows()
                ? await Cli.RunAsync(next)
                : await Cli.RunInShellAsync(Limits, null, next);
            if (FindProblem(outcome) is { } problem)
            {
                complaints.Add($"{pair.Item.Name}: {problem}");
            }

            File.Delete(path);
        });
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task Verify_ALie_ListsWhatIsWrongAndExitsWith2()
    {
        string path = HostileFiles.Find("qwen2.block_count = 513").Make(_folder.File("model.gguf"));
        Outcome outcome = await Cli.RunAsync("models", "verify", path);
        Assert.Equal(ExitCodes.BadInput, outcome.ExitCode);
        string line = Assert.Single(outcome.Output.TrimEnd().Split('\n'));
        Assert.StartsWith(path, line, StringComparison.Ordinal);
        Assert.Contains("qwen2.block_count is 513", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_ATextThatCommandsATerminal_IsShownWithoutItsCommands()
    {
        string path = TinyModels.Write(_folder.File("model.gguf"), TinyArchitecture.Qwen2, new TinyOptions
        {
            Settings = new Dictionary<string, object?> { ["tokenizer.ggml.model"] = "\e]0;mine\a\e[2J" },
        });
        Outcome verified = await Cli.RunAsync("models", "verify", path), refused = await Cli.RunWithAsync(path, "next", "hi");
        Assert.Contains("]0;mine", verified.Output, StringComparison.Ordinal);
        Assert.Contains("]0;mine", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', verified.Output + refused.Error);
    }

    [Fact]
    public async Task Verify_SeveralLies_ListsAllOfThem()
    {
        string path = TinyModels.Write(_folder.File("model.gguf"), TinyArchitecture.Qwen2, new TinyOptions
        {
            Settings = new Dictionary<string, object?>
            {
                ["qwen2.block_count"] = 0, ["qwen2.rope.freq_base"] = -1f, ["tokenizer.ggml.eos_token_id"] = 5000,
            },
        });
        Outcome outcome = await Cli.RunAsync("models", "verify", path, "--json");
        Assert.Equal(ExitCodes.BadInput, outcome.ExitCode);
        using JsonDocument document = JsonDocument.Parse(outcome.Output);
        string[] findings =
            [.. document.RootElement.GetProperty("findings").EnumerateArray().Select(finding => finding.GetString()!)];
        Assert.Equal(3, findings.Length);
        Assert.Contains("qwen2.block_count is 0", findings[0], StringComparison.Ordinal);
        Assert.Contains("qwen2.rope.freq_base is -1", findings[1], StringComparison.Ordinal);
        Assert.Contains("tokenizer.ggml.eos_token_id is 5000", findings[2], StringComparison.Ordinal);
    }

    /// <summary>With a folder that holds no llama.cpp, in which every other command would fail.</summary>
    [Fact]
    public async Task Verify_ASoundModel_SaysSoWithoutLlamaCpp()
    {
        Dictionary<string, string?> environment = new() { ["GGUFCONCEPTS_LLAMA_DIR"] = _folder.Path };
        string path = TinyModels.Path(TinyArchitecture.Qwen2);
        Assert.NotEqual(ExitCodes.Done, (await Cli.RunInAsync(environment, "next", "hi", "--model", path)).ExitCode);

        Outcome outcome = await Cli.RunInAsync(environment, "models", "verify", path);
        Assert.True(outcome.ExitCode == ExitCodes.Done, outcome.Error);
        Assert.Contains("nothing wrong", outcome.Output, StringComparison.Ordinal);
        Assert.All(GgufModelCheck.Rules, rule => Assert.Contains(rule, outcome.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Verify_WeightThatIsNoNumber_IsFoundWhereWeightsAreLookedAt()
    {
        string path = ChangedModel.Write(
            TinyModels.Path(TinyArchitecture.Qwen2),
            _folder.File("model.gguf"),
            tensor => [tensor.Name == "token_embd.weight" ? tensor.With(float.NaN) : tensor]); // of a token that nothing uses yet
        Assert.Equal(ExitCodes.Done, (await Cli.RunAsync("models", "verify", path)).ExitCode);
        Outcome outcome = await Cli.RunAsync("models", "verify", path, "--weights");
        Assert.Equal(ExitCodes.BadInput, outcome.ExitCode);
        Assert.StartsWith(path, outcome.Output, StringComparison.Ordinal);

        outcome = await Cli.RunAsync("models", "verify", TinyModels.Path(TinyArchitecture.Qwen2), "--weights");
        Assert.True(outcome.ExitCode == ExitCodes.Done, outcome.Error);
        Assert.Contains("every weight", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_AFileThatCannotBeRead_IsRefused()
    {
        string cut = HostileFiles.Find("cut after the version").Make(_folder.File("model.gguf"));
        Outcome outcome = await Cli.RunAsync("models", "verify", cut);
        Assert.Equal(ExitCodes.BadInput, outcome.ExitCode);
        Assert.Contains("the number of tensors needs 8 bytes", outcome.Output, StringComparison.Ordinal);
        (await Cli.RunAsync("models", "verify", _folder.File("absent.gguf"))).AssertRefused("no such file");
    }

    private static string? FindProblem(Outcome outcome)
    {
        if (outcome.ExitCode == ExitCodes.BadInput
            || (outcome.ExitCode == ExitCodes.FailedWhileRunning && outcome.Error.Contains(Poisoned, StringComparison.Ordinal)))
        {
            return outcome.Error.Trim().Length > 0 && outcome.Output.Length == 0 ? null : "refused without a word";
        }

        if (outcome.ExitCode != ExitCodes.Done)
        {
            return $"exit code {outcome.ExitCode}: {outcome.Error}";
        }

        using JsonDocument document = JsonDocument.Parse(outcome.Output); // NaN is no JSON
        double entropy = document.RootElement.GetProperty("entropy").GetDouble();
        return double.IsFinite(entropy) ? null : $"an entropy of {entropy}";
    }
}
