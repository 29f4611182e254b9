namespace GgufConcepts;

/// <summary>A file grows longer than its file system, or a limit of the process, lets it (EFBIG; on FAT32 beyond 4 GiB): .NET says
/// that an argument is out of range.</summary>
internal static class FileTooLong
{
    /// <summary>Runs what writes, with the exception that one would expect.</summary>
    /// <exception cref="IOException">The file would have become too long, or could not be written for another
    /// reason.</exception>
    public static void Guard(Action write)
    {
        try
        {
            write();
        }
        catch (ArgumentOutOfRangeException problem) when (IsMeant(problem))
        {
            throw Describe(problem);
        }
    }

    /// <summary>Whether an exception is that one.</summary>
    public static bool IsMeant(ArgumentOutOfRangeException problem) => problem is { ParamName: "value", ActualValue: null };

    /// <summary>The exception that one would expect.</summary>
    public static IOException Describe(Exception problem) => new("The file system takes no file that long.", problem);
}
