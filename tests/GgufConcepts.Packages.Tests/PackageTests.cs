using System.Text.Json;
using GgufConcepts.Testing;

namespace GgufConcepts.Packages.Tests;

/// <summary>What lies in the packages.</summary>
[Collection(nameof(PackedFeed)), Trait("Speed", "Slow")]
public sealed class PackageTests(PackedFeed feed)
{
    private const string Root = "lib/net10.0/";

    [Fact]
    public void Pack_ThisMachine_MakesThePackagesOfIt() => Assert.Superset(
        new HashSet<string>(
        [
            "GgufConcepts", "GgufConcepts.Hosting", "GgufConcepts.Nats", $"GgufConcepts.Runtime.{Programs.Rid}",
            "GgufConcepts.Tool", $"GgufConcepts.Tool.{Programs.Rid}",
        ]),
        new HashSet<string>(feed.Ids));

    [Fact]
    public void Pack_EveryPackage_HasAReadmeALicenceAndADescription() => Assert.All(feed.Ids, id =>
    {
        PackageFiles package = feed.Open(id);
        Assert.Equal("MIT", package.Says("license"));
        Assert.Equal("README.md", package.Says("readme"));
        Assert.Contains("README.md", package.Names);
        Assert.Contains("LICENSE", package.Names);
        Assert.InRange(package.Says("description")!.Length, 40, 400);
        Assert.Contains("gguf", package.Says("tags")!.Split(' '));
    });

    [Theory]
    [InlineData("nupkg")]
    [InlineData("snupkg")]
    public void Pack_EveryPackage_KeepsTheFoldersOfThisMachineToItself(string kind)
    {
        byte[] folder = System.Text.Encoding.UTF8.GetBytes(Programs.Root);
        string[] tellTales =
        [
            .. feed.Ids.Where(id => File.Exists(feed.PathOf(id, kind))).SelectMany(id => feed.Open(id, kind) is var package
                ? package.Names.Where(name => package.Bytes(name).AsSpan().IndexOf(folder) >= 0).Select(name => $"{id}: {name}")
                : []),
        ];
        Assert.Empty(tellTales);
    }

    [Fact]
    public void Library_ItsFiles_AreBothAssembliesWithDocumentationAndSymbols()
    {
        string[] assemblies = ["GgufConcepts", "GgufConcepts.Native"];

        Assert.Equal(
            assemblies.SelectMany(name => (string[])[$"{Root}{name}.dll", $"{Root}{name}.xml"]).Order(StringComparer.Ordinal),
            In(feed.Open("GgufConcepts"), Root));
        Assert.Equal(
            assemblies.Select(name => $"{Root}{name}.pdb").Order(StringComparer.Ordinal),
            In(feed.Open("GgufConcepts", "snupkg"), Root));
    }

    [Fact]
    public void Library_ItsDependencies_AreThoseOfBothAssembliesAndNoPackageThatIsNone() => Assert.Equal(
        ["Microsoft.Extensions.Logging.Abstractions", "System.Numerics.Tensors"], feed.Open("GgufConcepts").Dependencies);

    [Fact]
    public void LLamaSharp_WhereTheFeedHasIt_LeavesItsLibrariesToWhoUsesIt()
    {
        Assert.SkipUnless(feed.Ids.Contains("GgufConcepts.LLamaSharp"), "The package feed has no LLamaSharp for this machine.");
        PackageFiles package = feed.Open("GgufConcepts.LLamaSharp");

        Assert.Contains("GgufConcepts", package.Dependencies);
        Assert.Contains("LLamaSharp", package.Dependencies);
        Assert.DoesNotContain(
            package.Dependencies,
            name => name == "GgufConcepts.Native" || name.StartsWith("LLamaSharp.Backend", StringComparison.Ordinal));
        Assert.Equal([$"{Root}GgufConcepts.LLamaSharp.dll", $"{Root}GgufConcepts.LLamaSharp.xml"], In(package, Root));
        Assert.Empty(In(package, "content"));
        Assert.Empty(In(package, "runtimes"));
    }

    [Fact]
    public void Runtime_OfThisMachine_HoldsTheVeryLibrariesThatTheTestsRunOn()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "runtimes", Programs.Rid, "native");
        string[] here = [.. Directory.GetFiles(folder).Where(path => !IsGpuModule(path)).Order(StringComparer.Ordinal)];
        string inside = $"runtimes/{Programs.Rid}/native/";
        PackageFiles package = feed.Open($"GgufConcepts.Runtime.{Programs.Rid}");

        Assert.Equal(here.Select(path => inside + Path.GetFileName(path)), In(package, inside));
        Assert.All(here, path => Assert.Equal(File.ReadAllBytes(path), package.Bytes(inside + Path.GetFileName(path))));
        Assert.Empty(package.Dependencies);
        Assert.Contains("The ggml authors", package.Text("NOTICE.txt"), StringComparison.Ordinal);
    }

    [Fact]
    public void Tool_OfThisMachine_CarriesModelsLibrariesAndTheirLicences()
    {
        string root = $"tools/net10.0/{Programs.Rid}/";
        PackageFiles package = feed.Open($"GgufConcepts.Tool.{Programs.Rid}");

        string[] models = [.. Travelling()];
        Assert.NotEmpty(models);
        Assert.All(models, name => Assert.Equal(
            File.ReadAllBytes(CommittedModels.Path(name)), package.Bytes($"{root}models/{name}")));
        Assert.Equal(
            In(feed.Open($"GgufConcepts.Runtime.{Programs.Rid}"), "runtimes/").Select(name => root + name),
            In(package, $"{root}runtimes/"));

        string notices = package.Text($"{root}THIRD-PARTY-NOTICES.txt");
        using JsonDocument parts = JsonDocument.Parse(package.Text($"{root}GgufConcepts.Cli.deps.json"));
        string[] others = [.. parts.RootElement.GetProperty("libraries").EnumerateObject()
            .Where(library => library.Value.GetProperty("type").GetString() == "package")
            .Select(library => library.Name.Split('/')[0])];
        Assert.NotEmpty(others);
        Assert.All(others, name => Assert.Contains(name, notices, StringComparison.Ordinal));
    }

    private static string[] In(PackageFiles package, string folder) =>
        [.. package.Names.Where(name => name.StartsWith(folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static bool IsGpuModule(string path) =>
        Path.GetFileName(path) is string name &&
        (name.Contains("vulkan", StringComparison.Ordinal) || name.Contains("cuda", StringComparison.Ordinal));

    // What the program may look for: the catalog, the models in it that have no other source, what the tasks ask.
    private static IEnumerable<string> Travelling()
    {
        using JsonDocument catalog = JsonDocument.Parse(File.ReadAllBytes(CommittedModels.Path("catalog.json")));
        string[] models = [.. catalog.RootElement.GetProperty("models").EnumerateArray()
            .Where(model => !model.TryGetProperty("source", out _))
            .Select(model => model.GetProperty("file").GetString()!)];
        return
        [
            "catalog.json", .. models,
            .. Directory.GetFiles(CommittedModels.Path("tasks")).Select(path => $"tasks/{Path.GetFileName(path)}"),
        ];
    }
}
