namespace GgufConcepts.Tracing.Html;

/// <summary>Names and values in a table: of one trace, or of two with their differences marked.</summary>
internal static class FieldTable
{
    /// <summary>The table; groups of fields have a heading.</summary>
    /// <param name="caption">What it holds, for screen readers.</param>
    /// <param name="sides">The traces.</param>
    /// <param name="fields">The fields of each of them.</param>
    public static HtmlElement Make(string caption, IReadOnlyList<ReportSide> sides, IReadOnlyList<IReadOnlyList<Field>> fields)
    {
        HtmlElement table = new HtmlElement("table", new HtmlElement("caption", caption).Class("hidden")).Class("plain fields");
        if (sides.Count > 1)
        {
            table.Add(new HtmlElement("thead", new HtmlElement("tr", new HtmlElement("td")).AddAll(
                sides.Select(side => new HtmlElement("th", side.Badge(), $" {side.Trace.Strategy}").With("scope", "col")))));
        }

        Dictionary<(string, string), string>[] values =
            [.. fields.Select(of => of.DistinctBy(field => (field.Group, field.Name)).ToDictionary(field => (field.Group, field.Name), field => field.Value))];
        foreach (IGrouping<string, (string Group, string Name)> group in fields
            .SelectMany(of => of.Select(field => (field.Group, field.Name))).Distinct().GroupBy(field => field.Group))
        {
            HtmlElement body = new("tbody");
            if (group.Key.Length > 0)
            {
                body.Add(new HtmlElement("tr", new HtmlElement("th", group.Key).With("scope", "rowgroup").With("colspan", sides.Count + 1)).Class("group"));
            }

            body.AddAll(group.Select(field => Row(field.Name, [.. values.Select(of => of.GetValueOrDefault(field))])));
            table.Add(body);
        }

        return table;
    }

    private static HtmlElement Row(string name, string?[] values)
    {
        bool differs = values.Distinct().Count() > 1;
        HtmlElement row = new("tr", new HtmlElement("th", name, differs ? new HtmlElement("span", " (differs)").Class("hidden") : null).With("scope", "row"));
        foreach (string? value in values)
        {
            row.Add(value is null
                ? new HtmlElement("td", "not there").Class("none")
                : new HtmlElement("td", new HtmlElement("span", value).Class("value").With("dir", "auto")));
        }

        return differs ? row.Class("differs") : row;
    }
}
