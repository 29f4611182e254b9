using System.Diagnostics;
using System.Globalization;
using GgufConcepts.Batches;

namespace GgufConcepts.Cli.Output;

/// <summary>How far a batch is, in one line: a bar, results, failures, rate, time left.</summary>
internal sealed class BatchBar(ProgressLine line, Batch batch)
{
    private const int Cells = 20;

    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>What it took so far.</summary>
    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>Shows the line.</summary>
    public void Show()
    {
        lock (line)
        {
            line.Show(Describe(
                batch.Count, batch.Done, batch.DoneBefore, batch.Failed, _clock.Elapsed,
                (Console.IsOutputRedirected ? 80 : Math.Max(20, Console.WindowWidth)) - 1));
        }
    }

    /// <summary>The line; of its parts those that fit.</summary>
    public static string Describe(int count, int done, int before, int failed, TimeSpan elapsed, int width)
    {
        int full = (int)((long)done * Cells / count);
        double rate = (done - before) / Math.Max(0.001, elapsed.TotalSeconds);
        TimeSpan left = TimeSpan.FromSeconds(rate > 0 ? Math.Min((count - done) / rate, 1e7) : 0);
        string time = left.TotalHours >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(int)left.TotalHours}:{left.Minutes:D2}:{left.Seconds:D2} left")
            : string.Create(CultureInfo.InvariantCulture, $"{left.Minutes}:{left.Seconds:D2} left");
        return Visible.Fit(
            [
                $"{new string('█', full)}{new string('·', Cells - full)}",
                string.Create(CultureInfo.InvariantCulture, $"{done}/{count}"),
                .. (string[])(failed > 0 ? [string.Create(CultureInfo.InvariantCulture, $"{failed} failed")] : []),
                .. (string[])(done > before ? [time, string.Create(CultureInfo.InvariantCulture, $"{rate:F1} / s")] : []),
            ],
            width);
    }
}
