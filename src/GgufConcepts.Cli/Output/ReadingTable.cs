using System.Globalization;
using GgufConcepts.Evaluation;
using GgufConcepts.Reading;
using GgufConcepts.Tracing;
using Spectre.Console;

namespace GgufConcepts.Cli.Output;

/// <summary>What was asked beside a reading's words, for people: how faithful they are, other readings,
/// controls.</summary>
internal static class ReadingTable
{
    private const int GroupsShown = 12;
    private const string ReadAs = "read as";

    /// <summary>Prints what a reading has of it; nothing where nothing was asked for.</summary>
    public static void WriteDetails(IAnsiConsole console, TraceChunk chunk)
    {
        if (chunk.Faithfulness is { } faithfulness)
        {
            WriteFaithfulness(console, faithfulness);
        }

        if (chunk.Readings is { Count: > 0 } readings)
        {
            WriteReadings(console, readings);
        }

        if (chunk.Controls is { } controls)
        {
            WriteControls(console, chunk, controls);
        }
    }

    /// <summary>Prints how many words a model echoed, by template, and what that means.</summary>
    public static void WriteSelfTest(IAnsiConsole console, IReadOnlyList<SelfTestRow> rows, string verdict)
    {
        string[] templates = [.. rows.Select(row => Visible.Token(row.Template).Replace('·', ' '))];
        int left = console.Profile.Width - Terminal.Overhead(5) - "95% interval".Length - "words".Length - "echoed".Length - "other word".Length;
        Table table = Terminal.NewTable("template", "words", "echoed", "95% interval", "other word");
        foreach ((SelfTestRow row, string template) in rows.Zip(templates))
        {
            table.AddRow(
                new Text(Visible.Cut(template, left)),
                Number(row.Words.ToString(CultureInfo.InvariantCulture)),
                Number(Share(row.Share)),
                new Text($"{Share(row.Low)} to {Share(row.High)}"),
                Number(Share((double)row.OtherWord / row.Words)));
        }

        Terminal.Print(console, table);
        if (rows[0].Misses is { Count: > 0 } misses)
        {
            string[] pairs = [.. misses.Select(miss => $"{miss.Word}: {(miss.Read.Length > 0 ? Visible.Cut(miss.Read, 24) : "(no words)")};")];
            console.WriteLine(Visible.Fit(["not echoed:", .. pairs], console.Profile.Width).TrimEnd(';'));
        }

        console.WriteLine(verdict);
    }

    private static void WriteFaithfulness(IAnsiConsole console, Faithfulness faithfulness)
    {
        string baseline = faithfulness.Baseline == "mean" ? "the vectors' mean" : "the mean of all tokens";
        TraceTable.WriteField(
            console,
            "  faithfulness",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Share(faithfulness.Value)}; {faithfulness.Gain:+0.0;-0.0;0.0} nats over {baseline}"));
        int width = console.Profile.Width - 2;
        foreach (string line in Lines([.. faithfulness.Tokens.Select(
            token => $"{Visible.Cut(Visible.Token(token.Text), Terminal.TokenWidth)} {Share(token.Faithfulness)}")], width))
        {
            console.Profile.Out.Writer.WriteLine($"  {line}");
        }
    }

    private static void WriteReadings(IAnsiConsole console, IReadOnlyList<ReadingGroup> readings)
    {
        bool measured = readings.Any(group => group.Faithfulness is not null);
        string[] headings = ["share", "", "drawn", .. measured ? ["faithful"] : Array.Empty<string>(), ReadAs];
        int left = console.Profile.Width - Terminal.Overhead(headings.Length) - headings[..^1].Sum(heading => heading.Length) - 8;
        Table table = Terminal.NewTable(headings);
        foreach (ReadingGroup group in readings.Take(GroupsShown))
        {
            table.AddRow([
                Number(Share(group.Share)),
                new Text(TraceTable.Bar(group.Share), new Style(Color.Yellow)),
                Number(group.Count.ToString(CultureInfo.InvariantCulture)),
                .. measured ? [Number(Share(group.Faithfulness?.Value))] : Array.Empty<Text>(),
                Words(group.Text, left),
            ]);
        }

        if (readings.Count > GroupsShown)
        {
            ReadingGroup[] rest = [.. readings.Skip(GroupsShown)];
            table.AddRow([
                Number(Share(rest.Sum(group => group.Share))),
                new Text(""),
                Number(rest.Sum(group => (long)group.Count).ToString(CultureInfo.InvariantCulture)),
                .. measured ? [new Text("")] : Array.Empty<Text>(),
                new Text($"({rest.Length} more readings)"),
            ]);
        }

        Terminal.Print(console, table);
    }

    private static void WriteControls(IAnsiConsole console, TraceChunk chunk, IReadOnlyList<ControlReading> controls)
    {
        string[] headings = ["in the slot", "P(these words)", "faithful", ReadAs];
        int left = console.Profile.Width - Terminal.Overhead(headings.Length) - headings[..^1].Sum(heading => heading.Length);
        Table table = Terminal.NewTable(headings);
        Add("these", chunk.Faithfulness?.Probability, chunk.Faithfulness, chunk.Translation);
        foreach (ControlReading control in controls)
        {
            Add(control.Name, chunk.Faithfulness is null ? null : control.Probability, control.Faithfulness, control.Text);
        }

        Terminal.Print(console, table);

        void Add(string name, double? probability, Faithfulness? faithfulness, string text) => table.AddRow(
            new Text(name), Number(Share(probability)), Number(Share(faithfulness?.Value)), Words(text, left));
    }

    private static Text Number(string text) => new Text(text).RightJustified();

    private static Text Words(string text, int width) =>
        new(Visible.Cut(text.Length > 0 ? Visible.Token(text).Replace('·', ' ') : "(no words)", width));

    private static string Share(double? share) => share is { } value ? Visible.Share((float)value) : "";

    /// <summary>As many parts a line as fit, two blanks between.</summary>
    private static IEnumerable<string> Lines(IReadOnlyList<string> parts, int width)
    {
        string line = "";
        foreach (string part in parts)
        {
            if (line.Length > 0 && line.GetCellWidth() + 2 + part.GetCellWidth() > width)
            {
                yield return line;
                line = "";
            }

            line += line.Length > 0 ? $"  {part}" : part;
        }

        yield return line;
    }
}
