using System.Globalization;
using GgufConcepts.Evaluation;
using GgufConcepts.Evaluation.Questions;
using GgufConcepts.Models;
using Spectre.Console;

namespace GgufConcepts.Cli.Output;

/// <summary>Strategies side by side on the questions of a file, for people.</summary>
internal static class QuestionTable
{
    private const int LeastLabel = 8;

    private static readonly (string Heading, Func<StrategySummary, string> Cell)[] s_columns =
    [
        ("pass@1", strategy => Number(100 * strategy.Accuracy) + "%"),
        ("95% interval", strategy => EvalMarkdown.Range(strategy.Interval)),
        ("no answer", strategy => strategy.Failures.Values.Sum().ToString(CultureInfo.InvariantCulture)),
        ("steps", strategy => Number(strategy.Steps)),
        ("tokens", strategy => Number(strategy.AnswerTokens)),
        ("ms/item", strategy => Number(strategy.MillisecondsPerItem)),
    ];

    /// <summary>Prints the table, then what was not found and how strategies compare.</summary>
    public static void Write(
        IAnsiConsole console, ModelInfo model, QuestionSet set, int asked, IReadOnlyList<StrategySummary> strategies)
    {
        TraceTable.WriteField(console, "model", $"{model.Name}, {Path.GetFileName(model.Path)}");
        TraceTable.WriteField(console, "questions", string.Create(CultureInfo.InvariantCulture,
            $"{asked} of {set.Questions.Count} in {Path.GetFileName(set.Path)}, {set.Kind.ToString().ToLowerInvariant()}"));
        int taken = s_columns.Sum(column => Math.Max(column.Heading.Length, strategies.Max(strategy => column.Cell(strategy).Length)));
        int left = Math.Max(LeastLabel, console.Profile.Width - taken - Terminal.Overhead(s_columns.Length + 1));
        Table table = Terminal.NewTable(["strategy", .. s_columns.Select(column => column.Heading)]);
        foreach (StrategySummary strategy in strategies)
        {
            table.AddRow(
            [
                new Text(Visible.Cut(strategy.Strategy, left)),
                .. s_columns.Select(column => new Text(column.Cell(strategy)).RightJustified()),
            ]);
        }

        Terminal.Print(console, table);
        foreach (StrategySummary strategy in strategies.Where(strategy => strategy.Failures.Count > 0))
        {
            TraceTable.WriteField(console, $"no answer, {strategy.Strategy}", string.Join(
                ", ", strategy.Failures.Select(
                    failure => string.Create(CultureInfo.InvariantCulture, $"{failure.Value} {failure.Key}"))));
        }

        foreach (StrategySummary strategy in strategies)
        {
            if (strategy.Paired is { } paired)
            {
                string p = EvalMarkdown.PValue(paired.P);
                TraceTable.WriteField(console, $"{strategy.Strategy} against {paired.Control}", string.Create(
                    CultureInfo.InvariantCulture,
                    $"{paired.Gained} gained, {paired.Lost} lost of {paired.Items}; " +
                    $"p {(p[0] == '<' ? "" : "= ")}{p} (McNemar, exact)"));
            }
        }
    }

    private static string Number(double value) => value.ToString("F1", CultureInfo.InvariantCulture);
}
