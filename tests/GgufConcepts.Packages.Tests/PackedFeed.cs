using System.IO.Compression;
using System.Xml.Linq;
using GgufConcepts.Testing;

namespace GgufConcepts.Packages.Tests;

/// <summary>All packages, made once by <c>build.sh pack</c> in a folder of their own.</summary>
public sealed class PackedFeed : IAsyncLifetime
{
    private readonly TempFolder _folder = new();

    /// <summary>Where the feed is one of a repository: <see cref="Feed"/> is <c>artifacts/packages</c> in it.</summary>
    public string Repository => _folder.Path;

    /// <summary>The folder of packages.</summary>
    public string Feed => Path.Combine(_folder.Path, "artifacts", "packages");

    /// <summary>Where what is installed is kept, apart from the packages of whoever runs the tests.</summary>
    public string Kept => Path.Combine(_folder.Path, "kept");

    public async ValueTask InitializeAsync() => (await Programs.BuildAsync("pack", "--to", Feed)).AssertDone();

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The files of a package by name; its version is not asked for.</summary>
    public PackageFiles Open(string id, string kind = "nupkg") =>
        new(Assert.Single(Directory.GetFiles(Feed, $"{id}.*.{kind}"), path => IdOf(path) == id));

    /// <summary>Where a package is, if there is one of that kind.</summary>
    public string PathOf(string id, string kind) =>
        Directory.GetFiles(Feed, $"{id}.*.{kind}").FirstOrDefault(path => IdOf(path) == id) ?? "";

    /// <summary>The names of all packages.</summary>
    public IReadOnlyList<string> Ids => [.. Directory.GetFiles(Feed, "*.nupkg").Select(IdOf).Order(StringComparer.Ordinal)];

    private static string IdOf(string path)
    {
        string[] parts = Path.GetFileNameWithoutExtension(path).Split('.');
        return string.Join('.', parts.TakeWhile(part => !char.IsAsciiDigit(part[0])));
    }
}

/// <summary>What is in a package.</summary>
public sealed class PackageFiles
{
    private readonly Dictionary<string, byte[]> _files = [];

    public PackageFiles(string path)
    {
        using ZipArchive archive = ZipFile.OpenRead(path);
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            using Stream stream = entry.Open();
            using MemoryStream content = new();
            stream.CopyTo(content);
            _files.Add(Uri.UnescapeDataString(entry.FullName), content.ToArray());
        }
    }

    /// <summary>Their names, with folders.</summary>
    public IReadOnlyCollection<string> Names => _files.Keys;

    /// <summary>A file of it, as text.</summary>
    public string Text(string name) => System.Text.Encoding.UTF8.GetString(_files[name]);

    /// <summary>The bytes of a file.</summary>
    public byte[] Bytes(string name) => _files[name];

    /// <summary>What the package says about itself: the first element of that name.</summary>
    public string? Says(string element) => About(element).FirstOrDefault()?.Value;

    /// <summary>The packages it wants beside itself.</summary>
    public IReadOnlyList<string> Dependencies =>
        [.. About("dependency").Select(dependency => dependency.Attribute("id")!.Value).Order(StringComparer.Ordinal)];

    private IEnumerable<XElement> About(string element)
    {
        string nuspec = _files.Keys.Single(name => name.EndsWith(".nuspec", StringComparison.Ordinal));
        using MemoryStream content = new(_files[nuspec]);
        return [.. XDocument.Load(content).Descendants().Where(found => found.Name.LocalName == element)];
    }
}

/// <summary>The tests that share one feed.</summary>
[CollectionDefinition(nameof(PackedFeed))]
public sealed class PackedFeedCollection : ICollectionFixture<PackedFeed>;
