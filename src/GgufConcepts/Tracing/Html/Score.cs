using System.Globalization;

namespace GgufConcepts.Tracing.Html;

/// <summary>A thought as a score is written: time runs to the right, the entropy above, a line a token, the readings
/// below the steps they cover. Two thoughts share the columns.</summary>
internal static class Score
{
    /// <summary>Steps drawn at most; the table of steps has all of them.</summary>
    public const int MostColumns = 1000;

    private const int LeastForNumbers = 38; // pixels of a column whose cells show their weight

    /// <summary>Whether a score of so many steps takes the whole width of a page.</summary>
    public static bool IsWide(int columns) => Density.Of(columns).Width < LeastForNumbers;

    /// <summary>The score and its legend; null where there are no steps.</summary>
    public static HtmlElement? Make(IReadOnlyList<ReportSide> sides)
    {
        int columns = Math.Min(MostColumns, sides.Max(side => side.Trace.Steps.Count));
        return columns == 0 ? null : new HtmlElement("figure", Legend(sides, columns), Scroller(Table(sides, columns)));
    }

    private static HtmlElement Scroller(HtmlElement table) =>
        new HtmlElement("div", table).Class("score").With("role", "region").With("tabindex", "0").With("aria-label", "The thought, step by step");

    private static HtmlElement Table(IReadOnlyList<ReportSide> sides, int columns)
    {
        Density density = Density.Of(columns);
        EntropyCurve curve = new(sides, columns);
        HtmlElement columnsOf = new("colgroup", new HtmlElement("col").Class("label"));
        HtmlElement steps = new("tr", new HtmlElement("th", "step").Class("label").With("scope", "row"));
        for (int column = 0; column < columns; column++)
        {
            columnsOf.Add(new HtmlElement("col").Class("step"));
            steps.Add(StepHead(sides, column, density));
        }

        (ReportSide Side, HeatRows Rows)[] heats =
            [.. sides.Select(side => (side, HeatRows.Choose(side.Trace, Math.Min(columns, side.Trace.Steps.Count))))];
        bool isShort = heats.All(heat => heat.Rows.Rows.All(row => row.Text.Length <= 8));
        HtmlElement table = new HtmlElement(
            "table",
            new HtmlElement("caption", "Weights by step: a row for each token, a column for each step").Class("hidden"),
            columnsOf,
            new HtmlElement(
                "thead",
                new HtmlElement(
                    "tr",
                    new HtmlElement("th", new HtmlElement("span", "entropy in nats").Class("hidden"), curve.DrawAxis())
                        .Class("label").With("scope", "row"),
                    Across("td", columns, curve.Draw()).Class("curve")).Class("axis"),
                steps)).Class(string.Join(' ', (string[])["heat", density.Name, isShort ? "short" : "long"]));
        foreach ((ReportSide side, HeatRows heat) in heats)
        {
            if (side.Badge() is { } badge)
            {
                table.Add(new HtmlElement("tbody", new HtmlElement(
                    "tr", new HtmlElement("th", badge).Class("label").With("scope", "rowgroup"), Across("td", columns))).Class("head"));
            }

            int drawn = Math.Min(columns, side.Trace.Steps.Count);
            if (drawn > 0)
            {
                table.Add(Cells(side, heat, drawn, columns));
                table.Add(side.Chunks.Count > 0 ? Readings(side, drawn, columns, density) : null);
            }
        }

        return table;
    }

    private static HtmlElement StepHead(IReadOnlyList<ReportSide> sides, int column, Density density)
    {
        string number = (sides is [var only] ? only.Trace.Steps[column].Index : column).ToString(CultureInfo.InvariantCulture);
        string id = ReportSide.StepId(column);
        return new HtmlElement("th", new HtmlElement("a", new HtmlElement("span", number))
            .With("href", $"#{id}").With("data-card", id).With("aria-label", $"step {number}").With("aria-describedby", id)
            .Class(column % density.Tick == 0 ? "tick" : null)).Class("step").With("scope", "col");
    }

    private static HtmlElement Cells(ReportSide side, HeatRows heat, int drawn, int columns)
    {
        HtmlElement body = new HtmlElement("tbody").Class("cells");
        foreach (HeatRow row in heat.Rows)
        {
            HtmlElement line = new("tr", new HtmlElement("th", HtmlToken.Make(row.Text, most: 48)).Class("label").With("scope", "row"));
            for (int column = 0; column < columns; column++)
            {
                bool chosen = column < drawn && side.Trace.Steps[column].Chosen?.Id == row.Id;
                line.Add(Cell(column < drawn ? row.Weights[column] : null, chosen));
            }

            body.Add(line);
        }

        if (heat.Others > 0)
        {
            HtmlElement line = new("tr", new HtmlElement("th", ReportText.Count(heat.Others, "other")).Class("label").With("scope", "row"));
            for (int column = 0; column < columns; column++)
            {
                line.Add(Cell(column < drawn && heat.Rest[column] > 0 ? heat.Rest[column] : null, chosen: false));
            }

            body.Add(line.Class("rest"));
        }

        return body;
    }

    private static HtmlElement Cell(double? weight, bool chosen)
    {
        HtmlElement cell = new("td");
        if (weight is { } share)
        {
            cell.Add(ReportText.Weight(share, places: 2).Class(share < 0.005 ? "hidden" : null));
            cell.Class($"{HeatRows.ColorOf(share)}{(chosen ? " chosen" : "")}".Trim());
        }
        else if (chosen)
        {
            cell.Class("chosen");
        }

        return cell;
    }

    private static HtmlElement Readings(ReportSide side, int drawn, int columns, Density density)
    {
        HtmlElement line = new("tr", new HtmlElement("th", "read as").Class("label").With("scope", "row"));
        int next = 0;
        foreach (ChunkSpan span in side.Chunks.Where(span => span.Count > 0 && span.First < drawn))
        {
            int count = Math.Min(span.Count, drawn - span.First);
            string number = span.Number.ToString(CultureInfo.InvariantCulture);
            string words = count * density.Width < 60 ? number : Words(span.Chunk);
            line.Add(span.First > next ? Across("td", span.First - next) : null);
            line.Add(Across("td", count, new HtmlElement("a", words).With("dir", "auto").With("href", $"#{side.ReadingId(span.Number)}")
                .With("aria-label", $"{ReportText.Steps(span.Chunk.FirstStep, span.Chunk.StepCount)} read as: {Words(span.Chunk)}")));
            next = span.First + count;
        }

        line.Add(next < columns ? Across("td", columns - next) : null);
        return new HtmlElement("tbody", line).Class("reading");
    }

    private static string Words(TraceChunk chunk) => chunk.Translation.Length > 0 ? chunk.Translation : "(no words)";

    private static HtmlElement Across(string cell, int columns, params ReadOnlySpan<HtmlContent?> content) =>
        new HtmlElement(cell, content).With("colspan", columns);

    private static HtmlElement Legend(IReadOnlyList<ReportSide> sides, int columns)
    {
        HtmlElement weights = new HtmlElement("span", "weight ").Class("scale");
        foreach (double weight in (double[])[0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1])
        {
            weights.Add(new HtmlElement("span", ReportText.Share(weight, 2)).Class(HeatRows.ColorOf(weight)));
        }

        HtmlElement legend = new HtmlElement("figcaption", weights).Class("legend");
        foreach (ReportSide side in sides.Where(side => side.Letter.Length > 0))
        {
            legend.Add(new HtmlElement("span", side.Badge(), $" {side.Trace.Strategy}"));
        }

        string thresholds = string.Join(" and ", sides.Select(side => side.Stop.Entropy).Where(entropy => entropy > 0).Distinct().Select(ReportText.Plain));
        if (thresholds.Length > 0)
        {
            string key = sides.Count > 1 ? "key both" : "key";
            legend.Add(new HtmlElement("span", new HtmlElement("span").Class(key), $" below the stop threshold, {thresholds} nats"));
        }

        if (sides.Any(side => side.Trace.Steps.Any(step => step.Chosen is not null)))
        {
            legend.Add(new HtmlElement("span", new HtmlElement("span").Class("key fed"), " the token that was fed"));
        }

        return sides.Any(side => side.Trace.Steps.Count > columns)
            ? legend.Add(new HtmlElement("span", $"the first {ReportText.Count(columns, "step")}; the table below has all"))
            : legend;
    }

    /// <summary>How close the columns stand.</summary>
    /// <param name="Name">Class of the table.</param>
    /// <param name="Width">Of a column, in pixels.</param>
    /// <param name="Tick">Columns from one number to the next.</param>
    private readonly record struct Density(string Name, int Width, int Tick)
    {
        public static Density Of(int columns) => columns switch
        {
            <= 4 => new("few", 128, 1),
            <= 12 => new("some", 68, 1),
            <= 26 => new("more", LeastForNumbers, 1),
            <= 60 => new("many", 18, 5),
            _ => new("crowd", 8, 10),
        };
    }
}
