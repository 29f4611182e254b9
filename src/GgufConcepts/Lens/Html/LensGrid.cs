using System.Globalization;
using GgufConcepts.Tracing.Html;

namespace GgufConcepts.Lens.Html;

/// <summary>Layers by positions: in each cell the likeliest token, coloured by its probability.</summary>
internal static class LensGrid
{
    /// <summary>The grid under its legend.</summary>
    public static HtmlElement Make(LensColumn[] columns) => new(
        "figure",
        Legend(),
        new HtmlElement("div", Table(columns)).Class("score").With("role", "region").With("tabindex", "0")
            .With("aria-label", "Layers by positions"));

    private static HtmlElement Table(LensColumn[] columns)
    {
        HtmlElement widths = new("colgroup", new HtmlElement("col").Class("label"));
        HtmlElement groups = new HtmlElement("tr", new HtmlElement("td").Class("label")).Class("groups");
        HtmlElement heads = new("tr", new HtmlElement("th", "layer").Class("label").With("scope", "col"));
        foreach (LensColumn column in columns)
        {
            widths.Add(new HtmlElement("col").Class("step"));
            heads.Add(new HtmlElement("th", column.FedShort()).Class(Classes("step", column)).With("scope", "col"));
            if (column.StartsGroup)
            {
                groups.Add(new HtmlElement("th", column.Group).Class("first").With("scope", "colgroup")
                    .With("colspan", columns.Skip(column.Index).TakeWhile(other => other == column || !other.StartsGroup).Count()));
            }
        }

        HtmlElement body = new("tbody");
        for (int i = 0; i < columns[0].At.Layers.Count; i++)
        {
            int row = i;
            body.Add(new HtmlElement(
                "tr",
                new HtmlElement("th", LensColumn.NameOf(columns[0].At.Layers[i])).Class("label").With("scope", "row"))
                .AddAll(columns.Select(column => Cell(column, column.At.Layers[row]))));
        }

        return new HtmlElement(
            "table",
            new HtmlElement("caption", "The likeliest token of each layer: a row for each layer, a column for each position").Class("hidden"),
            widths,
            new HtmlElement("thead", groups, heads),
            body).Class("heat grid");
    }

    private static HtmlElement Cell(LensColumn column, LensLayer layer)
    {
        string color = layer.Tokens.Count > 0 ? HeatRows.ColorOf(layer.Tokens[0].Probability) ?? "" : "";
        string chosen = layer.Choice.Rank == 1 ? "chosen" : "";
        string id = column.RowId(layer);
        string name = string.Create(
            CultureInfo.InvariantCulture,
            $"{column.Name}, layer {LensColumn.NameOf(layer)}: {HtmlToken.Describe(layer.Tokens[0].Text)} " +
            $"{ReportText.Share(layer.Tokens[0].Probability)}, entropy {ReportText.Number(layer.Entropy)} nats");
        return new HtmlElement("td", new HtmlElement("a", HtmlToken.Make(layer.Tokens[0].Text, most: 24))
            .With("href", $"#{id}").With("data-card", id).With("aria-label", name).With("aria-describedby", id))
            .Class(Classes($"{color} {chosen}".Trim(), column));
    }

    private static HtmlElement Legend()
    {
        HtmlElement scale = new HtmlElement("span", "probability ").Class("scale");
        foreach (double weight in (double[])[0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1])
        {
            scale.Add(new HtmlElement("span", ReportText.Share(weight, 2)).Class(HeatRows.ColorOf(weight)));
        }

        return new HtmlElement(
            "figcaption",
            scale,
            new HtmlElement("span", new HtmlElement("span").Class("key fed"), " what the model itself says next")).Class("legend");
    }

    private static string? Classes(string classes, LensColumn column) =>
        $"{classes}{(column.StartsGroup ? " first" : "")}".Trim() is { Length: > 0 } all ? all : null;
}
