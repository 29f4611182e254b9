namespace GgufConcepts.Stores;

/// <summary>llama.cpp's cache as it was before it took the Hugging Face layout: files named
/// <c>org_repo_file.gguf</c> in one folder.</summary>
/// <param name="folder">That folder.</param>
public sealed class FlatLlamaCache(string folder) : IModelStore
{
    private readonly string _folder = folder ?? throw new ArgumentNullException(nameof(folder));

    /// <inheritdoc/>
    public string Name => "llama.cpp's old cache";

    /// <inheritdoc/>
    public IEnumerable<StoredModel> List() =>
        from file in StoreFolder.Files(_folder)
        where GgufFileName.BeginsModel(file)
        let path = Path.Combine(_folder, file)
        let model = StoredModel.At(path, Name, path) // where the repository's name ends cannot be told
        where model is not null
        select model;

    /// <inheritdoc/>
    public StoredModel? Find(ModelReference reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        if (reference is not ModelReference.HuggingFace { Revision: null } wanted)
        {
            return null; // which revision a file is of was not kept
        }

        string prefix = wanted.Repository.Replace('/', '_') + "_";
        string? file = wanted.File is not null
            ? prefix + wanted.File.Replace('/', '_')
            : GgufFileName.Choose(
                StoreFolder.Files(_folder).Where(name => name.StartsWith(prefix, StringComparison.Ordinal)), wanted.Quantisation);
        return file is null ? null : StoredModel.At(wanted.ToString(), Name, Path.Combine(_folder, file));
    }
}
