using GgufConcepts.Stores;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Stores;

/// <summary>A home folder in which stores are laid out as their owners do. The models are a few bytes of text.</summary>
internal sealed class StoreLayout : IDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly TempFolder _home = new();
    private readonly Dictionary<string, string> _variables = [];

    public string Home => _home.Path;

    public IReadOnlyList<IModelStore> Stores => ModelStores.From(_variables.GetValueOrDefault, Home);

    public void Set(string variable, string value) => _variables[variable] = value;

    /// <summary>The path of something below the home folder.</summary>
    public string At(params string[] parts) => Path.Combine([Home, .. parts]);

    public string Write(string path, string content = "model")
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>A file in a hub cache: a blob, a link to it in the snapshot, and the branch that names the snapshot.</summary>
    public string WriteHubFile(string hub, string repository, string file, string commit = Commit, string? branch = "main")
    {
        string folder = Path.Combine(hub, "models--" + repository.Replace("/", "--", StringComparison.Ordinal));
        string blob = Write(Path.Combine(folder, "blobs", $"{repository}{file}".GetHashCode(StringComparison.Ordinal).ToString("x8", null)));
        string path = Path.Combine([folder, "snapshots", commit, .. file.Split('/')]);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.CreateSymbolicLink(path, Path.GetRelativePath(Path.GetDirectoryName(path)!, blob));
        if (branch is not null)
        {
            Write(Path.Combine([folder, "refs", .. branch.Split('/')]), commit);
        }

        return path;
    }

    public void Dispose() => _home.Dispose();
}
