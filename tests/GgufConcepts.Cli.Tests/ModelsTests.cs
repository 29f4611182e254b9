using System.Text.Json;
using GgufConcepts.Testing;

namespace GgufConcepts.Cli.Tests;

/// <summary>Models by name: those that travel along, and those in the stores of other programs.</summary>
public sealed class ModelsTests : IDisposable
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly TempFolder _home = new();

    private Dictionary<string, string?> Environment => new()
    {
        ["HOME"] = _home.Path,
        ["USERPROFILE"] = _home.Path,
        ["HF_HUB_CACHE"] = _home.File("hub"),
        ["LLAMA_CACHE"] = _home.File("llama"),
        ["OLLAMA_MODELS"] = _home.File("ollama"),
    };

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task List_AModelInAStore_IsListedWithWhatItsFileSays()
    {
        string path = Put("hub", "model-F32.gguf");

        Outcome outcome = await Cli.RunInAsync(Environment, "models", "list", "--json");

        JsonElement model = outcome.Json().GetProperty("stored")[0];
        Assert.Equal("hf:org/repo/model-F32.gguf", model.GetProperty("reference").GetString());
        Assert.Equal(path, model.GetProperty("path").GetString());
        Assert.Equal(new FileInfo(path).Length, model.GetProperty("bytes").GetInt64());
        Assert.Equal("F32", model.GetProperty("quantisation").GetString());
        Assert.Equal("gpt2", model.GetProperty("architecture").GetString());
        Assert.Equal("atlas", outcome.Json().GetProperty("models")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task List_ForPeople_ShowsNamesAndStores()
    {
        Put("hub", "model-F32.gguf");
        File.WriteAllText(Put("hub", "broken.gguf"), "GGUF and no more");

        Outcome outcome = await Cli.RunInAsync(Environment, "models", "list");

        Assert.Equal(ExitCodes.Done, outcome.ExitCode);
        Assert.Matches(@"hf:org/repo/model-F32\.gguf +\d+ kB +F32 +gpt2 +Hugging Face", outcome.Output);
        Assert.Matches(@"hf:org/repo/broken\.gguf +0 kB +unreadable", outcome.Output);
        Assert.Matches(@"gpt2 +177\.7 MB +.*Q8_0\. To pull\.", outcome.Output);
    }

    [Fact]
    public async Task Next_AModelInTwoStores_RunsTheFirstAndNamesBoth()
    {
        string first = Put("hub", "m.gguf"), second = Put("llama", "m.gguf");

        Outcome outcome = await Cli.RunInAsync(
            Environment, "next", "<BOS> D2 D1 D4 D5", "-m", "hf:org/repo", "--json", "--threads", "1", "--gpu", "off");

        Assert.Equal(first, outcome.Json().GetProperty("model").GetProperty("path").GetString());
        Assert.Contains(
            $"hf:org/repo is in Hugging Face and in llama.cpp; taking {first}, not {second}.", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Next_AModelThatIsNotHere_SaysHowToGetIt() =>
        (await Cli.RunInAsync(Environment, "next", "x", "-m", "hf:org/repo:Q8_0"))
            .AssertRefused("hf:org/repo:Q8_0 is not on this machine; get it with: ggufconcepts models pull hf:org/repo:Q8_0");

    [Fact]
    public async Task Info_AModel_TellsSettingsTensorsAndParity()
    {
        JsonElement info = (await Cli.RunInAsync(Environment, "models", "info", "mnns-continuous", "--json")).Json();

        Assert.Equal("gpt2", info.GetProperty("metadata").GetProperty("general.architecture").GetString());
        Assert.Equal("2", info.GetProperty("metadata").GetProperty("gpt2.block_count").GetString());
        Assert.Equal("1E-05", info.GetProperty("metadata").GetProperty("gpt2.attention.layer_norm_epsilon").GetString());
        Assert.Equal("travels along", info.GetProperty("store").GetString());
        Assert.StartsWith("exact", info.GetProperty("parity").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            info.GetProperty("tensorTypes").EnumerateArray().Sum(type => type.GetProperty("bytes").GetInt64()),
            info.GetProperty("tensorTypes")[0].GetProperty("bytes").GetInt64());
    }

    [Fact]
    public async Task Info_WithoutParity_DoesNotLoadTheModel()
    {
        Outcome outcome = await Cli.RunInAsync(Environment, "models", "info", "atlas", "--no-parity");

        Assert.Equal(ExitCodes.Done, outcome.ExitCode);
        Assert.Contains("general.architecture: qwen2", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("tokenizer.ggml.tokens: String[1892]", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("parity", outcome.Output, StringComparison.Ordinal);
    }

    /// <summary>A small model in a snapshot of org/repo, as a plain file: a system without links has it so.</summary>
    private string Put(string hub, string name)
    {
        string snapshot = Path.Combine(_home.File(hub), "models--org--repo", "snapshots", Commit), path = Path.Combine(snapshot, name);
        Directory.CreateDirectory(snapshot);
        File.Copy(CommittedModels.Path("mnns-continuous.gguf"), path);
        return path;
    }
}
