namespace GgufConcepts.Cli.Arguments;

/// <summary>Looks at the place of a file to be written, before the work whose result it is to hold.</summary>
internal static class OutputFile
{
    /// <summary>Refuses a place where no file can be written.</summary>
    /// <param name="what">What the file is to hold: <c>trace</c>, <c>report</c>.</param>
    /// <param name="path">The place, as it was given.</param>
    public static void Check(string what, string path)
    {
        if (path.Length == 0 || Directory.Exists(path) || !Directory.Exists(Folder(path)))
        {
            throw new ConceptInputException($"Cannot write the {what} to '{path}': name a file in a folder that exists.");
        }

        if (!File.Exists(path)) // one that is there may be a pipe, which opening would end
        {
            TryCreate(what, path);
        }
    }

    private static void TryCreate(string what, string path)
    {
        try
        {
            using FileStream attempt = new($"{path}.{Guid.NewGuid():N}.tmp", new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Options = FileOptions.DeleteOnClose,
            });
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new ConceptInputException(
                $"Cannot write the {what} to '{path}': its folder takes no new files; choose another.", problem);
        }
    }

    private static string Folder(string path) => Path.GetDirectoryName(Path.GetFullPath(path)) ?? path;
}
