namespace GgufConcepts.Tracing.Html;

/// <summary>Everything about every step: a row a step, for one trace or for two.</summary>
/// <remarks>The roles are written out, because a narrow screen shows the rows as blocks and would take them
/// away.</remarks>
internal static class StepTable
{
    /// <summary>The table of one trace.</summary>
    public static HtmlElement Make(ReportSide side)
    {
        IReadOnlyList<TraceStep> steps = side.Trace.Steps;
        bool anyNearest = steps.Any(step => step.Nearest is { Count: > 0 });
        IReadOnlyList<Field>[] others = [.. steps.Select(OtherFields.Of)];
        bool anyOther = others.Any(fields => fields.Count > 0);
        ChunkSpan[] spans = [.. side.Chunks.Where(span => span.Count > 0)];
        List<string> headings = ["step", "entropy", "fed", MixHeading(steps)];
        headings.AddRange(anyNearest ? ["nearest by cosine"] : []);
        headings.AddRange(anyOther ? ["besides"] : []);
        headings.Add("time");
        headings.AddRange(spans.Length > 0 ? ["read as"] : []);
        double largest = Largest(steps);
        HtmlElement body = new HtmlElement("tbody").With("role", "rowgroup");
        int next = 0;
        for (int i = 0; i < steps.Count; i++)
        {
            TraceStep step = steps[i];
            HtmlElement row = Row(i, Number(step.Index)).Add(
                Cell("entropy", Entropy(step, side.Stop, largest)).Class("entropy"),
                Cell("fed", Fed(step)).Class("fed"),
                Cell(MixHeading(steps), Mix(step)).Class("mixed"));
            row.Add(anyNearest ? Cell("nearest by cosine", Nearest(step)).Class("mixed") : null);
            row.Add(anyOther ? Cell("besides", Others(others[i])) : null);
            row.Add(Cell("time", ReportText.Time(step.Milliseconds)).Class("number"));
            if (spans.FirstOrDefault(span => span.First == i) is { } span)
            {
                row.Add(Reading(side, span));
                next = i + span.Count;
            }
            else if (spans.Length > 0 && i >= next)
            {
                int until = spans.Where(later => later.First > i).Select(later => later.First).DefaultIfEmpty(steps.Count).Min();
                row.Add(new HtmlElement("td").Class("read none").With("rowspan", until - i).With("role", "cell"));
                next = until;
            }

            body.Add(row);
        }

        return Table("Every step", headings, body).Class("plain steps");
    }

    /// <summary>The table of two traces; a row holds the steps of the same place.</summary>
    public static HtmlElement Make(ReportSide first, ReportSide second)
    {
        ReportSide[] sides = [first, second];
        double largest = Math.Max(Largest(first.Trace.Steps), Largest(second.Trace.Steps));
        HtmlElement body = new HtmlElement("tbody").With("role", "rowgroup");
        for (int i = 0; i < sides.Max(side => side.Trace.Steps.Count); i++)
        {
            HtmlElement row = Row(i, Number(i));
            foreach (ReportSide side in sides)
            {
                string label = $"{side.Letter}: {side.Trace.Strategy}";
                if (i >= side.Trace.Steps.Count)
                {
                    row.Add(Cell(label, new HtmlElement("span", "no such step").Class("none")).Class("side"));
                    continue;
                }

                TraceStep step = side.Trace.Steps[i];
                IReadOnlyList<Field> others = OtherFields.Of(step);
                row.Add(Cell(
                    label,
                    new HtmlElement("p", Entropy(step, side.Stop, largest), " ", Fed(step), " ",
                        new HtmlElement("span", ReportText.Time(step.Milliseconds)).Class("number")).Class("about"),
                    Mix(step),
                    step.Nearest is { Count: > 0 } ? new HtmlElement("div", new HtmlElement("span", "nearest by cosine").Class("note"), Nearest(step)).Class("near") : null,
                    others.Count > 0 ? Others(others) : null).Class("side"));
            }

            body.Add(row.With("aria-label", $"step {i}"));
        }

        return Table("Every step of both", ["step", .. sides.Select(side => $"{side.Letter}: {side.Trace.Strategy}")], body).Class("plain steps pair");
    }

    private static HtmlElement Table(string caption, IEnumerable<string> headings, HtmlElement body) => new HtmlElement(
        "table",
        new HtmlElement("caption", caption).Class("hidden"),
        new HtmlElement("thead", new HtmlElement("tr").With("role", "row").AddAll(headings.Select(heading =>
            new HtmlElement("th", heading).With("scope", "col").With("role", "columnheader")))).With("role", "rowgroup"),
        body).With("role", "table");

    private static HtmlElement Row(int place, string number) =>
        new HtmlElement("tr", new HtmlElement("th", new HtmlElement("span", "step ").Class("narrow"), number).Class("number").With("scope", "row").With("role", "rowheader"))
            .With("role", "row").With("id", ReportSide.StepId(place)).With("data-title", $"Step {number}");

    private static HtmlElement Cell(string label, params ReadOnlySpan<HtmlContent?> content) =>
        new HtmlElement("td", content).With("data-label", label).With("role", "cell");

    private static HtmlElement Entropy(TraceStep step, StopRule stop, double largest)
    {
        bool sure = stop.IsSure(step.Entropy);
        return new HtmlElement(
            "span",
            new HtmlElement("data", ReportText.Number(step.Entropy)).With("value", step.Entropy),
            new HtmlElement(
                "svg",
                new HtmlElement("rect").With("width", 56 * Math.Clamp(step.Entropy / largest, 0, 1)).With("height", 8))
                .With("xmlns", "http://www.w3.org/2000/svg").With("width", 56).With("height", 8).With("aria-hidden", "true"),
            sure ? new HtmlElement("span", " below the stop threshold").Class("hidden") : null).Class(sure ? "bar sure" : "bar");
    }

    private static HtmlElement Fed(TraceStep step) =>
        step is { Marker: true, Chosen: { } marker } ? new HtmlElement("span", HtmlToken.Make(marker.Text), " end marker")
        : step is { Kind: "token", Chosen: { } fed } ? HtmlToken.Make(fed.Text)
        : step.Chosen is { } drawn ? new HtmlElement("span", HtmlToken.Make(drawn.Text), " in a mixture")
        : new HtmlElement("span", step.Kind switch { "concept" => "mixture", "hidden" => "hidden state", _ => step.Kind });

    private static HtmlElement Mix(TraceStep step) =>
        TokenList.Weights(step.Tokens, token => token.Text, token => token.Probability);

    private static HtmlElement Nearest(TraceStep step) => TokenList.Make(
        step.Nearest ?? [],
        token => token.Text,
        token => new HtmlElement("data", ReportText.Number(token.Cosine, 2)).With("value", token.Cosine));

    private static HtmlElement Others(IReadOnlyList<Field> fields) => new HtmlElement("dl").Class("besides").AddAll(fields.Select(
        field => new HtmlElement("div", new HtmlElement("dt", field.Group.Length > 0 ? $"{field.Group}.{field.Name}" : field.Name), new HtmlElement("dd", field.Value))));

    private static HtmlElement Reading(ReportSide side, ChunkSpan span) => new HtmlElement(
        "td",
        new HtmlElement("div",
            new HtmlElement("a", ReportText.Steps(span.Chunk.FirstStep, span.Chunk.StepCount)).With("href", $"#{side.ReadingId(span.Number)}"),
            ReadingList.Words(span.Chunk.Translation, "(no words)")))
        .Class("read").With("rowspan", span.Count).With("role", "cell");

    private static string MixHeading(IReadOnlyList<TraceStep> steps) =>
        steps.All(step => step.Kind == "concept") ? "tokens and their weights" : "likeliest tokens";

    private static double Largest(IReadOnlyList<TraceStep> steps) => Math.Max(1, steps.Count == 0 ? 0 : steps.Max(step => step.Entropy));

    private static string Number(int value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
