using System.Diagnostics;
using System.Text.Json.Nodes;
using GgufConcepts.Testing;

namespace GgufConcepts.Cli.Tests;

/// <summary>Bad files: refused before llama.cpp, which would end the process, sees them.</summary>
public sealed class RefusedFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("missing", "no such file")]
    [InlineData("folder", "holds no .gguf file of a model")]
    [InlineData("empty", "holds no bytes")]
    [InlineData("picture", "not a GGUF file")]
    [InlineData("pipe", "holds no bytes")]
    public async Task Model_ThatIsNone_IsRefused(string kind, string reason)
    {
        string path = await MakeAsync(kind);
        Outcome run = await Cli.RunWithAsync(path, "think", "hi");
        run.AssertRefused(reason);
        Assert.Contains(path, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.00001)]
    [InlineData(0.001)]
    [InlineData(0.01)]
    [InlineData(0.1)]
    [InlineData(0.2)]
    [InlineData(0.4)]
    [InlineData(0.6)]
    [InlineData(0.8)]
    [InlineData(0.95)]
    [InlineData(0.99999)]
    public async Task Model_CutShort_IsRefusedWithTheByte(double share)
    {
        byte[] whole = await File.ReadAllBytesAsync(TinyModels.Path(TinyArchitecture.Qwen2), TestContext.Current.CancellationToken);
        string path = _folder.File("cut.gguf");
        await File.WriteAllBytesAsync(path, whole[..Math.Max(1, (int)(whole.Length * share))], TestContext.Current.CancellationToken);

        (await Cli.RunWithAsync(path, "doctor")).AssertRefused(path);
    }

    [Fact]
    public async Task Model_VocabularyOnly_IsRefused()
    {
        Assert.SkipUnless(RealModels.Qwen2Vocabulary is not null, RealModels.Absent);
        (await Cli.RunWithAsync(RealModels.Qwen2Vocabulary!, "think", "hi")).AssertRefused("holds a vocabulary but no weights");
    }

    [Theory]
    [InlineData("missing", "Could not find file")]
    [InlineData("folder", "is a folder")]
    [InlineData("empty", "holds no bytes")]
    [InlineData("pipe", "holds no bytes")]
    [InlineData("picture", "is no trace")]
    [InlineData("null", "holds null")]
    [InlineData("[]", "is no trace")]
    [InlineData("{}", "lacks 'model', 'prompt'")]
    [InlineData("{\"schema\":1", "is no trace")]
    [InlineData("{\"schema\":2,\"thoughts\":[]}", "schema 2 is unknown; this program reads schema 1")]
    public async Task ReadTrace_ThatIsNone_IsRefused(string kind, string reason) => (await Cli.RunWithAsync(
        TinyModels.Path(TinyArchitecture.Qwen2), "read", await MakeAsync(kind))).AssertRefused(reason);

    [Fact]
    public async Task ReadTrace_ChangedByHand_IsRefused()
    {
        string model = TinyModels.Path(TinyArchitecture.Qwen2);
        string path = _folder.File("trace.json");
        Assert.Equal(ExitCodes.Done, (await Cli.RunWithAsync(
            model, "think", "The capital", "--max-steps", "2", "--answer-tokens", "0", "--trace", path)).ExitCode);
        string good = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);

        await RefuseAsync("schema 2 is unknown", trace => trace["schema"] = 2);
        await RefuseAsync("The trace is of", trace => trace["model"]!["vocabularySize"] = 1000);
        await RefuseAsync("one that Tiny Qwen2 does not know", trace => trace["steps"]![0]!["tokens"]![0]!["id"] = 999_999);
        await RefuseAsync("one that Tiny Qwen2 does not know", trace => trace["steps"]![0]!["tokens"]![0]!["id"] = -1);
        await RefuseAsync("has 0 tokens", trace => trace["steps"]![0]!["tokens"] = new JsonArray());
        await RefuseAsync("step 0 or something in it is null", trace => trace["steps"]![0] = null);
        await RefuseAsync("is no trace: ", trace => trace["steps"] = null);
        await RefuseAsync("There is nothing to read", trace => trace["steps"] = new JsonArray());
        await RefuseAsync("fed a vector of its own, but saved 0 bytes", trace => trace["steps"]![0]!["kind"] = "hidden");

        async Task RefuseAsync(string reason, Action<JsonNode> change)
        {
            JsonNode trace = JsonNode.Parse(good)!;
            change(trace);
            string changed = _folder.File("changed.json");
            await File.WriteAllTextAsync(changed, trace.ToJsonString(), TestContext.Current.CancellationToken);
            (await Cli.RunWithAsync(model, "read", changed)).AssertRefused(reason);
        }
    }

    [Theory]
    [InlineData("think", "--trace", "trace")]
    [InlineData("think", "--html", "report")]
    [InlineData("generate", "--trace", "trace")]
    [InlineData("generate", "--html", "report")]
    public async Task Output_WhereItCannotBeWritten_IsRefusedBeforeAnythingRuns(string command, string option, string what)
    {
        string missing = Path.Combine(_folder.Path, "nowhere", "trace.json");
        List<string> places = [missing, _folder.Path, ""];
        if (OperatingSystem.IsLinux())
        {
            places.Add("/proc/trace.json"); // takes no files, not even from root
        }

        foreach (string place in places)
        {
            // no such model: the place is looked at first
            (await Cli.RunWithAsync("missing.gguf", command, "hi", option, place))
                .AssertRefused($"Cannot write the {what} to '{place}'");
        }
    }

    private async Task<string> MakeAsync(string kind)
    {
        string path = _folder.File("input");
        switch (kind)
        {
            case "missing":
                break;
            case "folder":
                Directory.CreateDirectory(path);
                break;
            case "empty":
                await File.WriteAllBytesAsync(path, [], TestContext.Current.CancellationToken);
                break;
            case "picture":
                await File.WriteAllBytesAsync(
                    path, [0x89, .. "PNG\r\n\u001A\n"u8, .. new byte[200]], TestContext.Current.CancellationToken);
                break;
            case "pipe":
                Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no named pipes in folders.");
                using (Process make = Process.Start("mkfifo", [path]))
                {
                    await make.WaitForExitAsync(TestContext.Current.CancellationToken);
                }

                break;
            default:
                await File.WriteAllTextAsync(path, kind, TestContext.Current.CancellationToken);
                break;
        }

        return path;
    }
}
