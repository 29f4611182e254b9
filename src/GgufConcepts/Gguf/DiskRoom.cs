namespace GgufConcepts.Gguf;

/// <summary>Whether a file fits where it is to be written, asked before hours or gigabytes are spent on it.</summary>
internal static class DiskRoom
{
    /// <summary>Refuses a place that lacks the room. Where a disk does not say how much it has, writing will
    /// tell.</summary>
    /// <exception cref="GgufException">It does; the message says how much is missing.</exception>
    public static void Require(string path, long bytes)
    {
        if (Free(Path.GetFullPath(path)) is { } free && free < bytes)
        {
            throw new GgufException(
                $"{path}: needs {bytes} bytes and its disk has {free} left; free {bytes - free} bytes or name a place on " +
                "another disk.");
        }
    }

    private static long? Free(string path)
    {
        // Windows knows disks by their letter; elsewhere any folder stands for the disk it lies on.
        string? place = OperatingSystem.IsWindows() ? Path.GetPathRoot(path) : Path.GetDirectoryName(path);
        try
        {
            return place is null ? null : new DriveInfo(place).AvailableFreeSpace;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null; // no such folder, which writing reports, or a share
        }
    }
}
