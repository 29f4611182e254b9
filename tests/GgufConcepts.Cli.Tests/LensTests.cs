using System.Text.Json;
using GgufConcepts.Stores;
using GgufConcepts.Testing;

namespace GgufConcepts.Cli.Tests;

public sealed class LensTests : IDisposable
{
    private const string France = "The capital of France is";

    private static readonly string s_tiny = TinyModels.Path(TinyArchitecture.Qwen2);

    private readonly TempFolder _folder = new();

    private static string Atlas => ModelFinder.OfThisMachine().Find("atlas").Path;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Lens_Atlas_ShowsTheAnswerRise()
    {
        Outcome run = await Cli.RunWithAsync(Atlas, "lens", France, "--max-steps", "1");

        Assert.Equal(ExitCodes.Done, run.ExitCode);
        string[] lines = run.Output.Split('\n');
        Assert.Contains(lines, line => line.StartsWith("position 4: the prompt's ·is; next comes ·Paris", StringComparison.Ordinal));
        Assert.Contains("place of ·Paris", run.Output, StringComparison.Ordinal);
        Assert.Contains(lines, line => line.Contains(" input ", StringComparison.Ordinal) && line.Contains("·is 1", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("#1 .512  ·Paris .512  ·a .24", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("soft: likeliest", StringComparison.Ordinal)
            && line.Contains("token: likeliest", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("position 5, soft: step 0 fed ·Paris .513  ·a .24", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("position 5, token: step 0 fed ·Paris;", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("last layer: equals the model's own distribution to ", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 120));
        Assert.Contains("3 positions of 4 layers", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LensJson_TwoRuns_IsOneDocumentOfEveryLayer()
    {
        JsonElement lens = (await Cli.RunWithAsync(
            Atlas, "lens", France, "--max-steps", "2", "--target", "Madrid", "-n", "3", "--json", "--verbose")).Json();

        Assert.Equal(1, lens.GetProperty("schema").GetInt32());
        Assert.Equal("last", lens.GetProperty("positions").GetString());
        Assert.Equal(France, lens.GetProperty("prompt").GetString());
        Assert.Equal(" Madrid", lens.GetProperty("target").GetProperty("text").GetString());
        Assert.Equal(5, lens.GetProperty("promptTokens").GetArrayLength());
        Assert.InRange(lens.GetProperty("largestDifference").GetDouble(), 0, 1e-4);
        JsonElement[] runs = [.. lens.GetProperty("runs").EnumerateArray()];
        Assert.Equal(["soft", "token"], runs.Select(run => run.GetProperty("strategy").GetString()));
        Assert.All(runs, run => Assert.Equal("maxSteps", run.GetProperty("stop").GetString()));
        Assert.Equal("concept", runs[0].GetProperty("positions")[0].GetProperty("kind").GetString());
        Assert.Equal(1.0, runs[0].GetProperty("settings").GetProperty("temperature").GetDouble());
        foreach (JsonElement position in lens.GetProperty("promptPositions").EnumerateArray()
            .Concat(runs.SelectMany(run => run.GetProperty("positions").EnumerateArray())))
        {
            JsonElement[] layers = [.. position.GetProperty("layers").EnumerateArray()];
            Assert.Equal([0, 1, 2, 3, 4], layers.Select(layer => layer.GetProperty("layer").GetInt32()));
            Assert.All(layers, layer => Assert.Equal(3, layer.GetProperty("tokens").GetArrayLength()));
            Assert.All(layers, layer => Assert.InRange(layer.GetProperty("target").GetProperty("rank").GetInt32(), 1, 1982));
            Assert.All(layers, layer => Assert.True(layer.GetProperty("entropy").GetDouble() >= 0));
            Assert.Equal(1, layers[^1].GetProperty("choice").GetProperty("rank").GetInt32());
        }
    }

    [Theory]
    [InlineData("token", 1)]
    [InlineData("hidden", 2)]
    public async Task Lens_Strategy_TokensAloneOrBeside(string strategy, int runs)
    {
        JsonElement lens = (await Cli.RunWithAsync(s_tiny, "lens", "The capital of", "-s", strategy, "--json")).Json();

        Assert.Equal(runs, lens.GetProperty("runs").GetArrayLength());
    }

    [Fact]
    public async Task Lens_AllPositionsWithoutSteps_ShowsThePromptAlone()
    {
        Outcome run = await Cli.RunWithAsync(s_tiny, "lens", "The capital of", "--positions", "all", "--max-steps", "0");

        Assert.Equal(ExitCodes.Done, run.ExitCode);
        Assert.Equal(3, run.Output.Split('\n').Count(line => line.StartsWith("position ", StringComparison.Ordinal)));
        Assert.DoesNotContain("token: ", run.Output, StringComparison.Ordinal);
        Assert.Contains("prompt (3)", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lens_Html_WritesAPageBesidesWhatItPrints()
    {
        string page = _folder.File("lens.html");
        Outcome run = await Cli.RunWithAsync(s_tiny, "lens", "The capital of", "--html", page);

        Assert.Equal(ExitCodes.Done, run.ExitCode);
        Assert.Contains("last layer: ", run.Output, StringComparison.Ordinal);
        Assert.Contains("<table class=\"heat grid\">", File.ReadAllText(page), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<PROMPT> is empty", "")]
    [InlineData("No strategy 'nope'; use one of soft", "hi", "-s", "nope")]
    [InlineData("The step limit is -1; use 0 to", "hi", "--max-steps", "-1")]
    [InlineData("The count is 0; use 1 to 256", "hi", "--count", "0")]
    [InlineData("The positions are 'first'; use last, all", "hi", "--positions", "first")]
    [InlineData("There is no position 99: the prompt has 2 tokens, and 3 steps follow; use 0 to 4", " cat dog", "--positions", "99")]
    [InlineData("The target is empty", "hi", "--target", "")]
    [InlineData("The target 'xylophone' is ", "hi", "--target", "xylophone")]
    [InlineData("Temperature is 0;", "hi", "--temperature", "0")]
    [InlineData("Cannot write the report to '/nowhere/lens.html'", "hi", "--html", "/nowhere/lens.html")]
    public async Task LensOption_OutOfRange_IsRefused(string reason, string prompt, params string[] options) =>
        (await Cli.RunWithAsync(s_tiny, ["lens", prompt, .. options])).AssertRefused(reason);
}
