using GgufConcepts.Native;

namespace GgufConcepts.Hosting.Isolation;

/// <summary>What a process writes to standard error: passed on line by line, the last of it kept for when it ends.</summary>
internal sealed class LastLines
{
    private const int Kept = 32;
    private const int Longest = 1000;

    private readonly Queue<string> _lines = [];
    private readonly Task _reading;

    /// <param name="error">The process' standard error.</param>
    /// <param name="log">Told each line.</param>
    public LastLines(StreamReader error, Action<string> log) => _reading = Task.Run(() => ReadAsync(error, log));

    /// <summary>The line that says why a process ended; empty where it said nothing.</summary>
    /// <param name="limit">How long to wait for the last of it.</param>
    public string TakeLast(TimeSpan limit)
    {
        _reading.Wait(limit);
        lock (_lines)
        {
            string[] said = [.. _lines.Where(line => !line.StartsWith("   at ", StringComparison.Ordinal) && line.Trim().Length > 0)];
            return said.LastOrDefault(SaysWhy) ?? said.LastOrDefault() ?? "";
        }
    }

    /// <summary>llama.cpp's own last words, a C++ exception's, or a .NET one's.</summary>
    private static bool SaysWhy(string line) =>
        line.StartsWith(LastWords.Prefix, StringComparison.Ordinal) || line.Contains("what():", StringComparison.Ordinal)
        || line.Contains("Exception", StringComparison.Ordinal);

    private async Task ReadAsync(StreamReader error, Action<string> log)
    {
        try
        {
            while (await error.ReadLineAsync().ConfigureAwait(false) is { } line)
            {
                line = line.Length > Longest ? $"{line[..Longest]}..." : line;
                lock (_lines)
                {
                    _lines.Enqueue(line);
                    if (_lines.Count > Kept)
                    {
                        _lines.Dequeue();
                    }
                }

                log(line);
            }
        }
        catch (Exception problem) when (problem is IOException or ObjectDisposedException)
        {
            // it has ended
        }
    }
}
