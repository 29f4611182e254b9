namespace GgufConcepts.Testing;

/// <summary>A folder of its own for one test or one run, removed afterwards.</summary>
public sealed class TempFolder : IDisposable
{
    public TempFolder() => Path = Directory.CreateTempSubdirectory("ggufconcepts-").FullName;

    public string Path { get; }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // on Windows a file that is still mapped stays until the system clears its temporary folder
        }
    }
}
