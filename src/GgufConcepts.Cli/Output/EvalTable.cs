using System.Globalization;
using GgufConcepts.Evaluation;
using Spectre.Console;

namespace GgufConcepts.Cli.Output;

/// <summary>What a model made of a task, for people.</summary>
internal static class EvalTable
{
    private const int EntropiesShown = 8;

    public static void Write(IAnsiConsole console, EvalModel model)
    {
        TraceTable.WriteField(console, "model", $"{model.Model.Name} ({model.Model.Architecture}, {model.Model.EmbeddingLength} wide)");
        bool thought = model.Rows.Any(row => row.Steps is not null);
        bool published = model.Rows.Any(row => row.Published is not null);
        (string Heading, bool Number, Func<EvalRow, string> Cell)[] columns =
        [
            ("asked", false, row => row.Part),
            .. thought ? [("fed back", false, row => row.Strategy)] : Array.Empty<(string, bool, Func<EvalRow, string>)>(),
            ("result", true, Result),
            .. published ? [("published", true, row => Share(row.Published))] : Array.Empty<(string, bool, Func<EvalRow, string>)>(),
            ("items", true, row => row.Items.ToString(CultureInfo.InvariantCulture)),
            .. thought
                ? [("steps", true, row => Number(row.Steps, "F1")), ("entropy by step (nats)", false, Entropies)]
                : Array.Empty<(string, bool, Func<EvalRow, string>)>(),
            ("ms/item", true, row => Number(row.MillisecondsPerItem, "F2")),
        ];
        Table table = Terminal.NewTable([.. columns.Select(column => column.Heading)]);
        foreach (EvalRow row in model.Rows)
        {
            table.AddRow(columns.Select(column => column.Number ? new Text(column.Cell(row)).RightJustified() : new Text(column.Cell(row))));
        }

        Terminal.Print(console, table);
    }

    /// <summary>Accuracies in percent; anything else by its name.</summary>
    private static string Result(EvalRow row) =>
        row.Measure == EvalRow.Accuracy ? Share(row.Value) : $"{row.Measure} {Number(row.Value, "F3")}";

    private static string Share(double? value) => value is { } share
        ? string.Create(CultureInfo.InvariantCulture, $"{100 * share:F1}%")
        : "";

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";

    private static string Entropies(EvalRow row) => string.Join(
        ' ', row.EntropyByStep?.Take(EntropiesShown).Select(entropy => Number(entropy, "F2")) ?? []);
}
