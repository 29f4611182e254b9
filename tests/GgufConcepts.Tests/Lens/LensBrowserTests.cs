using System.Text.Json;
using GgufConcepts.Lens;
using GgufConcepts.Models;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Tests.Tracing.Html;

namespace GgufConcepts.Tests.Lens;

/// <summary>The page of a lens in a real browser: nothing for axe-core to say, nothing loaded, all of it within the
/// screen,
/// and every cell within reach of a keyboard.</summary>
[Trait("Speed", "Slow")]
public sealed class LensBrowserTests(LoadedModels models) : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Pages_OfALens_AreFitForEverybody()
    {
        ConceptModel atlas = models.Committed("atlas");
        const string Prompt = "The capital of France is";
        LensReading reading = Save(atlas, Prompt, new LensOptions { Positions = LensPositions.All, MaxSteps = 2 }, "full-lens.html");
        Save(atlas, Prompt, new LensOptions { Strategies = [new HiddenState()], MaxSteps = 6, Target = "Paris" }, "hidden.html");

        JsonElement[] looks = await Chromium.LookAsync(
            [_folder.File("full-lens.html"), _folder.File("hidden.html")], TestContext.Current.CancellationToken);

        Assert.Equal(6, looks.Length);
        foreach (JsonElement look in looks)
        {
            string where = $"{look.GetProperty("page")}, {look.GetProperty("width")}, {look.GetProperty("scheme")}";
            foreach (string name in new[] { "violations", "errors", "requests", "squeezed" })
            {
                Assert.True(look.GetProperty(name).GetArrayLength() == 0, $"{where}: {look.GetProperty(name)}");
            }

            Assert.Equal(look.GetProperty("width").GetInt32(), look.GetProperty("scrollWidth").GetInt32());
            Assert.StartsWith("Layer input, position ", look.GetProperty("pointed").GetString(), StringComparison.Ordinal);
            Assert.True(look.GetProperty("closed").GetBoolean()); // by Escape
            Assert.True(look.GetProperty("leftInOneTab").GetBoolean());
        }

        // Tab, then the right arrow, then End: the first row of the grid is the input.
        JsonElement[] cells = [.. looks[0].GetProperty("steps").EnumerateArray()];
        LensPosition[] walked = [reading.Prompt[0], reading.Prompt[1], reading.Runs[^1].Positions[^1]];
        Assert.Equal(3, cells.Length);
        foreach ((JsonElement cell, LensPosition at) in cells.Zip(walked))
        {
            Assert.StartsWith($"position {at.Position}, ", cell.GetProperty("name").GetString(), StringComparison.Ordinal);
            Assert.StartsWith($"Layer input, position {at.Position}, ", cell.GetProperty("card").GetString(), StringComparison.Ordinal);
            Assert.Contains(at.Layers[0].Tokens[0].Text.Trim(), cell.GetProperty("card").GetString(), StringComparison.Ordinal);
        }
    }

    private LensReading Save(ConceptModel model, string prompt, LensOptions options, string name)
    {
        using LogitLens lens = new(model);
        LensReading reading = lens.Look(prompt, options, cancellation: TestContext.Current.CancellationToken);
        LensHtml.Save(model.Info, prompt, reading, _folder.File(name));
        return reading;
    }
}
