using System.Globalization;
using System.Text;
using GgufConcepts.Evaluation.Questions;
using GgufConcepts.Models;

namespace GgufConcepts.Evaluation;

/// <summary>What came out of <c>eval</c> as Markdown, for papers and issues.</summary>
public static class EvalMarkdown
{
    private static readonly (string, bool)[] s_rowColumns =
    [
        ("asked", false), ("fed back", false), ("result", true), ("95% interval", true), ("published", true), ("items", true),
        ("steps", true), ("ms/item", true),
    ];

    private static readonly (string, bool)[] s_questionColumns =
    [
        ("strategy", false), ("pass@1", true), ("95% interval", true), ("right", true), ("no answer", true), ("steps", true),
        ("answer tokens", true), ("ms/item", true), ("gained", true), ("lost", true), ("p", true),
    ];

    /// <summary>The rows of a task.</summary>
    public static string Write(string task, ModelInfo model, IReadOnlyList<EvalRow> rows)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rows);
        return $"`eval {task}`, {Name(model)}:\n\n" + MarkdownTable.Write(s_rowColumns, [.. rows.Select(row => (string[])
        [
            row.Measure == EvalRow.Accuracy ? row.Part : $"{row.Part}: {row.Measure}",
            row.Strategy,
            row.Items == 0 ? "none" : row.Measure == EvalRow.Accuracy ? Percent(row.Value) : Number(row.Value, "F3"),
            Range(row.Interval),
            row.Published is { } share ? Percent(share) : "",
            Whole(row.Items),
            row.Steps is { } steps ? Number(steps, "F1") : "",
            Number(row.MillisecondsPerItem, "F1"),
        ])]);
    }

    /// <summary>The strategies of a question file side by side, and how the figures were made.</summary>
    public static string Write(
        QuestionSet set, QuestionOptions options, ModelInfo model, IReadOnlyList<StrategySummary> strategies)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(strategies);
        string table = MarkdownTable.Write(s_questionColumns, [.. strategies.Select(strategy => (string[])
        [
            strategy.Strategy,
            Percent(strategy.Accuracy),
            Range(strategy.Interval),
            $"{Whole(strategy.Right)}/{Whole(strategy.Items)}",
            strategy.Failures.Count == 0
                ? "0"
                : string.Join(", ", strategy.Failures.Select(failure => $"{Whole(failure.Value)} {failure.Key}")),
            Number(strategy.Steps, "F1"),
            Number(strategy.AnswerTokens, "F1"),
            Number(strategy.MillisecondsPerItem, "F1"),
            strategy.Paired is { } gained ? Whole(gained.Gained) : "",
            strategy.Paired is { } lost ? Whole(lost.Lost) : "",
            strategy.Paired is { } paired ? PValue(paired.P) : "",
        ])]);
        string control = strategies.FirstOrDefault(strategy => strategy.Paired is not null)?.Paired?.Control is { } label
            ? $" Gained and lost: right with this strategy alone, with `{label}` alone; p: McNemar, exact, two-sided."
            : "";
        return $"{Name(model)}; {MarkdownTable.Escape(Path.GetFileName(set.Path))} ({set.Form.Name}, " +
            $"{Whole(set.Questions.Count)} questions, SHA-256 {set.Sha256[..12]}); seed {options.Seed.ToString(CultureInfo.InvariantCulture)}.\n\n{table}\n" +
            "pass@1: one attempt a question, with Wilson's 95% interval. No answer: none could be found in what was said; " +
            $"counted as wrong.{control}\n";
    }

    /// <summary>Writes a text to a file, whole or not at all.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Save(string path, string markdown)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(markdown);
        byte[] bytes = Encoding.UTF8.GetBytes(markdown);
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    /// <summary>A p-value in three places; below them, that it is.</summary>
    public static string PValue(double p) => p < 0.001 ? "< 0.001" : Number(p, "F3");

    /// <summary>An interval of shares in per cent, such as <c>68.7-73.6%</c>; empty for none.</summary>
    public static string Range(Interval? interval) =>
        interval is { } known ? $"{Number(100 * known.Low, "F1")}-{Number(100 * known.High, "F1")}%" : "";

    private static string Name(ModelInfo model) =>
        $"{MarkdownTable.Escape(model.Name)}, {MarkdownTable.Escape(Path.GetFileName(model.Path))}";

    private static string Percent(double share) => Number(100 * share, "F1") + "%";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);
}
