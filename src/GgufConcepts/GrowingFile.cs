namespace GgufConcepts;

/// <summary>Files of results that grow line by line, of one run at a time.</summary>
internal static class GrowingFile
{
    // elsewhere than on Windows only a file that is shared with nobody is locked at all; other programs may still look
    private static readonly FileShare s_share = OperatingSystem.IsWindows() ? FileShare.Read : FileShare.None;

    /// <summary>Opens a file to read what it holds and to add to it, or makes it.</summary>
    /// <exception cref="ConceptInputException">It cannot be written, or another run writes to it.</exception>
    public static FileStream Open(string path)
    {
        try
        {
            FileStream stream = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, s_share, bufferSize: 0);
            return stream.CanSeek ? stream : throw new IOException("It is no file that can be read again.");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new ConceptInputException(
                $"Cannot write results to '{path}': {problem.Message.ReplaceLineEndings(" ")} Name a file in a folder that exists, " +
                "which no other run is writing to, and which is not another name (a hard link) of a file that is read here.", problem);
        }
    }
}
