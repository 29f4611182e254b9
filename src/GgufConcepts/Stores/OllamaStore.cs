using System.Text.Json;

namespace GgufConcepts.Stores;

/// <summary>Ollama's models: manifests that name blobs by their SHA-256.</summary>
/// <remarks>
/// <para><c>manifests-v2/host/namespace/name/tag</c> comes before <c>manifests/…</c>. In the newer tree the public
/// registry is <c>ollama.com</c> and a colon in a host is <c>%3A</c>; either tree may hold either name of that registry.</para>
/// <para>A manifest may be a list, of which the entry for llama.cpp counts, or any in the format gguf; such an entry is a
/// manifest itself, or the digest of one. The weights are the layer of type
/// <c>application/vnd.ollama.image.model</c>. (Ollama's manifest package, 2026.)</para>
/// </remarks>
/// <param name="folder">The folder that holds <c>blobs</c> and the manifests.</param>
public sealed class OllamaStore(string folder) : IModelStore
{
    private readonly string _folder = folder ?? throw new ArgumentNullException(nameof(folder));

    private const string NewTree = "manifests-v2", OldTree = "manifests";
    private const string NewPublicHost = "ollama.com";
    private const string ModelLayer = "application/vnd.ollama.image.model";
    private const string Digest = "sha256";

    private static readonly string[] s_runners = ["llamacpp", "ggml"]; // the better first

    /// <inheritdoc/>
    public string Name => "Ollama";

    /// <inheritdoc/>
    public IEnumerable<StoredModel> List() => new[] { NewTree, OldTree }
        .SelectMany(tree => StoreFolder.FilesBelow(Path.Combine(_folder, tree)))
        .Select(ReferenceOf)
        .OfType<ModelReference.Ollama>()
        .Distinct()
        .Select(Find)
        .OfType<StoredModel>();

    /// <inheritdoc/>
    public StoredModel? Find(ModelReference reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        if (reference is not ModelReference.Ollama wanted)
        {
            return null;
        }

        string? blob = PathsOf(wanted).Select(ReadManifest).FirstOrDefault(found => found is not null);
        return blob is null ? null : StoredModel.At(wanted.ToString(), Name, blob, GgufFileName.QuantisationOf($"{wanted.Tag}.gguf"));
    }

    private IEnumerable<string> PathsOf(ModelReference.Ollama wanted)
    {
        string[] hosts = wanted.Host is ModelReference.Ollama.PublicHost or NewPublicHost
            ? [NewPublicHost, ModelReference.Ollama.PublicHost]
            : [wanted.Host];
        return
            from tree in new[] { NewTree, OldTree }
            from host in hosts
            select Path.Combine(
                _folder, tree, tree == NewTree ? host.Replace(":", "%3A", StringComparison.Ordinal) : host,
                wanted.Namespace, wanted.Name, wanted.Tag);
    }

    /// <summary>What a manifest's place says it is called.</summary>
    private static ModelReference.Ollama? ReferenceOf(string path)
    {
        if (path.Split('/') is not [string host, string space, string name, string tag])
        {
            return null;
        }

        host = host.Replace("%3A", ":", StringComparison.OrdinalIgnoreCase);
        return new ModelReference.Ollama(
            host == NewPublicHost ? ModelReference.Ollama.PublicHost : host, space, name, tag);
    }

    /// <summary>The file of the weights that a manifest names; null where it cannot be read or names none.</summary>
    private string? ReadManifest(string path) => StoreFolder.Read(path, File.ReadAllBytes) is { } bytes ? ReadManifest(bytes, isChild: false) : null;

    private string? ReadManifest(byte[] bytes, bool isChild)
    {
        try
        {
            using JsonDocument manifest = JsonDocument.Parse(bytes);
            return Weights(manifest.RootElement, isChild);
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null; // not what Ollama writes
        }
    }

    private string? Weights(JsonElement manifest, bool isChild)
    {
        if (!isChild && manifest.TryGetProperty("manifests", out JsonElement children))
        {
            return children.EnumerateArray().Where(IsGguf).OrderBy(Rank).Select(Child).FirstOrDefault(found => found is not null);
        }

        return manifest.GetProperty("layers").EnumerateArray()
            .Where(layer => Text(layer, "mediaType") == ModelLayer)
            .Select(layer => BlobOf(Text(layer, "digest")))
            .FirstOrDefault(blob => blob is not null);
    }

    private string? Child(JsonElement child) => child.TryGetProperty("layers", out _)
        ? Weights(child, isChild: true)
        : BlobOf(Text(child, "digest")) is { } blob && StoreFolder.Read(blob, File.ReadAllBytes) is { } bytes
            ? ReadManifest(bytes, isChild: true)
            : null;

    private static bool IsGguf(JsonElement child) => Text(child, "format") is "gguf" || s_runners.Contains(Text(child, "runner"));

    private static int Rank(JsonElement child) => Array.IndexOf(s_runners, Text(child, "runner")) is >= 0 and int rank ? rank : s_runners.Length;

    private static string Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    /// <summary>The file of a digest: <c>sha256:</c> and 64 digits, nothing that could lead elsewhere.</summary>
    private string? BlobOf(string digest)
    {
        string hex = digest.StartsWith($"{Digest}:", StringComparison.Ordinal) ? digest[(Digest.Length + 1)..] : "";
        return hex.Length == 64 && hex.All(char.IsAsciiHexDigit)
            ? new[] { $"{Digest}-{hex}", $"{Digest}:{hex}" } // the second was written by early versions
                .Select(name => Path.Combine(_folder, "blobs", name)).FirstOrDefault(File.Exists)
            : null;
    }
}
