using System.Diagnostics;
using System.Text.RegularExpressions;

namespace GgufConcepts.Hosting.Running;

/// <summary>How often a model's process ended in a row without having done anything: after the third time its file is not
/// tried again until it changes.</summary>
/// <remarks>One caller at a time.</remarks>
internal sealed partial class CrashRecord
{
    /// <summary>After so many in a row a file is not tried again.</summary>
    public const int Most = 3;

    private static readonly TimeSpan s_memory = TimeSpan.FromMinutes(10); // those that are further apart are not in a row

    private (string Path, long Length, DateTime Written) _file;
    private int _inARow;
    private long _last;

    /// <summary>How many there were in a row.</summary>
    public int InARow => _inARow;

    /// <summary>Time to wait before the next try.</summary>
    public TimeSpan BackOff => _inARow < 2 ? TimeSpan.Zero : TimeSpan.FromSeconds(_inARow - 1);

    /// <summary>A process ended.</summary>
    /// <param name="path">The model's file, absolute; of a split one any part.</param>
    /// <param name="hadWorked">Whether it had done something since it was started.</param>
    public void Add(string path, bool hadWorked)
    {
        (string, long, DateTime) file = Identify(path);
        _inARow = hadWorked || file != _file || Stopwatch.GetElapsedTime(_last) > s_memory ? 1 : _inARow + 1;
        _last = Stopwatch.GetTimestamp();
        _file = file;
    }

    /// <summary>Whether a file is not to be tried.</summary>
    /// <param name="path">The model's file.</param>
    public bool IsBad(string path) => _inARow >= Most && Identify(path) == _file;

    /// <summary>Tells a model's files from others, and from what they were: all parts of a model that was split.</summary>
    private static (string Path, long Length, DateTime Written) Identify(string path)
    {
        string folder = Path.GetDirectoryName(path)!, name = Path.GetFileName(path);
        string alike = Part().Replace(name, match => $"-?????-of-{match.Groups[1]}.gguf");
        try
        {
            (long, DateTime)[] files = [.. (alike == name ? [path] : Directory.GetFiles(folder, alike)).Select(Look)];
            return (Path.Combine(folder, alike), files.Sum(file => file.Item1), files.Max(file => file.Item2));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return (path, -1, default); // there is none, or a link leads nowhere
        }
    }

    private static (long Length, DateTime Written) Look(string path)
    {
        FileInfo file = new(path);
        file = file.LinkTarget is null ? file : (FileInfo)file.ResolveLinkTarget(returnFinalTarget: true)!;
        return (file.Length, file.LastWriteTimeUtc);
    }

    [GeneratedRegex(@"-\d{5}-of-(\d{5})\.gguf$", RegexOptions.CultureInvariant)]
    private static partial Regex Part();
}
