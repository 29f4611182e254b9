using System.Text.Json;
using GgufConcepts.Hosting.Tests.Http;
using GgufConcepts.Testing;
using GgufConcepts.Tests.Tracing.Html;
using GgufConcepts.Tracing;

namespace GgufConcepts.Hosting.Tests.Page;

/// <summary>The live page in a real browser, used as people do: <c>tests/browser/live.mjs</c> acts and looks, here is said
/// what is right.</summary>
[Trait("Speed", "Slow")]
public sealed class PageTests(PageServer server) : IClassFixture<PageServer>, IDisposable
{
    private static readonly string[] s_blocked = ["connect-src", "img-src", "script-src-elem", "style-src-elem"];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task FirstUse_OneButton_ShowsAThoughtAndIsFitForEverybody()
    {
        JsonElement[] looks = [.. (await UseAsync("first")).EnumerateArray()];

        Assert.Equal(4, looks.Length); // wide and narrow, light and dark
        Assert.Equal(2, looks.Select(look => (Text(look, "scheme"), Text(look, "background"))).Distinct().Count());
        foreach (JsonElement look in looks)
        {
            AssertClean(look);
            Assert.All(look.GetProperty("widths").EnumerateArray(), width => Assert.Equal(look.GetProperty("width").GetInt32(), width.GetInt32()));
            Assert.Equal(s_blocked, Texts(look, "blocked"));
            Assert.StartsWith("The capital of France is", Text(look, "heading"), StringComparison.Ordinal);
            Assert.Equal(24, look.GetProperty("columns").GetInt32());
            Assert.Equal(["·Paris", "·a", "·located"], Texts(look, "tokens")[..3].Order(StringComparer.Ordinal));
            Assert.Equal(4, Texts(look, "readings").Length); // 24 steps in chunks of 6
            Assert.Equal(Texts(look, "readings"), Texts(look, "under"));
            Assert.Contains("Below the stop threshold of 0.5", Text(look, "curve"), StringComparison.Ordinal);
            Assert.Contains("Step 23", Text(look, "panel"), StringComparison.Ordinal); // the latest

            string kept = Text(look, "kept");
            Assert.StartsWith("Step 0", kept, StringComparison.Ordinal);
            Assert.Contains("·Paris", kept, StringComparison.Ordinal);
            Assert.Contains("Nearest by cosine\n·Paris\n", kept, StringComparison.Ordinal); // the mixture is nearest to what it has most of

            string[] said = Texts(look, "said"); // to a screen reader: that it begins, and how it ended
            Assert.Equal(2, said.Length);
            Assert.Contains("24 steps", said[1], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Stop_WhileItThinks_EndsItAndFreesItsPlace()
    {
        JsonElement seen = await UseAsync("stop");

        AssertClean(seen);
        int[] counts = [.. seen.GetProperty("counts").EnumerateArray().Select(count => count.GetInt32())];
        Assert.True(counts.Length >= 4, $"steps came all at once: {string.Join(", ", counts)}");
        Assert.Equal(counts.Order(), counts);
        JsonElement during = seen.GetProperty("during"); // steps were there while it went on
        Assert.Contains("so far", Text(during, "state"), StringComparison.Ordinal);
        Assert.Equal("true", Text(during, "think"));
        Assert.True(during.GetProperty("stop").GetBoolean());

        Trace stopped = TraceJson.Load(_folder.File("stopped.json"));
        Assert.StartsWith("stopped by you after ", Text(seen, "state"), StringComparison.Ordinal);
        Assert.Equal("think", Text(seen, "focused")); // the button that was pressed is off
        int parts = (stopped.Steps.Count + 299) / 300; // of 300 steps each
        Assert.Equal(($"part {parts - 1} of {parts}", $"{(parts - 2) * 300}"), (Text(seen.GetProperty("earlier"), "part"), Text(seen.GetProperty("earlier"), "first")));
        Assert.Equal(5, seen.GetProperty("after").GetProperty("columns").GetInt32());

        Assert.Equal(("cancelled", "The capital of France is"), (stopped.Stop, stopped.Prompt));
        Assert.True(stopped.Steps.Count > 300, $"{stopped.Steps.Count} steps");
        Assert.Equal(Enumerable.Range(0, stopped.Steps.Count), stopped.Steps.Select(step => step.Index));
    }

    [Fact]
    public async Task TwoStrategies_OnePrompt_StandSideBySide()
    {
        JsonElement seen = await UseAsync("beside");

        AssertClean(seen);
        Assert.Equal(["strategy soft", "strategy token"], Texts(seen, "strategies"));
        string[] heads = Texts(seen, "heads");
        Assert.Equal(2, heads.Length);
        Assert.StartsWith("A soft on atlas: 24 steps", heads[0], StringComparison.Ordinal);
        Assert.StartsWith("B token on atlas: ", heads[1], StringComparison.Ordinal);
        Assert.Equal(2, seen.GetProperty("rows").GetArrayLength());
        Assert.Contains("B: entropy by step", Text(seen, "curve"), StringComparison.Ordinal);
        Assert.Equal(2, Text(seen, "kept").Split("Nearest by cosine").Length - 1); // the chosen step, of each

        Trace first = TraceJson.Load(_folder.File("a.json"));
        Trace second = TraceJson.Load(_folder.File("b.json"));
        Assert.Equal(("soft", "token"), (first.Strategy, second.Strategy));
        Assert.Equal(first.Prompt, second.Prompt);
        Assert.Equal(24, first.Steps.Count);
        Assert.Contains("Two traces side by side", await ReadAsync("pair.html"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Traces_SavedAndOpened_AreTheSame()
    {
        TraceJson.Save(HostileTrace.Make(), _folder.File("hostile.json"));
        await File.WriteAllTextAsync(_folder.File("broken.json"), "{\"schema\":1,\"model\":{\"name\":\"x\"},\"prompt\":7}", TestContext.Current.CancellationToken);
        JsonElement seen = await UseAsync("files");

        AssertClean(seen);
        Assert.Equal("the-capital-of-france-is.soft.json", Texts(seen, "names")[0]);
        Assert.Equal(24, TraceJson.Load(_folder.File("saved.json")).Steps.Count);
        Assert.Equal(await ReadAsync("saved.json"), await ReadAsync("again.json"));
        Assert.Contains("Content-Security-Policy", await ReadAsync("report.html"), StringComparison.Ordinal);
        JsonElement made = seen.GetProperty("made");
        foreach (JsonElement again in new[] { seen.GetProperty("opened"), seen.GetProperty("dropped") })
        {
            foreach (string name in new[] { "heading", "columns", "rows", "tokens", "readings", "under", "curve", "panel" })
            {
                Assert.Equal(made.GetProperty(name).GetRawText(), again.GetProperty(name).GetRawText());
            }
        }

        Assert.Equal("asked", Text(seen, "focused"));
        Assert.Contains("Nearest by cosine\n·Paris\n", Text(seen, "kept"), StringComparison.Ordinal); // by the model it was made with
        Assert.Equal("", Text(seen.GetProperty("dropped"), "problem"));
        Assert.False(seen.GetProperty("dropped").GetProperty("veil").GetBoolean());

        JsonElement hostile = seen.GetProperty("hostile");
        Assert.Equal("Two prompts", Text(hostile, "heading"));
        Assert.Contains("<script>alert(0)</script>", string.Join(' ', Texts(hostile, "readings")), StringComparison.Ordinal); // as text
        Assert.Equal(0, seen.GetProperty("markup").GetInt32());
        Assert.Contains("which this server does not have", Text(seen, "hostileKept"), StringComparison.Ordinal);

        string broken = Text(seen, "broken");
        Assert.StartsWith("broken.json is no trace: prompt is no text.", broken, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keyboard_BelowAPrefix_ReachesEverything()
    {
        JsonElement seen = await UseAsync("keyboard");

        AssertClean(seen);
        Assert.StartsWith("The capital of Japan is", Text(seen, "heading"), StringComparison.Ordinal);
        Assert.Contains("·Tokyo", Texts(seen, "tokens"));
        Assert.Equal("think", Text(seen, "focused")); // where the focus was
        Assert.True(Texts(seen, "stops").Length <= 14, string.Join(", ", Texts(seen, "stops")));
        Assert.StartsWith("Step 0", Text(seen, "first"), StringComparison.Ordinal);
        CheckStep(seen.GetProperty("second"), 1);
        CheckStep(seen.GetProperty("last"), 23);
        Assert.Contains("Nearest by cosine\n·Tokyo\n", Text(seen, "kept"), StringComparison.Ordinal);
        Assert.Equal(("true", "false"), (Text(seen, "pressed"), Text(seen, "letGo")));
        Assert.DoesNotContain("step 1;", Text(seen, "next"), StringComparison.Ordinal); // all steps are one stop of the Tab key

        static void CheckStep(JsonElement step, int place)
        {
            Assert.StartsWith($"step {place}; entropy ", Text(step, "name"), StringComparison.Ordinal);
            Assert.StartsWith($"Step {place}", Text(step, "title"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Problems_OfEveryKind_AreSaidBesideTheForm()
    {
        JsonElement seen = await UseAsync("errors");

        Assert.StartsWith("The prompt is empty", Text(seen, "empty"), StringComparison.Ordinal);
        Assert.Contains("maxSteps", Text(seen, "setting"), StringComparison.Ordinal);
        Assert.Equal("maxSteps", Text(seen, "invalid"));
        Assert.Equal(24, seen.GetProperty("kept").GetInt32()); // what was shown before stays
        Assert.Contains("endless", Text(seen, "full"), StringComparison.Ordinal);
        Assert.Contains("Try again in ", Text(seen, "full"), StringComparison.Ordinal);
        Assert.EndsWith("does not answer. Is it still running?", Text(seen, "gone"), StringComparison.Ordinal);
        Assert.Empty(Texts(seen, "violations"));
        Assert.All(Texts(seen, "errors"), error => Assert.StartsWith("Failed to load resource", error, StringComparison.Ordinal)); // what browsers note themselves
        Assert.Equal(3, Texts(seen, "errors").Length);
    }

    [Fact]
    public async Task Key_WhereTheServerAsksForOne_IsAskedForAndKeptForTheTab()
    {
        const string Key = "a-key-that-nobody-guesses";
        await using Server locked = await Server.StartAsync(configure: settings => settings.ApiKeys.Add(Key));
        await File.WriteAllTextAsync(_folder.File("key.txt"), Key, TestContext.Current.CancellationToken);
        JsonElement seen = (await Chromium.RunAsync(
            "live.mjs", [locked.Address, _folder.Path, "key"], TestContext.Current.CancellationToken)).GetProperty("key");

        Assert.StartsWith("API key", Text(seen, "asked"), StringComparison.Ordinal);
        Assert.Equal(("key", "prompt"), (Text(seen, "focused"), Text(seen, "after")));
        Assert.Equal("The server does not know this key.", Text(seen, "wrong"));
        Assert.Equal(24, seen.GetProperty("columns").GetInt32());
        Assert.Equal("[0,1,\"\"]", JsonSerializer.Serialize(seen.GetProperty("stored"))); // for this tab, and in no cookie
        Assert.False(seen.GetProperty("again").GetBoolean());
        Assert.Equal("[]", JsonSerializer.Serialize(seen.GetProperty("violations")));
        Assert.All(Texts(seen, "errors"), error => Assert.StartsWith("Failed to load resource", error, StringComparison.Ordinal)); // the 401s
    }

    /// <summary>Nothing for axe-core to say, no error, nothing asked of anybody else.</summary>
    private void AssertClean(JsonElement seen)
    {
        Assert.Empty(Texts(seen, "errors"));
        Assert.All(Texts(seen, "requests"), request => Assert.StartsWith(server.Address, request.Replace("blob:", "", StringComparison.Ordinal), StringComparison.Ordinal));
        if (seen.TryGetProperty("violations", out JsonElement found))
        {
            string all = found.GetRawText();
            Assert.True(all.Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Replace(",", "", StringComparison.Ordinal).Length == 0, all);
        }
    }

    private async Task<JsonElement> UseAsync(string scene) => (await Chromium.RunAsync(
        "live.mjs", [server.Address, _folder.Path, scene], TestContext.Current.CancellationToken)).GetProperty(scene);

    private Task<string> ReadAsync(string name) => File.ReadAllTextAsync(_folder.File(name), TestContext.Current.CancellationToken);

    private static string Text(JsonElement seen, string name) => seen.GetProperty(name).GetString() ?? "";

    private static string[] Texts(JsonElement seen, string name) =>
        [.. seen.GetProperty(name).EnumerateArray().Select(text => text.GetString()!)];
}
