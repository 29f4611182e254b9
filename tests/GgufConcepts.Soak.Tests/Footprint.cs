using System.Diagnostics;
using System.Globalization;

namespace GgufConcepts.Soak.Tests;

/// <summary>What this process takes at one moment.</summary>
/// <param name="Seconds">Since the beginning.</param>
/// <param name="Rounds">Rounds of work so far.</param>
/// <param name="Megabytes">Memory of its own in use (RssAnon): files that are mapped come and go with the page cache.</param>
/// <param name="Handles">Open files, pipes and sockets.</param>
/// <param name="Threads">Its threads.</param>
internal sealed record Footprint(double Seconds, int Rounds, double Megabytes, int Handles, int Threads)
{
    /// <summary>Measures, after everything that is garbage is gone.</summary>
    public static Footprint Measure(Stopwatch clock, int rounds)
    {
        for (int i = 0; i < 3; i++) // what a finaliser lets go of is garbage of the next time
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return new Footprint(
            clock.Elapsed.TotalSeconds,
            rounds,
            Status("RssAnon:") / 1024.0,
            Directory.GetFileSystemEntries("/proc/self/fd").Length,
            (int)Status("Threads:"));
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Seconds,7:F0} s {Rounds,7} rounds {Megabytes,8:F1} MB {Handles,5} handles {Threads,4} threads");

    private static long Status(string name) => long.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal))
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);
}
