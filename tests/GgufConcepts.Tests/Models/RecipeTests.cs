using System.Diagnostics;
using GgufConcepts.Gguf;
using GgufConcepts.Models;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Models;

/// <summary>Each training recipe still runs, and what it writes becomes a model that answers as it did in
/// training.</summary>
public sealed class RecipeTests : IDisposable
{
    private static readonly string? s_python = FindPython();

    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("mnns.py", "mnns-continuous", "--model", "continuous")]
    [InlineData("mnns.py", "mnns-discrete", "--model", "discrete")]
    [InlineData("reach.py", "reach-latent", "--model", "latent")]
    [InlineData("reach.py", "reach-chain", "--model", "chain")]
    [InlineData("reach.py", "reach-none", "--model", "none")]
    public async Task Recipe_FewSteps_MakeAModelThatLoads(string recipe, string name, params string[] arguments)
    {
        using ConceptModel model = await MakeAsync(recipe, name, arguments);
        Assert.Equal(name, model.Info.Name);
        RecipeFigures.AssertLogits(model, RecipeFigures.Read(_folder.File($"{name}.json")));
    }

    [Theory]
    [InlineData("atlas.py", "qwen2")]
    [InlineData("atlas.py", "gpt2")]
    [InlineData("atlas_chunks.py", "qwen2")]
    public async Task AtlasRecipe_FewSteps_MakeAModelThatLoads(string recipe, string architecture)
    {
        using ConceptModel model = await MakeAsync(recipe, $"atlas-{architecture}", "--arch", architecture);
        Assert.Equal(architecture, model.Info.Architecture);
        Assert.Equal(ParityVerdict.Exact, model.Parity.Verdict);
    }

    private async Task<ConceptModel> MakeAsync(string recipe, string name, params string[] arguments)
    {
        Assert.SkipUnless(s_python is not null, "No python3 here has PyTorch (Debian: python3-torch).");
        string script = CommittedModels.Path(Path.Combine("training", recipe));
        (int code, string output) = await RunAsync(s_python, [script, .. arguments, "--smoke", "--out", _folder.Path]);
        Assert.True(code == 0, output);

        RecipeConverter.Convert(_folder.File($"{name}.json"), _folder.File("made.gguf"), cancellation: Token);
        ModelOptions options = new() { GpuLayers = 0, Threads = 1 };
        return await ConceptModel.LoadAsync(_folder.File("made.gguf"), options, cancellation: Token);
    }

    private static string? FindPython() => ((string[])["python3", "/usr/bin/python3", "python"]).FirstOrDefault(python =>
    {
        try
        {
            return RunAsync(python, ["-c", "import torch"]).GetAwaiter().GetResult().Code == 0;
        }
        catch (System.ComponentModel.Win32Exception) // no such program
        {
            return false;
        }
    });

    private static async Task<(int Code, string Output)> RunAsync(string program, IEnumerable<string> arguments)
    {
        using Process process = new()
        {
            StartInfo = new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["PYTHONDONTWRITEBYTECODE"] = "1" },
            },
        };
        process.Start();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await errors);
    }
}
