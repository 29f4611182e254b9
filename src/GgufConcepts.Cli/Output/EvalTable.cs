using System.Globalization;
using GgufConcepts.Evaluation;
using Spectre.Console;

namespace GgufConcepts.Cli.Output;

/// <summary>What a model made of a task, for people.</summary>
internal static class EvalTable
{
    private const string AskedHeading = "asked";
    private const string IntervalHeading = "95% interval";
    private const string EntropyHeading = "entropy by step (nats)";

    private static readonly int s_moreOverhead = Terminal.Overhead(1) - Terminal.Overhead(0);

    private static readonly (string Heading, bool IsNumber, Func<EvalRow, string> Cell)[] s_columns =
    [
        (AskedHeading, false, Asked),
        ("fed back", false, row => row.Strategy),
        ("result", true, Result),
        (IntervalHeading, true, row => EvalMarkdown.Range(row.Interval)),
        ("published", true, row => row.Published is { } share ? Percent(share) : ""),
        ("items", true, row => row.Items.ToString(CultureInfo.InvariantCulture)),
        ("steps", true, row => Number(row.Steps, "F1")),
        ("ms/item", true, row => Number(row.MillisecondsPerItem, "F1")),
    ];

    /// <summary>Prints a model's rows; columns in which nothing would stand are left out.</summary>
    public static void Write(IAnsiConsole console, EvalModel model)
    {
        TraceTable.WriteField(console, "model", $"{model.Model.Name}, {Path.GetFileName(model.Model.Path)}");
        var columns = s_columns.Where(column => model.Rows.Any(row => column.Cell(row).Length > 0)).ToArray();
        int left = Left(console, model, columns);
        if (left < -s_moreOverhead && model.Rows.Select(Asked).Distinct().Count() == 1)
        {
            TraceTable.WriteField(console, AskedHeading, Asked(model.Rows[0])); // once instead of in every row
            LeaveOut(AskedHeading);
        }

        if (left < -s_moreOverhead)
        {
            LeaveOut(IntervalHeading); // the rest does not fit otherwise
        }

        bool thought = left >= EntropyHeading.Length && model.Rows.Any(row => row.EntropyByStep is not null);
        Table table = Terminal.NewTable([.. columns.Select(column => column.Heading), .. thought ? [EntropyHeading] : Array.Empty<string>()]);
        foreach (EvalRow row in model.Rows)
        {
            IEnumerable<Text> cells = columns.Select(
                column => column.IsNumber ? new Text(column.Cell(row)).RightJustified() : new Text(column.Cell(row)));
            table.AddRow([.. cells, .. thought ? [new Text(Entropies(row, left))] : Array.Empty<Text>()]);
        }

        Terminal.Print(console, table);

        void LeaveOut(string heading)
        {
            columns = [.. columns.Where(column => column.Heading != heading)];
            left = Left(console, model, columns);
        }
    }

    /// <summary>Columns of the terminal that one more column of the table could take.</summary>
    private static int Left(IAnsiConsole console, EvalModel model, (string Heading, bool, Func<EvalRow, string> Cell)[] columns) =>
        console.Profile.Width - Terminal.Overhead(columns.Length + 1) - columns.Sum(column => Math.Max(
            column.Heading.Length, model.Rows.Max(row => column.Cell(row).Length)));

    private static string Asked(EvalRow row) => row.Measure == EvalRow.Accuracy ? row.Part : $"{row.Part}: {row.Measure}";

    private static string Result(EvalRow row) => row switch
    {
        { Items: 0 } => "none",
        { Measure: EvalRow.Accuracy } => Percent(row.Value),
        _ => Number(row.Value, "F3"),
    };

    private static string Percent(double share) => Number(100 * share, "F1") + "%";

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";

    private static string Entropies(EvalRow row, int width) => Visible.Fit(
        [.. row.EntropyByStep?.Select(entropy => Number(entropy, "F2")) ?? []], width);
}
