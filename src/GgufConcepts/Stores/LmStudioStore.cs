namespace GgufConcepts.Stores;

/// <summary>LM Studio's models: <c>publisher/model/file.gguf</c>.</summary>
/// <param name="folder">The folder of publishers.</param>
public sealed class LmStudioStore(string folder) : IModelStore
{
    private readonly string _folder = folder ?? throw new ArgumentNullException(nameof(folder));

    /// <inheritdoc/>
    public string Name => "LM Studio";

    /// <inheritdoc/>
    public IEnumerable<StoredModel> List() =>
        from publisher in StoreFolder.Folders(_folder)
        from called in StoreFolder.Folders(Path.Combine(_folder, publisher))
        from file in StoreFolder.FilesBelow(Path.Combine(_folder, publisher, called))
        where GgufFileName.BeginsModel(file)
        let path = Path.Combine(_folder, publisher, called, file)
        let model = StoredModel.At($"lmstudio:{publisher}/{called}/{file}", Name, path)
        where model is not null
        select model;

    /// <inheritdoc/>
    public StoredModel? Find(ModelReference reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        if (reference is not ModelReference.LmStudio wanted)
        {
            return null;
        }

        string at = Path.Combine(_folder, wanted.Publisher, wanted.Model);
        string? file = wanted.File ?? GgufFileName.Choose(StoreFolder.FilesBelow(at), quantisation: null);
        return file is null ? null : StoredModel.At(wanted.ToString(), Name, Path.Combine(at, file));
    }
}
