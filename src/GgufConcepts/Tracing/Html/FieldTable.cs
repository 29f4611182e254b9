namespace GgufConcepts.Tracing.Html;

/// <summary>Names and values in a table: of one trace, or of two with their differences marked.</summary>
internal static class FieldTable
{
    /// <summary>The tables, one a group.</summary>
    /// <param name="caption">Heading of the fields that belong to no group.</param>
    /// <param name="sides">The traces.</param>
    /// <param name="fields">The fields of each of them.</param>
    /// <param name="marks">Whether values that differ are marked.</param>
    public static HtmlElement Make(
        string caption, IReadOnlyList<ReportSide> sides, IReadOnlyList<IReadOnlyList<Field>> fields, bool marks = true)
    {
        HtmlElement groups = new HtmlElement("div").Class(sides.Count > 1 ? "pairs" : "groups");
        Dictionary<(string, string), string>[] values =
            [.. fields.Select(of => of.DistinctBy(field => (field.Group, field.Name)).ToDictionary(field => (field.Group, field.Name), field => field.Value))];
        foreach (IGrouping<string, (string Group, string Name)> group in fields
            .SelectMany(of => of.Select(field => (field.Group, field.Name))).Distinct().GroupBy(field => field.Group))
        {
            HtmlElement table = new HtmlElement("table", new HtmlElement("caption", group.Key.Length > 0 ? group.Key : caption)).Class("plain");
            table.Add(sides.Count > 1 ? Head(sides) : null);
            groups.Add(table.Add(new HtmlElement("tbody").AddAll(
                group.Select(field => Row(field.Name, [.. values.Select(of => of.GetValueOrDefault(field))], marks)))));
        }

        return groups;
    }

    private static HtmlElement Head(IReadOnlyList<ReportSide> sides) => new("thead", new HtmlElement("tr", new HtmlElement("td")).AddAll(
        sides.Select(side => new HtmlElement("th", side.Badge(), $" {side.Trace.Strategy}").With("scope", "col"))));

    private static HtmlElement Row(string name, string?[] values, bool marks)
    {
        bool differs = marks && values.Distinct().Count() > 1;
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
