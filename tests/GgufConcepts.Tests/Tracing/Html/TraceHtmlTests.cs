using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using GgufConcepts.Reading;
using GgufConcepts.Testing;
using GgufConcepts.Tracing;

namespace GgufConcepts.Tests.Tracing.Html;

/// <summary>What is on the page of a trace, read back from its markup.</summary>
public sealed class TraceHtmlTests : IDisposable
{
    private static readonly string[] s_elements =
    [
        "a", "b", "bdi", "body", "caption", "code", "col", "colgroup", "data", "dd", "details", "div", "dl", "dt", "figcaption",
        "figure", "footer", "h1", "h2", "h3", "head", "header", "html", "i", "li", "main", "meta", "ol", "p", "path", "rect",
        "script", "section", "small", "span", "style", "summary", "svg", "table", "tbody", "td", "text", "th", "thead", "title", "tr",
    ];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Write_HostileTrace_StaysText(bool pair)
    {
        Trace trace = HostileTrace.Make();
        XElement page = pair ? Markup.Of(trace, TraceJsonTests.Sample()) : Markup.Of(trace);

        XElement[] all = [.. page.DescendantsAndSelf()];
        Assert.Empty(all.Select(element => element.Name.LocalName).Except(s_elements));
        Assert.Single(page.Named("script"));
        Assert.Single(page.Named("style"));
        Assert.DoesNotContain(all.Attributes(), attribute =>
            attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal) || attribute.Name.LocalName is "style" or "src");
        Assert.All(all.Attributes("href"), link => Assert.StartsWith("#", link.Value, StringComparison.Ordinal));
        string said = page.Named("body").Single().Value;
        string[] places = ["model", "prompt", "strategy", "name", "inner", "reason", "answer", "reading", "path", "kind"];
        Assert.All(places, place => Assert.Contains($"{place} {HostileTrace.Attempt}", said, StringComparison.Ordinal));
        Assert.Contains("[\"list </script></style>]]>--><script>", said, StringComparison.Ordinal); // as JSON, its quotes escaped
        string shown = HostileTrace.Attempt.Replace(' ', '·'); // in a token blanks can be seen
        Assert.All(["token", "chosen"], place => Assert.Contains($"{place}·{shown}", said, StringComparison.Ordinal));
    }

    [Fact]
    public void Write_CloseReading_IsShownInPartsAndStaysText()
    {
        Faithfulness faithful = new("meanRow", 0.875, -2.5, 0.9, [new ReadToken(5, "<i>token", 0.9, 0.025, 0.875)]);
        Trace trace = TraceJsonTests.Sample() with
        {
            Chunks =
            [
                new TraceChunk(0, 2, "the words")
                {
                    Faithfulness = faithful,
                    Readings = [new ReadingGroup("<b>Paris", 3, 0.75), new ReadingGroup("", 1, 0.25)],
                    Controls = [new ControlReading("shuffled", 0.0125, "made <u>up", faithful)],
                },
            ],
        };
        XElement reading = Markup.Of(trace).Named("ol").Single(list => list.Get("class") == "readings");

        Assert.Contains("Faithful .875: −2.5 nats over the mean of all embeddings", reading.Value, StringComparison.Ordinal);
        Assert.Contains("4 readings drawn", reading.Value, StringComparison.Ordinal);
        Assert.All(
            ["<i>token", "<b>Paris", "(no words)", "made <u>up", ".750", ".250", ".013"],
            text => Assert.Contains(text, reading.Value, StringComparison.Ordinal));
        Assert.DoesNotContain("{", reading.Value, StringComparison.Ordinal);
        Assert.Empty(reading.Descendants().Select(element => element.Name.LocalName).Except(s_elements));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Write_EveryLink_LeadsToOneElement(bool pair)
    {
        Trace trace = Example();
        XElement page = pair ? Markup.Of(trace, HostileTrace.Make()) : Markup.Of(trace);
        string[] ids = [.. page.Descendants().Select(element => element.Get("id")).OfType<string>()];
        string[] used =
        [
            .. page.Descendants().SelectMany(element => new[]
                { element.Get("href")?[1..], element.Get("data-card"), element.Get("aria-describedby"), element.Get("aria-labelledby") })
                .OfType<string>(),
        ];

        Assert.Equal(ids.Distinct(), ids);
        Assert.True(used.Length > trace.Steps.Count);
        Assert.Empty(used.Except(ids));
    }

    [Fact]
    public void Write_EveryStep_HasItsWholeListInTheTable()
    {
        Trace trace = Example();
        XElement page = Markup.Of(trace);
        for (int i = 0; i < trace.Steps.Count; i++)
        {
            TraceStep step = trace.Steps[i];
            XElement row = page.ById($"step-{i}");
            Dictionary<string, XElement> cells = row.Named("td").Where(cell => cell.Get("data-label") is not null)
                .ToDictionary(cell => cell.Get("data-label")!);
            Assert.Equal($"step {step.Index}", row.Named("th").Single().Value);
            Assert.Equal(step.Entropy, Values(cells["entropy"]).Single(), 1e-3);
            Assert.Equal(step.Chosen?.Text ?? (step.Kind == "hidden" ? "hidden state" : "mixture"), cells["fed"].Value);
            Assert.Equal(step.Tokens.Select(token => (double)token.Probability), Values(cells["likeliest tokens"]));
            Assert.Equal(
                step.Tokens.Select(token => token.Text.Replace(' ', '·')), cells["likeliest tokens"].WithClass("token").Select(token => token.Value));
            Assert.Equal((step.Nearest ?? []).Select(token => Math.Round(token.Cosine, 3)), Values(cells["nearest by cosine"]));
            Assert.Single(page.Named("a"), link => link.Get("aria-describedby") == $"step-{i}" && link.Get("aria-label") == $"step {step.Index}");
            Assert.EndsWith(" ms", cells["time"].Value, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Write_HeatMap_HoldsEveryWeightOnceAndSumsToOne()
    {
        Trace trace = Example();
        XElement table = Markup.Of(trace).WithClass("heat").Single();
        XElement[] rows = [.. table.WithClass("cells").Single().Named("tr")];
        Assert.All(rows, row => Assert.Equal(trace.Steps.Count, row.Named("td").Count()));
        for (int i = 0; i < trace.Steps.Count; i++)
        {
            Assert.Equal(1, rows.Sum(row => Values(row.Named("td").ElementAt(i)).Sum()), 1e-5);
        }

        // by the step a token first told in, then by weight; " e" never weighs .01
        Assert.Equal(["·a", "·b", "·c", "·d", "1 other"], rows.Select(row => row.Named("th").Single().Value));
        Assert.Contains("chosen", rows[3].Named("td").ElementAt(2).Classes());
        Assert.Equal([.. "0123"], table.WithClass("step").Where(cell => cell.Name.LocalName == "th").Select(cell => cell.Value.Single()));
    }

    [Fact]
    public void Write_StopThreshold_LiesBetweenItsGridLines()
    {
        Trace trace = Example();
        XElement table = Markup.Of(trace).WithClass("heat").Single();
        XElement curve = table.WithClass("curve").Single();
        double[] grid = [.. curve.WithClass("grid").Select(line => Height(line)).OrderDescending()]; // from entropy 0 up
        double[] values = [.. table.Named("text").Where(text => !text.Value.StartsWith("stop", StringComparison.Ordinal))
            .Select(text => double.Parse(text.Value, CultureInfo.InvariantCulture)).Order()];
        Assert.Equal([0, 0.5, 1, 1.5, 2], values); // 2 is the largest entropy
        Assert.Equal(5, grid.Length);

        double expected = grid[0] + ((grid[^1] - grid[0]) * 0.75 / 2);
        Assert.Equal(expected, Height(curve.WithClass("stop").Single()), 0.01);
        Assert.Equal(expected, double.Parse(table.WithClass("stop").Last(at => at.Name.LocalName == "text").Get("y")!, CultureInfo.InvariantCulture), 0.01);
        XElement[] dots = [.. curve.WithClass("dot")];
        Assert.Equal(["0", "1", "2", "3"], dots.Select(dot => dot.Get("data-column")));
        Assert.Equal([true, false, false, true], dots.Select(dot => dot.Classes().Contains("sure"))); // .75 itself is not below
        foreach ((XElement dot, TraceStep step) in dots.Zip(trace.Steps))
        {
            string[] place = dot.Get("d")![1..^2].Split(' ');
            Assert.Equal(double.Parse(dot.Get("data-column")!, CultureInfo.InvariantCulture) + 0.5, double.Parse(place[0], CultureInfo.InvariantCulture));
            Assert.Equal(grid[0] + ((grid[^1] - grid[0]) * step.Entropy / 2), double.Parse(place[1], CultureInfo.InvariantCulture), 0.01);
        }
    }

    [Fact]
    public void Write_StopEntropyOff_DrawsNoThreshold()
    {
        Trace trace = Example() with { Settings = new JsonObject { ["stopEntropy"] = 0 } };
        XElement page = Markup.Of(trace);
        Assert.Empty(page.WithClass("stop"));
        Assert.Empty(page.WithClass("sure"));
    }

    [Fact]
    public void Write_Chunks_SpanTheirColumnsAndRows()
    {
        XElement page = Markup.Of(Example());
        XElement[] drawn = [.. page.WithClass("reading").Single().Named("td")];
        Assert.Equal(["1", "2", "1"], drawn.Select(cell => cell.Get("colspan")));
        Assert.Equal(["", "the words", ""], drawn.Select(cell => cell.Value));
        XElement beside = page.ById("step-1").WithClass("read").Single();
        Assert.Equal("2", beside.Get("rowspan"));
        Assert.Contains("the words", beside.Value, StringComparison.Ordinal);
        Assert.Contains("steps 1–2, whose place these words took", page.ById("reading-1").Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_Settings_AreAllThere()
    {
        Trace trace = Example();
        (string Group, string Name, string Value)[] shown = [.. Settings(Markup.Of(trace))];
        Assert.Contains(("run", "stopEntropy", "0.75"), shown);
        Assert.Contains(("run", "endMarker", "(empty)"), shown);
        Assert.Contains(("run", "reader", "none"), shown);
        Assert.Contains(("run", "list", "[1,\"two\"]"), shown);
        Assert.Contains(("answer", "greedy", "true"), shown);
        Assert.Contains(("answer.deep", "er", "7"), shown);
        Assert.Contains(("run", "seed", "18446744073709551615"), shown);
        Assert.Contains(("model", "path", "tiny.gguf"), shown);
    }

    [Fact]
    public void Write_TwoTraces_AlignsStepsAndMarksWhatDiffers()
    {
        Trace first = Example();
        Trace second = first with
        {
            Prompt = "Another", Steps = [.. first.Steps.Take(2)], Settings = new JsonObject { ["stopEntropy"] = 0.5, ["endMarker"] = "" },
        };
        XElement page = Markup.Of(first, second);
        XElement[] lines = [.. page.WithClass("line")];
        Assert.Equal(["A", "B"], lines.Select(line => line.Classes()[1]));
        Assert.Equal([3, 1], lines.Select(line => line.Get("d")!.Count(character => character == 'L')));
        Assert.Equal(2, page.WithClass("stop").Count(line => line.Name.LocalName == "path"));
        Assert.Equal(4, page.WithClass("pair").Single().Named("tbody").Single().Elements().Count());
        Assert.Equal([true, true], page.ById("step-1").WithClass("side").Select(cell => cell.WithClass("mix").Any()));
        Assert.Equal([true, false], page.ById("step-2").WithClass("side").Select(cell => cell.WithClass("mix").Any()));

        string[] marked = [.. page.WithClass("pairs").Last().WithClass("differs").Select(row => row.Named("th").Single().Value)];
        Assert.Equal( // in the order of the tables
            ["prompt (differs)", "stopEntropy (differs)", "reader (differs)", "list (differs)", "greedy (differs)", "er (differs)"], marked);
        Assert.Equal(["Where?", "Another"], page.Named("header").Single().Named("h2").Select(heading => heading.Value));
    }

    [Fact]
    public void Write_TwoTracesOfOnePrompt_SaysItOnce()
    {
        XElement page = Markup.Of(Example(), Example());
        Assert.Equal("Where?", page.Named("h1").Single().Value);
        Assert.Empty(page.WithClass("differs"));
    }

    [Fact]
    public void Write_NoSteps_SaysSo()
    {
        XElement page = Markup.Of(Example() with { Steps = [], Chunks = [], Answer = "", Stop = "cancelled" });
        Assert.Contains("It has no steps.", page.Value, StringComparison.Ordinal);
        Assert.Contains("None: the run did not get there.", page.Value, StringComparison.Ordinal);
        Assert.Empty(page.WithClass("heat"));
        XElement pair = Markup.Of(Example() with { Steps = [] }, Example() with { Steps = [] });
        Assert.Contains("Neither has steps.", pair.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_MoreStepsThanColumns_DrawsTheFirstAndListsAll()
    {
        TraceStep step = Example().Steps[0];
        Trace trace = Example() with { Chunks = [], Steps = [.. Enumerable.Range(0, 1_500).Select(i => step with { Index = i })] };
        XElement page = Markup.Of(trace);
        Assert.Equal(1_000, page.WithClass("heat").Single().WithClass("dot").Count());
        Assert.Contains("the first 1,000 steps; the table below has all", page.Value, StringComparison.Ordinal);
        Assert.NotNull(page.ById("step-1499"));
    }

    [Fact]
    public void Save_WhereItCannot_IsInputErrorNamingTheFile()
    {
        string path = Path.Combine(_folder.Path, "absent", "page.html");
        ConceptInputException refused = Assert.Throws<ConceptInputException>(() => TraceHtml.Save(Example(), path));
        Assert.StartsWith($"Cannot write the report to {path}: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Save_OverAnExistingFile_ReplacesIt()
    {
        string path = _folder.File("page.html");
        File.WriteAllText(path, new string('x', 1_000_000));
        TraceHtml.Save(Example(), path);
        Assert.Equal(TraceHtml.Write(Example()), File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    private static double[] Values(XElement element) =>
        [.. element.Named("data").Select(value => double.Parse(value.Get("value")!, CultureInfo.InvariantCulture)).Select(value => (double)(float)value)];

    // "M0 57.5H4"
    private static double Height(XElement line) =>
        double.Parse(line.Get("d")!["M0 ".Length..].Split('H')[0], CultureInfo.InvariantCulture);

    private static IEnumerable<(string Group, string Name, string Value)> Settings(XElement page) =>
        from table in page.WithClass("groups").Single().Named("table")
        from row in table.Named("tbody").Single().Named("tr")
        select (table.Named("caption").Single().Value, row.Named("th").Single().Value, row.Named("td").Single().Value);

    /// <summary>Four steps of every kind.</summary>
    private static Trace Example() => TraceJsonTests.Sample() with
    {
        Prompt = "Where?",
        Settings = new JsonObject
        {
            ["stopEntropy"] = 0.75,
            ["endMarker"] = "",
            ["reader"] = null,
            ["list"] = new JsonArray(1, "two"),
            ["answer"] = new JsonObject { ["deep"] = new JsonObject { ["er"] = 7 }, ["greedy"] = true },
        },
        Steps =
        [
            Step(0, 0.25, "concept", (1, " a", 0.75f), (2, " b", 0.245f), (5, " e", 0.005f)),
            Step(1, 2, "concept", (2, " b", 0.5f), (3, " c", 0.25f), (1, " a", 0.25f)) with { Nearest = [new TraceNearest(2, " b", 0.875f)] },
            Step(2, 0.75, "token", (4, " d", 0.625f), (3, " c", 0.375f)) with { Chosen = new TraceChosen(4, "d") },
            Step(3, 0, "hidden", (1, " a", 1)),
        ],
        Chunks = [new TraceChunk(1, 2, "the words", Replaced: true)],
    };

    private static TraceStep Step(int index, double entropy, string kind, params (int Id, string Text, float Weight)[] tokens) => new()
    {
        Index = index,
        Position = index,
        Kind = kind,
        Entropy = entropy,
        Tokens = [.. tokens.Select(token => new TraceToken(token.Id, token.Text, token.Weight))],
        Milliseconds = 1.25,
    };
}
