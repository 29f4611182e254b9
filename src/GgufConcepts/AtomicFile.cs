namespace GgufConcepts;

/// <summary>Files that are there whole or not at all.</summary>
internal static class AtomicFile
{
    /// <summary>Writes under a temporary name beside the target, then renames; on failure the target is as it
    /// was.</summary>
    /// <remarks>A link stays a link: the file it leads to is written. A pipe or a device cannot be put in place by a
    /// rename,
    /// which would remove it from the system; it is written to, and so is an empty file, which has nothing to
    /// lose.</remarks>
    public static void Write(string path, Action<Stream> write)
    {
        FileInfo target = new(path);
        if (target.LinkTarget is not null && target.ResolveLinkTarget(returnFinalTarget: true) is FileInfo linked)
        {
            target = linked; // what /dev/stdout leads to may have no name at all
        }

        if (File.Exists(path) && (!target.Exists || target.Length == 0))
        {
            WriteInPlace(path, write);
        }
        else
        {
            Replace(target.FullName, write);
        }
    }

    private static void WriteInPlace(string path, Action<Stream> write)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 1 << 16);
        try
        {
            write(stream);
            stream.Flush();
        }
        catch when (stream.CanSeek)
        {
            stream.SetLength(0);
            throw;
        }
    }

    private static void Replace(string path, Action<Stream> write)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // the first problem is the one to report
        }
    }
}
