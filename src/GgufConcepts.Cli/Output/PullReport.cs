using System.Diagnostics;
using System.Globalization;
using GgufConcepts.Downloads;

namespace GgufConcepts.Cli.Output;

/// <summary>The line that shows a download: share, size, rate, time left.</summary>
internal sealed class PullReport(ProgressLine line, string name) : IProgress<PullProgress>
{
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(5); // over which the rate is taken

    private readonly Lock _lock = new(); // parts report from several threads
    private readonly Queue<(long Time, long Done)> _marks = [];

    public void Report(PullProgress value)
    {
        lock (_lock)
        {
            long now = Stopwatch.GetTimestamp();
            _marks.Enqueue((now, value.Done));
            while (_marks.Count > 2 && Stopwatch.GetElapsedTime(_marks.Peek().Time, now) > s_window)
            {
                _marks.Dequeue();
            }

            line.Show(value.Waiting ? $"{name}: another program is fetching it; waiting" : Describe(value, now));
        }
    }

    private string Describe(PullProgress value, long now)
    {
        (long time, long done) = _marks.Peek();
        double seconds = Stopwatch.GetElapsedTime(time, now).TotalSeconds;
        double rate = seconds > 0.5 ? Math.Max(0, value.Done - done) / seconds : 0;
        string left = rate > 0 ? $", {ByteSize.Text((long)rate)}/s, {TimeSpan.FromSeconds((value.Bytes - value.Done) / rate):h\\:mm\\:ss} left" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {(double)value.Done / value.Bytes:P0} of {ByteSize.Text(value.Bytes)}{left}");
    }
}
