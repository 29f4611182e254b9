namespace GgufConcepts.Tracing.Html;

/// <summary>What else was asked of a reader: whether its words follow from the vectors, what it says when it draws, and
/// what it says of other vectors.</summary>
internal static class ReadingDetails
{
    /// <summary>The parts there are, in order; empty where nothing else was asked.</summary>
    public static IEnumerable<HtmlElement> Make(TraceChunk chunk)
    {
        if (chunk.Faithfulness is { } faithful)
        {
            yield return new HtmlElement(
                "p",
                "Faithful ", ReportText.Weight(faithful.Value),
                $": {(faithful.Gain >= 0 ? "+" : "−")}{ReportText.Number(Math.Abs(faithful.Gain), 1)} nats over ",
                faithful.Baseline == "meanRow" ? "the mean of all embeddings" : "the vectors’ mean",
                "; by token:").Class("note");
            yield return TokenList.Weights(faithful.Tokens, token => token.Text, token => token.Faithfulness);
        }

        if (chunk.Readings is { Count: > 0 } readings)
        {
            yield return Table(
                $"{ReportText.Count(readings.Sum(reading => (long)reading.Count), "reading")} drawn",
                ["share", "drawn", "read as"],
                readings.Select(reading => Row(
                    TokenList.Pill(reading.Share), ReportText.Number(reading.Count, 0), Said(reading.Text))));
        }

        if (chunk.Controls is { Count: > 0 } controls)
        {
            yield return Table(
                "Other vectors in their place",
                ["vectors", "P(these words)", "faithful", "read as"],
                controls.Select(control => Row(
                    control.Name,
                    TokenList.Pill(control.Probability),
                    control.Faithfulness is { } own ? ReportText.Weight(own.Value) : new HtmlElement("span", "–"),
                    Said(control.Text))));
        }
    }

    private static HtmlElement Said(string text) => text.Length > 0
        ? new HtmlElement("span", text).With("dir", "auto")
        : new HtmlElement("span", "(no words)").Class("none");

    private static HtmlElement Table(string caption, string[] headings, IEnumerable<HtmlElement> rows) => new HtmlElement(
        "table",
        new HtmlElement("caption", caption),
        new HtmlElement("thead", new HtmlElement("tr").AddAll(
            headings.Select(heading => new HtmlElement("th", heading).With("scope", "col")))),
        new HtmlElement("tbody").AddAll(rows)).Class("plain");

    private static HtmlElement Row(params HtmlContent[] cells) =>
        new HtmlElement("tr").AddAll(cells.Select(cell => new HtmlElement("td", cell)));
}
