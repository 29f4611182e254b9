using System.Text;
using GgufConcepts.Native;

namespace GgufConcepts.Hosting.Isolation;

/// <summary>What a process writes to standard error: passed on line by line, the last of it kept for when it ends.</summary>
internal sealed class LastLines
{
    private const int Kept = 32;
    private const int Longest = 1000; // characters of a line; the rest of one is left out

    private readonly Queue<string> _lines = [];
    private readonly Action<string> _log;
    private readonly Task _reading;

    /// <param name="error">The process' standard error.</param>
    /// <param name="log">Told each line.</param>
    public LastLines(TextReader error, Action<string> log)
    {
        _log = log;
        _reading = Task.Run(() => ReadAsync(error));
    }

    /// <summary>The line that says why a process ended; empty where none does.</summary>
    /// <param name="orLast">Whether the last line will do, whatever it says.</param>
    /// <param name="limit">How long to wait for the last of it.</param>
    public string FindReason(bool orLast, TimeSpan limit)
    {
        Task.WaitAny([_reading], limit);
        lock (_lines)
        {
            return _lines.LastOrDefault(SaysWhy) ?? (orLast ? _lines.LastOrDefault() : null) ?? "";
        }
    }

    /// <summary>llama.cpp's own last words, a C++ exception's, or a .NET one's.</summary>
    private static bool SaysWhy(string line) =>
        line.StartsWith(LastWords.Prefix, StringComparison.Ordinal) || line.Contains("what():", StringComparison.Ordinal)
        || line.Contains("Exception", StringComparison.Ordinal);

    /// <summary>Reads to the end, whatever comes: a process whose words nobody takes would wait for that.</summary>
    private async Task ReadAsync(TextReader error)
    {
        using TextReader owned = error;
        char[] block = new char[4096];
        StringBuilder line = new();
        try
        {
            for (int count; (count = await error.ReadAsync(block).ConfigureAwait(false)) > 0;)
            {
                foreach (char letter in block.AsMemory(0, count).ToArray())
                {
                    if (letter == '\n')
                    {
                        Add(line.ToString());
                        line.Clear();
                    }
                    else if (letter != '\r' && line.Length < Longest)
                    {
                        line.Append(letter);
                    }
                }
            }
        }
        catch (Exception problem) when (problem is IOException or ObjectDisposedException)
        {
            // it has ended
        }

        Add(line.ToString());
    }

    private void Add(string line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        lock (_lines)
        {
            _lines.Enqueue(line);
            if (_lines.Count > Kept)
            {
                _lines.Dequeue();
            }
        }

        try
        {
            _log(line);
        }
        catch (Exception)
        {
            // a log that fails is no reason to hear no more
        }
    }
}
