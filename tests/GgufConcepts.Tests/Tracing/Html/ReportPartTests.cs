using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GgufConcepts.Tracing;
using GgufConcepts.Tracing.Html;

namespace GgufConcepts.Tests.Tracing.Html;

/// <summary>The parts of a report by themselves: numbers, scales, colours, fields.</summary>
public sealed class ReportPartTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.0004999, "<.001")]
    [InlineData(0.0005, ".001")]
    [InlineData(0.5125, ".513")]
    [InlineData(0.9994, ".999")]
    [InlineData(0.9996, "1")]
    [InlineData(1.0001, "1")]
    [InlineData(-0.5, "-0.5")]
    [InlineData(77, "77")]
    public void Share_OfAWeight_HasThreePlaces(double weight, string text) => Assert.Equal(text, ReportText.Share(weight));

    [Theory]
    [InlineData(0.1, 0.02, 0.1)]
    [InlineData(0.3, 0.1, 0.3)]
    [InlineData(0.31, 0.1, 0.4)]
    [InlineData(1, 0.2, 1)]
    [InlineData(2.098, 0.5, 2.5)]
    [InlineData(4.9, 1, 5)]
    [InlineData(9.99, 2, 10)]
    [InlineData(11.9, 5, 15)]
    public void Scale_OfAnEntropy_HasRoundSteps(double largest, double tick, double top)
    {
        (double actualTick, double actualTop) = EntropyCurve.Scale(largest);
        Assert.Equal(tick, actualTick, 1e-9);
        Assert.Equal(top, actualTop, 1e-9);
    }

    [Fact]
    public void ColorOf_GrowingWeight_NeverGetsLighter()
    {
        int[] levels = [.. Enumerable.Range(1, 1000).Select(i => int.Parse(HeatRows.ColorOf(i / 1000.0)![1..], CultureInfo.InvariantCulture))];
        Assert.Equal(levels.Order(), levels);
        Assert.Equal(Enumerable.Range(1, 16), levels.Distinct());
        Assert.Equal(8, levels[249]); // the root of a quarter is a half
        Assert.Null(HeatRows.ColorOf(0));
        Assert.Null(HeatRows.ColorOf(-1));
        Assert.Equal("w16", HeatRows.ColorOf(1e30));
    }

    /// <summary>WCAG 2.2, 1.4.3: 4.5 to 1, by its own formula, for the number in every cell, light and dark.</summary>
    [Fact]
    public void StyleSheet_EveryWeight_HasEnoughContrastInBothThemes()
    {
        using StringWriter page = new();
        new HtmlPage("").WriteTo(page);
        MatchCollection pairs = Regex.Matches(page.ToString(), @"--w(\d+): #(\w{6}); --t\1: #(\w{6});");
        Assert.Equal([.. Enumerable.Range(1, 16), .. Enumerable.Range(1, 16)], pairs.Select(pair => int.Parse(pair.Groups[1].Value, CultureInfo.InvariantCulture)));
        double[] lights = [.. pairs.Select(pair => Luminance(pair.Groups[2].Value))];
        Assert.Equal(lights[..16].OrderDescending(), lights[..16]); // more weight is darker on white
        Assert.Equal(lights[16..].Order(), lights[16..]); // and lighter on black
        Assert.All(pairs, pair =>
        {
            (double a, double b) = (Luminance(pair.Groups[2].Value), Luminance(pair.Groups[3].Value));
            Assert.InRange((Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05), 4.5, 21);
        });
    }

    [Fact]
    public void ChunksOf_ATrace_AreClippedToItsSteps()
    {
        Trace trace = TraceJsonTests.Sample() with
        {
            Chunks = [new(1, int.MaxValue, "a"), new(0, 1, "already read"), new(5, 1, "not there"), new(1, 0, "none")],
        };
        Assert.Equal([(1, 1), (2, 0), (2, 0), (2, 0)], ChunkSpan.Find(trace).Select(span => (span.First, span.Count)));
        Assert.Equal([1, 2, 3, 4], ChunkSpan.Find(trace).Select(span => span.Number));
    }

    [Fact]
    public void OtherFields_OfWhatAPageDoesNotKnow_AreFlattened()
    {
        JsonNode step = JsonNode.Parse("""{"index":1,"mode":"soft","switch":{"to":"token","why":{"entropy":0.5}},"list":[1,{"a":null}]}""")!;
        Assert.Equal(
            [
                new Field("", "mode", "soft"), new Field("", "list", "[1,{\"a\":null}]"), new Field("switch", "to", "token"),
                new Field("switch.why", "entropy", "0.5"),
            ],
            OtherFields.Of(step, new HashSet<string> { "index" }));
    }

    [Fact]
    public void OtherFields_OfAVeryLongValue_ShowsItsBeginning()
    {
        JsonObject trace = new() { ["steps"] = new JsonArray([.. Enumerable.Range(0, 1000).Select(i => (JsonNode)i)]) };
        string shown = Assert.Single(OtherFields.Of(trace)).Value;
        Assert.StartsWith("[0,1,2,", shown, StringComparison.Ordinal);
        Assert.EndsWith("… (3,891 characters in all)", shown, StringComparison.Ordinal); // 10 + 180 + 2700 digits, 999 commas, brackets
    }

    private static double Luminance(string hex)
    {
        double[] linear = [.. Enumerable.Range(0, 3).Select(i => Convert.ToInt32(hex.Substring(2 * i, 2), 16) / 255.0)
            .Select(value => value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4))];
        return (0.2126 * linear[0]) + (0.7152 * linear[1]) + (0.0722 * linear[2]);
    }
}
