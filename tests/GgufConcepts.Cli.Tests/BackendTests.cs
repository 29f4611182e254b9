using System.Text.Json;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Testing;

namespace GgufConcepts.Cli.Tests;

public sealed class BackendTests
{
    private const double Rounding = 2e-3; // another llama.cpp: attention in half floats, summed in another order

    private static string Atlas { get; } = CommittedModels.Path("atlas.gguf");

    [Fact]
    public async Task Think_ThroughLLamaSharp_TakesTheStepsOfLlamaCpp()
    {
        string[] think = ["think", "The capital of France is", "--json", "--backend"];
        Outcome other = await Cli.RunWithAsync(Atlas, [.. think, Backends.LLamaSharp]);
        if (Backends.Missing is { } missing)
        {
            other.AssertRefused(missing);
            return;
        }

        JsonElement found = other.Json(), own = (await Cli.RunWithAsync(Atlas, [.. think, Backends.Own])).Json();
        Assert.Equal(Backends.LLamaSharp, found.GetProperty("settings").GetProperty("machine").GetProperty("backend").GetString());
        JsonElement[] expected = Steps(own), steps = Steps(found);
        Assert.NotEmpty(expected);
        Assert.Equal(expected.Length, steps.Length);
        foreach ((JsonElement one, JsonElement another) in expected.Zip(steps))
        {
            Assert.Equal(Number(one, "entropy"), Number(another, "entropy"), Rounding);
            Assert.Equal(Weights(one), Weights(another), (a, b) => a.Text == b.Text && Math.Abs(a.Weight - b.Weight) < Rounding);
        }
    }

    [Fact]
    public async Task Lens_ThroughLLamaSharp_IsRefused()
    {
        Assert.SkipWhen(Backends.Missing is not null, Backends.Missing ?? "");
        Outcome run = await Cli.RunWithAsync(Atlas, "lens", "Hi", "--backend", Backends.LLamaSharp);
        run.AssertRefused("lens shows what no backend but llama.cpp does");
    }

    [Fact]
    public async Task Doctor_Backends_ListsThoseOfThisBuild()
    {
        JsonElement found = (await Cli.RunWithAsync(Atlas, "doctor", "--json")).Json();
        Assert.Equal(Backends.Names, found.GetProperty("backends").EnumerateArray().Select(name => name.GetString()!));
        Assert.Contains("backends: llama.cpp", (await Cli.RunWithAsync(Atlas, "doctor")).Output, StringComparison.Ordinal);
        if (Backends.Missing is null)
        {
            Outcome other = await Cli.RunWithAsync(Atlas, "doctor", "--backend", Backends.LLamaSharp);
            Assert.Equal(ExitCodes.Done, other.ExitCode);
            Assert.Contains("parity: exact", other.Output, StringComparison.Ordinal);
        }
    }

    private static JsonElement[] Steps(JsonElement trace) => [.. trace.GetProperty("steps").EnumerateArray()];

    private static double Number(JsonElement of, string name) => of.GetProperty(name).GetDouble();

    private static (string? Text, double Weight)[] Weights(JsonElement step) =>
    [
        .. step.GetProperty("tokens").EnumerateArray()
            .Select(token => (token.GetProperty("text").GetString(), Number(token, "probability")))
            .Where(token => token.Item2 > 0.01) // below, rounding may change the order
            .OrderBy(token => token.Item1, StringComparer.Ordinal),
    ];
}
