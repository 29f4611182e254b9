namespace GgufConcepts.Stores;

/// <summary>Reading folders that other programs keep.</summary>
internal static class StoreFolder
{
    private static readonly EnumerationOptions s_everything = new()
    {
        IgnoreInaccessible = true,
        RecurseSubdirectories = true,
        MaxRecursionDepth = 6,
        AttributesToSkip = FileAttributes.None, // ~/.cache is hidden, and snapshots are links
    };

    private static readonly EnumerationOptions s_here = new()
    {
        IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.None,
    };

    /// <summary>The files below a folder, each relative to it and with forward slashes, in order; none where there is no
    /// such folder.</summary>
    public static IReadOnlyList<string> FilesBelow(string folder) => Names(folder, () =>
        Directory.EnumerateFiles(folder, "*", s_everything).Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/')));

    /// <summary>The names of the files in a folder.</summary>
    public static IReadOnlyList<string> Files(string folder) =>
        Names(folder, () => Directory.EnumerateFiles(folder, "*", s_here).Select(path => Path.GetFileName(path)));

    /// <summary>The names of the folders in a folder.</summary>
    public static IReadOnlyList<string> Folders(string folder) =>
        Names(folder, () => Directory.EnumerateDirectories(folder, "*", s_here).Select(path => Path.GetFileName(path)));

    /// <summary>When a folder changed last; long ago where that cannot be told.</summary>
    public static DateTime WrittenAt(string folder)
    {
        try
        {
            return Directory.GetLastWriteTimeUtc(folder);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return DateTime.MinValue;
        }
    }

    /// <summary>The one line of a small file; null where it cannot be read.</summary>
    public static string? Line(string path) => Read(path, File.ReadAllText)?.Trim();

    /// <summary>What a small file holds; null where it cannot be read.</summary>
    public static T? Read<T>(string path, Func<string, T> read)
        where T : class
    {
        try
        {
            return File.Exists(path) && new FileInfo(path).Length <= MostBytes ? read(path) : null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private const long MostBytes = 4 << 20;

    private static string[] Names(string folder, Func<IEnumerable<string>> list)
    {
        try
        {
            return Directory.Exists(folder) ? [.. list().Order(StringComparer.Ordinal)] : [];
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
