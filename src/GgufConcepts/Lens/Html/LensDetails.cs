using System.Globalization;
using GgufConcepts.Tracing.Html;

namespace GgufConcepts.Lens.Html;

/// <summary>All that was seen: a table a position, a row a layer. The cards of the grid show these rows.</summary>
internal static class LensDetails
{
    /// <summary>The tables, one after another.</summary>
    public static HtmlElement Make(LensReading reading, LensColumn[] columns) =>
        new HtmlElement("div").AddAll(columns.Select(column => One(reading, column)));

    /// <summary>The mean entropy of each layer, for the prompt and for each run.</summary>
    public static HtmlElement Entropies(LensColumn[] columns)
    {
        IGrouping<string, LensColumn>[] groups = [.. columns.GroupBy(column => column.Group)];
        IReadOnlyList<LensLayer> layers = columns[0].At.Layers;
        double[][] means = [.. groups.Select(group => Enumerable.Range(0, layers.Count)
            .Select(i => group.Average(column => column.At.Layers[i].Entropy)).ToArray())];
        double largest = Math.Max(1, means.Max(column => column.Max()));
        HtmlElement body = new("tbody");
        for (int i = 0; i < layers.Count; i++)
        {
            int row = i;
            body.Add(new HtmlElement("tr", new HtmlElement("th", LensColumn.NameOf(layers[i])).With("scope", "row"))
                .AddAll(means.Select(column => new HtmlElement("td", Bar(column[row], largest)))));
        }

        return new HtmlElement(
            "table",
            new HtmlElement("caption", "Mean entropy in nats, by layer").Class("hidden"),
            new HtmlElement("thead", new HtmlElement("tr", new HtmlElement("th", "layer").With("scope", "col")).AddAll(groups.Select(
                group => new HtmlElement("th", $"{group.Key}, {ReportText.Count(group.Count(), "position")}").With("scope", "col")))),
            body).Class("plain means");
    }

    private static HtmlElement One(LensReading reading, LensColumn column)
    {
        LensPosition at = column.At;
        string followed = $"place of {HtmlToken.Describe((reading.Target ?? at.Choice).Text)}";
        double largest = Math.Max(1, at.Layers.Max(layer => layer.Entropy));
        HtmlElement body = new HtmlElement("tbody").With("role", "rowgroup").AddAll(
            at.Layers.Select(layer => Row(column, layer, followed, largest)));
        string[] headings = ["layer", "entropy", followed, "likeliest tokens"];
        return new HtmlElement(
            "section",
            new HtmlElement("h3", $"{char.ToUpperInvariant(column.Name[0])}{column.Name[1..]}").With("id", column.TableId),
            new HtmlElement("dl", Pair("fed", column.Fed()), Pair("next comes", HtmlToken.Make(at.Choice.Text))).Class("besides note"),
            new HtmlElement(
                "table",
                new HtmlElement("caption", $"Every layer at {column.Name}").Class("hidden"),
                new HtmlElement("thead", new HtmlElement("tr").With("role", "row").AddAll(headings.Select(
                    heading => new HtmlElement("th", heading).With("scope", "col").With("role", "columnheader")))).With("role", "rowgroup"),
                body).Class("plain steps").With("role", "table")).With("aria-labelledby", column.TableId);
    }

    private static HtmlElement Row(LensColumn column, LensLayer layer, string followed, double largest)
    {
        LensRank place = layer.Target ?? layer.Choice;
        return new HtmlElement(
            "tr",
            new HtmlElement("th", new HtmlElement("span", "layer ").Class("narrow"), LensColumn.NameOf(layer))
                .Class("number").With("scope", "row").With("role", "rowheader"),
            Cell("entropy", Bar(layer.Entropy, largest)),
            Cell(followed, new HtmlElement("span", "place ").Class("narrow"), string.Create(CultureInfo.InvariantCulture, $"{place.Rank:#,0} "), ReportText.Weight(place.Probability)),
            Cell("likeliest tokens", LensColumn.Mix(layer.Tokens)).Class("mixed"))
            .With("role", "row").With("id", column.RowId(layer)).With("data-title", $"Layer {LensColumn.NameOf(layer)}, {column.Name}");
    }

    private static HtmlElement Cell(string label, params ReadOnlySpan<HtmlContent?> content) =>
        new HtmlElement("td", content).With("data-label", label).With("role", "cell");

    private static HtmlElement Pair(string name, HtmlContent value) =>
        new("div", new HtmlElement("dt", name), new HtmlElement("dd", value));

    private static HtmlElement Bar(double entropy, double largest) => new HtmlElement(
        "span",
        new HtmlElement("data", ReportText.Number(entropy)).With("value", entropy),
        new HtmlElement("svg", new HtmlElement("rect").With("width", 56 * Math.Clamp(entropy / largest, 0, 1)).With("height", 8))
            .With("xmlns", "http://www.w3.org/2000/svg").With("width", 56).With("height", 8).With("aria-hidden", "true")).Class("bar");
}
