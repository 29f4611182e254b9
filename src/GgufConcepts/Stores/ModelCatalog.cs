using System.Text.Json;

namespace GgufConcepts.Stores;

/// <summary>A model the catalog knows.</summary>
public sealed record CatalogEntry
{
    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>Its file, beside the catalog where it travels with the program.</summary>
    public required string File { get; init; }

    /// <summary>Bytes of the file; null where that is not known before it is pulled.</summary>
    public long? Bytes { get; init; }

    /// <summary>SHA-256 of the file, 64 hexadecimal digits; null where that is not known before it is pulled.</summary>
    public string? Sha256 { get; init; }

    /// <summary>One line about it.</summary>
    public string Description { get; init; } = "";

    /// <summary>Where it can be had, a <see cref="ModelReference"/>; null where it travels along.</summary>
    public string? Source { get; init; }
}

/// <summary>The models known by name: <c>models/catalog.json</c>, with those that travel along beside it.</summary>
public sealed class ModelCatalog
{
    /// <summary>What people call the place of the models that travel along.</summary>
    public const string StoreName = "travels along";

    private readonly string? _folder;

    private ModelCatalog(string? folder, IReadOnlyList<CatalogEntry> entries)
    {
        _folder = folder;
        Entries = entries;
    }

    /// <summary>All models, the default one first.</summary>
    public IReadOnlyList<CatalogEntry> Entries { get; }

    /// <summary>The catalog in <c>models</c> beside the program or in a folder above it; where there is none, the models of
    /// it that can be had elsewhere.</summary>
    /// <exception cref="ConceptInputException">It is there and cannot be read.</exception>
    public static ModelCatalog Find()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string folder = Path.Combine(at.FullName, "models");
            if (File.Exists(Path.Combine(folder, "catalog.json")))
            {
                return Read(folder);
            }
        }

        return WithoutFolder();
    }

    /// <summary>The path of something that lies beside the catalog.</summary>
    /// <exception cref="ConceptInputException">There is no catalog.</exception>
    public string PathOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _folder is not null
            ? Path.Combine(_folder, name)
            : throw new ConceptInputException(
                $"The folder 'models' with {name} is not beside this program; use a clone, the tool or the archive.");
    }

    /// <summary>What every program knows that has this assembly: names, and where their models can be had.</summary>
    internal static ModelCatalog WithoutFolder()
    {
        using Stream file = typeof(ModelCatalog).Assembly.GetManifestResourceStream("catalog.json")!;
        using JsonDocument document = JsonDocument.Parse(file);
        return new ModelCatalog(
            null,
            [.. document.RootElement.GetProperty("models").EnumerateArray().Select(ReadEntry).Where(entry => entry.Source is not null)]);
    }

    private static ModelCatalog Read(string folder)
    {
        string path = Path.Combine(folder, "catalog.json");
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.GetProperty("schema").GetInt32() == 1
                ? new ModelCatalog(folder, [.. document.RootElement.GetProperty("models").EnumerateArray().Select(ReadEntry)])
                : throw new ConceptInputException($"{path} is no catalog of schema 1; restore it.");
        }
        catch (Exception problem) when (problem is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException or IOException or UnauthorizedAccessException)
        {
            throw new ConceptInputException(
                $"{path} cannot be read: {problem.Message.ReplaceLineEndings(" ")} Restore it.", problem);
        }
    }

    // By hand: every start reads the catalog, and setting a serializer up takes far longer than that.
    private static CatalogEntry ReadEntry(JsonElement entry) => new()
    {
        Name = Text(entry.GetProperty("name")),
        File = Text(entry.GetProperty("file")),
        Bytes = entry.TryGetProperty("bytes", out JsonElement bytes) ? bytes.GetInt64() : null,
        Sha256 = entry.TryGetProperty("sha256", out JsonElement sha256) ? Text(sha256) : null,
        Description = entry.TryGetProperty("description", out JsonElement description) ? Text(description) : "",
        Source = entry.TryGetProperty("source", out JsonElement source) ? Text(source) : null,
    };

    private static string Text(JsonElement value) =>
        value.GetString() ?? throw new JsonException("A text is null where one is needed.");
}
