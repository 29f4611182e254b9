using System.Globalization;
using System.Text.Json;
using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Tests.Thinking;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Tests.Tracing.Html;

/// <summary>Reports in a real browser: nothing for axe-core to say, nothing loaded, all of it within the screen, and
/// every step within reach of a keyboard.</summary>
[Trait("Speed", "Slow")]
public sealed class BrowserTests(LoadedModels models) : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Reports_OfRealTraces_AreFitForEverybody()
    {
        ConceptModel atlas = models.Committed("atlas");
        ConceptModel digits = models.Committed("mnns-continuous");
        Trace chunks = Think(atlas, "Ana gave the red book to", new SoftThinking(), 12, chunk: 4);
        Trace hidden = Think(atlas, "The capital of France is", new HiddenState(), 16);
        Trace sums = Think(digits, "<BOS> D2 D1 D4 D5", new SoftThinking(), 4);
        Trace text = Generate(atlas, "The king", 70);
        Dictionary<string, Trace> firsts = new()
        {
            ["full-chunks.html"] = chunks,
            ["full-pair.html"] = hidden,
            ["text.html"] = text,
            ["hostile.html"] = HostileTrace.Make(),
        };
        TraceHtml.Save(hidden, sums, _folder.File("full-pair.html"));
        foreach ((string name, Trace trace) in firsts.Where(page => page.Key != "full-pair.html"))
        {
            TraceHtml.Save(trace, _folder.File(name));
        }

        JsonElement[] looks = await Chromium.LookAsync(firsts.Keys.Select(_folder.File), TestContext.Current.CancellationToken);

        Assert.Equal(12, looks.Length);
        Assert.Equal( // light and dark differ, and are the same on every page
            2, looks.Select(look => (look.GetProperty("scheme").GetString(), look.GetProperty("background").GetString())).Distinct().Count());
        foreach (JsonElement look in looks)
        {
            string name = Path.GetFileName(look.GetProperty("page").GetString()!);
            Check(look, $"{name}, {look.GetProperty("width")}, {look.GetProperty("scheme")}", firsts[name]);
        }
    }

    private static void Check(JsonElement look, string where, Trace trace)
    {
        foreach (string name in new[] { "violations", "errors", "requests", "squeezed" })
        {
            Assert.True(Texts(look, name).Length == 0, $"{where}: {string.Join('\n', Texts(look, name))}");
        }

        Assert.Equal(look.GetProperty("width").GetInt32(), look.GetProperty("scrollWidth").GetInt32());
        Assert.Equal(["connect-src", "img-src", "script-src-elem", "style-src-elem"], Texts(look, "blocked"));

        int last = trace.Steps.Count - 1;
        JsonElement[] steps = [.. look.GetProperty("steps").EnumerateArray()]; // Tab, then the right arrow, then End
        Assert.Equal(3, steps.Length);
        CheckStep(steps[0], trace, 0);
        CheckStep(steps[1], trace, Math.Min(1, last));
        CheckStep(steps[2], trace, last);
        Assert.True(look.GetProperty("closed").GetBoolean()); // by Escape
        Assert.True(look.GetProperty("leftInOneTab").GetBoolean());
        Assert.Contains("Step ", look.GetProperty("pointed").GetString(), StringComparison.Ordinal);
    }

    /// <summary>What is shown and what is read out of a step: its entropy, and each of its tokens' weights.</summary>
    private static void CheckStep(JsonElement seen, Trace trace, int place)
    {
        TraceStep step = trace.Steps[place];
        string card = seen.GetProperty("card").GetString()!;
        string described = seen.GetProperty("described").GetString()!;
        Assert.Equal($"step {step.Index}", seen.GetProperty("name").GetString());
        Assert.StartsWith($"Step {step.Index}\n", card, StringComparison.Ordinal);
        if (step.Entropy < 1000)
        {
            string entropy = step.Entropy.ToString("F3", CultureInfo.InvariantCulture);
            Assert.Contains(entropy, card, StringComparison.Ordinal);
            Assert.Contains(entropy, described, StringComparison.Ordinal);
        }

        foreach (TraceToken token in step.Tokens.Where(token => token.Probability is > 0.001f and < 0.999f))
        {
            string weight = token.Probability.ToString(".000", CultureInfo.InvariantCulture);
            Assert.Contains(weight, card, StringComparison.Ordinal);
            Assert.Contains(weight, described, StringComparison.Ordinal);
        }
    }

    private static string[] Texts(JsonElement look, string name) =>
        [.. look.GetProperty(name).EnumerateArray().Select(text => text.GetString()!)];

    private static Trace Think(ConceptModel model, string prompt, IStrategy strategy, int steps, int chunk = 0)
    {
        ThinkOptions options = new()
        {
            Strategy = strategy, MaxSteps = steps, ChunkLength = chunk, AnswerTokens = 12, ColdStop = new ColdStop { Entropy = 0.5, Patience = 100 },
            Reader = new ReadOptions { Readings = 20, Faithfulness = true, Controls = true },
        };
        Trace trace = Runs.Think(model, prompt, options);
        using ConceptSession session = model.CreateSession();
        return TraceNeighbors.Add(trace, model, session, 3, TestContext.Current.CancellationToken);
    }

    private static Trace Generate(ConceptModel model, string prompt, int tokens)
    {
        TokenDecoding strategy = new() { Mix = new() { Temperature = 1.2f } };
        using ConceptSession session = model.CreateSession();
        TraceRecorder recorder = new(model.Info, prompt, strategy.Name, strategy.Settings, seed: 1);
        foreach (ThoughtEvent happened in session.Generate(
            prompt, strategy, tokens, seed: 1, cancellation: TestContext.Current.CancellationToken))
        {
            recorder.Add(happened);
        }

        return recorder.Build();
    }
}
