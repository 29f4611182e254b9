namespace GgufConcepts.Stores;

/// <summary>A place on this machine where some program keeps models. Only looked at: never changed, no network.</summary>
public interface IModelStore
{
    /// <summary>What people call it.</summary>
    string Name { get; }

    /// <summary>All whole models in it; none where it does not exist. What cannot be read is left out.</summary>
    IEnumerable<StoredModel> List();

    /// <summary>The model that a reference means here; null where it is no reference of this store or not here whole.</summary>
    StoredModel? Find(ModelReference reference);
}

/// <summary>A model in a store.</summary>
/// <param name="Reference">What <c>--model</c> takes for it: its name, or its path where no name can say it.</param>
/// <param name="Store">The store's name.</param>
/// <param name="Path">Its file, of a split model the first.</param>
/// <param name="Bytes">Of all its files.</param>
/// <param name="Quantisation">As its name tells; null where it does not.</param>
public sealed record StoredModel(string Reference, string Store, string Path, long Bytes, string? Quantisation)
{
    /// <summary>The model whose files lie at a path; null where one of them is missing.</summary>
    internal static StoredModel? At(string reference, string store, string path, string? quantisation = null)
    {
        IReadOnlyList<string> names = GgufFileName.AllParts(path);
        FileInfo[] parts = [.. names.Select(Resolve).OfType<FileInfo>().Where(part => part.Exists)];
        return parts.Length == names.Count
            ? new StoredModel(ModelReference.CanSay(reference) ? reference : path, store, path, parts.Sum(part => part.Length), quantisation ?? GgufFileName.QuantisationOf(path))
            : null;
    }

    // A link to nothing is there as a link.
    private static FileInfo? Resolve(string path)
    {
        FileInfo file = new(path);
        try
        {
            return file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null; // a link that leads in a circle
        }
    }
}
