using System.Text.RegularExpressions;
using GgufConcepts.Testing;

namespace GgufConcepts.Cli.Tests;

/// <summary><c>--gpu auto</c> on a card that takes the weights and then has no room for a session. Vulkan's software device
/// will do, with its largest allocation cut down.</summary>
[Trait("Suite", "Gpu")]
public sealed partial class GpuFallbackTests
{
    [Fact]
    public async Task Next_NoRoomForASession_PutsFewerLayersOnTheCardAndSaysSo()
    {
        string model = TinyModels.Path(
            TinyArchitecture.Qwen2, new TinyOptions { Layers = 8, ContextLength = 4096 });
        Outcome bare = await Cli.RunAsync("next", "The", "--model", model, "--threads", "1");
        Assert.SkipUnless(bare.Error.Contains("gpu: 9 of 9 layers on ", StringComparison.Ordinal), "No graphics card is here.");

        // Keys of one layer, 2 x 4,096 positions of 32 half floats: 512 KiB. Weights lie in several smaller pieces.
        Dictionary<string, string?> narrow = new()
        {
            ["GGML_VK_FORCE_MAX_ALLOCATION_SIZE"] = "400000",
            ["GGML_VK_FORCE_MAX_BUFFER_SIZE"] = "400000",
        };
        Outcome run = await Cli.RunInAsync(narrow, "next", "The", "--model", model, "--threads", "1");

        Assert.True(run.ExitCode == ExitCodes.Done, run.Error);
        Match told = Told().Match(run.Error);
        Assert.True(told.Success, run.Error);
        Assert.InRange(int.Parse(told.Groups[1].ValueSpan, null), 0, 8);
        Assert.Contains("did not work out", run.Error, StringComparison.Ordinal);

        Outcome all = await Cli.RunInAsync(narrow, "next", "The", "--model", model, "--threads", "1", "--gpu", "all");
        Assert.Equal(ExitCodes.BadInput, all.ExitCode);
        Assert.Contains("no room for a session of 4096 positions beside 9 layers", all.Error, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^gpu: (\d+) of 9 layers", RegexOptions.Multiline)]
    private static partial Regex Told();
}
