using System.Globalization;
using GgufConcepts.Benchmarking;
using Spectre.Console;

namespace GgufConcepts.Cli.Output;

/// <summary>What a bench found, for people.</summary>
internal static class BenchTable
{
    // Where the terminal is too narrow, the last ones are left out.
    private static readonly (string Heading, Func<StepBenchRow, string> Cell)[] s_columns =
    [
        ("strategy", row => row.Strategy),
        ("at once", row => Number(row.Batch, "F0")),
        ("token ms", row => Number(row.TokenStepMs, "F3")),
        ("concept ms", row => Number(row.ConceptStepMs, "F3")),
        ("ratio", row => Number(row.Ratio, "F3")),
        ("95% interval", row => $"{Number(row.RatioLow, "F3")}-{Number(row.RatioHigh, "F3")}"),
        ("mixer µs", row => Number(row.MixerMicroseconds, "F0")),
        ("steps/s", row => Number(row.StepsPerSecond, "F1")),
        ("bandwidth", row => Share(row.BandwidthEfficiency)),
        ("reuse", row => Share(row.GraphReuse)),
        ("bytes", row => Number(row.AllocatedBytes, "F0")),
    ];

    public static void Write(IAnsiConsole console, StepBenchReport report)
    {
        TraceTable.WriteField(console, "model", string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Model.Name}, {Path.GetFileName(report.Model.Path)}: {report.WeightBytes / 1e6:N1} MB of weights a token"));
        TraceTable.WriteField(console, "machine", string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Threads} of {Environment.ProcessorCount} processors read {report.BytesPerSecond / 1e9:F1} GB/s"));

        var columns = s_columns[..Fitting(console.Profile.Width, report.Rows)];
        Table table = Terminal.NewTable([.. columns.Select(column => column.Heading)]);
        foreach (StepBenchRow row in report.Rows)
        {
            table.AddRow([
                new Text(row.Strategy),
                .. columns.Skip(1).Select(column => new Text(column.Cell(row)).RightJustified())]);
        }

        Terminal.Print(console, table);
        console.WriteLine("A step's time is a median; mixer: its part outside the decode.");
        if (columns.Length == s_columns.Length)
        {
            console.WriteLine(
                "Bandwidth: the share of those GB/s at which concept steps read weights; reuse: of the compute graph;\n" +
                "bytes: managed memory a step takes.");
        }

        foreach (var doubt in report.Rows.Where(row => row.Doubt is not null).GroupBy(row => row.Doubt!))
        {
            string rows = string.Join("; ", doubt.Select(row => $"{row.Strategy}, {row.Batch} at once"));
            TraceTable.WriteField(console, "not to be trusted", $"{rows}: {doubt.Key}");
        }
    }

    private static int Fitting(int width, IReadOnlyList<StepBenchRow> rows)
    {
        int count = s_columns.Length;
        while (count > 5 && Terminal.Overhead(count) + s_columns.Take(count).Sum(
            column => Math.Max(column.Heading.Length, rows.Max(row => column.Cell(row).Length))) > width)
        {
            count--;
        }

        return count;
    }

    private static string Share(double? share) => share is null ? "" : Number(100 * share.Value, "F0") + "%";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
