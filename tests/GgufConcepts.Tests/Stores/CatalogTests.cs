using System.Security.Cryptography;
using System.Text.Json;
using GgufConcepts.Stores;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Stores;

/// <summary>The catalog says the truth about the files beside it.</summary>
public sealed class CatalogTests
{
    private const long MostBytes = 12 << 20; // all files together, so that a clone stays small

    /// <summary>Entries whose file travels with the repository.</summary>
    public static TheoryData<string> Committed { get; } =
        [.. Entries().Where(entry => !entry.TryGetProperty("source", out _)).Select(entry => Text(entry, "name"))];

    [Theory, MemberData(nameof(Committed))]
    public void Catalog_CommittedFile_HasItsSizeAndHash(string name)
    {
        JsonElement entry = Entries().Single(entry => Text(entry, "name") == name);
        byte[] file = File.ReadAllBytes(CommittedModels.Path(Text(entry, "file")));
        Assert.Equal(entry.GetProperty("bytes").GetInt64(), file.LongLength);
        Assert.Equal(Text(entry, "sha256"), Convert.ToHexStringLower(SHA256.HashData(file)));
        Assert.Equal("MIT", Text(entry, "license"));
        Assert.NotEmpty(Text(entry, "description"));
        Assert.True(File.Exists(CommittedModels.Path(Text(entry, "recipe"))), Text(entry, "recipe"));
    }

    [Fact]
    public void Catalog_CommittedFiles_AreAllListedAndSmall()
    {
        string[] files = [.. Directory.GetFiles(CommittedModels.Folder, "*.gguf").Select(path => Path.GetFileName(path)!)];
        IEnumerable<string> listed = Entries().Where(entry => !entry.TryGetProperty("source", out _))
            .Select(entry => Text(entry, "file"));
        Assert.Equal(listed.Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
        Assert.InRange(files.Sum(file => new FileInfo(CommittedModels.Path(file)).Length), 1, MostBytes);
    }

    [Fact]
    public void Catalog_FilesToPull_HaveASourceAndAHashWhereItIsKnown()
    {
        foreach (JsonElement entry in Entries().Where(entry => entry.TryGetProperty("source", out _)))
        {
            ModelReference.HuggingFace source = Assert.IsType<ModelReference.HuggingFace>(ModelReference.Parse(Text(entry, "source")));
            Assert.Equal(Text(entry, "file"), source.File);
            if (entry.TryGetProperty("sha256", out _)) // else the hub's own word has to do
            {
                Assert.Matches("^[0-9a-f]{64}$", Text(entry, "sha256"));
            }

            Assert.NotEmpty(Text(entry, "license"));
        }

        string[] names = [.. Entries().Select(entry => Text(entry, "name"))];
        Assert.Equal(names.Distinct(StringComparer.Ordinal), names);
    }

    [Fact]
    public void WithoutFolder_TheModelsToPull_AreKnownAllTheSame()
    {
        ModelCatalog catalog = ModelCatalog.WithoutFolder();
        Assert.Contains(catalog.Entries, entry => entry.Name == "gpt2");
        Assert.All(catalog.Entries, entry => Assert.NotNull(entry.Source));
        ConceptInputException refused = Assert.Throws<ConceptInputException>(() => new ModelFinder(catalog, []).Find("atlas"));
        Assert.Contains("'atlas' is neither a file nor a name known here; known are qwen2.5-1.5b,", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Names of the models that a recipe made.</summary>
    internal static IEnumerable<string> MadeBy(string recipe) => Entries()
        .Where(entry => entry.TryGetProperty("recipe", out JsonElement named) && named.GetString() == recipe)
        .Select(entry => Text(entry, "name"));

    private static JsonElement[] Entries()
    {
        using JsonDocument catalog = JsonDocument.Parse(File.ReadAllText(CommittedModels.Path("catalog.json")));
        Assert.Equal(1, catalog.RootElement.GetProperty("schema").GetInt32());
        return [.. catalog.RootElement.GetProperty("models").Clone().EnumerateArray()];
    }

    private static string Text(JsonElement entry, string name) => entry.GetProperty(name).GetString()!;
}
