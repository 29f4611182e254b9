using System.Globalization;
using GgufConcepts.Evaluation.Questions;

namespace GgufConcepts.Cli.Output;

/// <summary>How far a run over a question file is, in one line: a bar, answers, accuracy by strategy, time
/// left.</summary>
internal sealed class EvalBar(ProgressLine line, int count)
{
    private const int Cells = 20;
    private const int LabelWidth = 24;

    private readonly Dictionary<string, (int Right, int Done)> _strategies = [];
    private double _milliseconds;
    private int _done;

    /// <summary>Counts a result and shows the line.</summary>
    public void Add(QuestionResult result)
    {
        (int right, int done) = _strategies.GetValueOrDefault(result.Strategy);
        _strategies[result.Strategy] = (right + (result.Right ? 1 : 0), done + 1);
        _milliseconds += result.Milliseconds;
        _done++;
        line.Show(Describe((Console.IsOutputRedirected ? 80 : Math.Max(20, Console.WindowWidth)) - 1));
    }

    /// <summary>The line; of the accuracies those that fit.</summary>
    public string Describe(int width)
    {
        int full = count > 0 ? _done * Cells / count : Cells;
        string bar = $"{new string('█', full)}{new string('·', Cells - full)}";
        TimeSpan left = TimeSpan.FromMilliseconds(_milliseconds / Math.Max(1, _done) * (count - _done));
        string time = left.TotalHours >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(int)left.TotalHours}:{left.Minutes:D2}:{left.Seconds:D2} left")
            : string.Create(CultureInfo.InvariantCulture, $"{left.Minutes}:{left.Seconds:D2} left");
        return Visible.Fit(
            [
                bar,
                string.Create(CultureInfo.InvariantCulture, $"{_done}/{count}"),
                time,
                .. _strategies.Select(strategy => string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Visible.Cut(strategy.Key, LabelWidth)} {100.0 * strategy.Value.Right / strategy.Value.Done:F0}%")),
            ],
            width);
    }
}
