namespace GgufConcepts.Testing;

/// <summary>The models that travel with the repository, where they lie in it.</summary>
public static class CommittedModels
{
    /// <summary>The repository's folder <c>models</c>.</summary>
    public static string Folder { get; } = FindFolder();

    /// <summary>Path of a file in it.</summary>
    public static string Path(string name) => System.IO.Path.Combine(Folder, name);

    private static string FindFolder()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string folder = System.IO.Path.Combine(at.FullName, "models");
            if (File.Exists(System.IO.Path.Combine(folder, "catalog.json")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} has models/catalog.json.");
    }
}
