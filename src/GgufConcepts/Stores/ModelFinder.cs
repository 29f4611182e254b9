namespace GgufConcepts.Stores;

/// <summary>A model that was found.</summary>
/// <param name="Path">Its file, of a split model the first.</param>
/// <param name="Store">Where it lies; null for a plain path.</param>
/// <param name="AlsoIn">Other places that have one under the same name.</param>
public sealed record FoundModel(string Path, string? Store, IReadOnlyList<StoredModel> AlsoIn);

/// <summary>Finds the file that <c>--model</c> means, on this machine alone: no network.</summary>
/// <param name="catalog">The models known by name.</param>
/// <param name="stores">Where else to look, in this order.</param>
public sealed class ModelFinder(ModelCatalog catalog, IReadOnlyList<IModelStore> stores)
{
    private readonly ModelCatalog _catalog = catalog ?? throw new ArgumentNullException(nameof(catalog));
    private readonly IReadOnlyList<IModelStore> _stores = stores ?? throw new ArgumentNullException(nameof(stores));

    /// <summary>That of this program and this machine.</summary>
    public static ModelFinder OfThisMachine() => new(ModelCatalog.Find(), ModelStores.OfThisMachine());

    /// <summary>All models of all stores; those that travel along are in the catalog.</summary>
    public IEnumerable<StoredModel> List() => _stores.SelectMany(store => store.List());

    /// <summary>The file that a name means.</summary>
    /// <param name="model">A path, an alias or another <see cref="ModelReference"/>; null for the model that travels along
    /// first.</param>
    /// <returns>For a path that is no folder just that path: whether a file is there is for the one who opens it to
    /// see.</returns>
    /// <exception cref="ConceptInputException">The name is none, or there is no such model here.</exception>
    public FoundModel Find(string? model)
    {
        if (model is not null && File.Exists(model))
        {
            return new FoundModel(model, null, []);
        }

        return model is null ? Default()
            : Directory.Exists(model) ? In(model)
            : ModelReference.Parse(model) switch
            {
                ModelReference.OnDisk path => new FoundModel(path.Path, null, []),
                ModelReference.Alias alias => Named(alias.Name),
                ModelReference reference => Stored(reference, reference, get: reference is ModelReference.HuggingFace),
            };
    }

    private FoundModel Default() => _catalog.Entries.FirstOrDefault(entry => entry.Source is null) is { } first
        ? new FoundModel(_catalog.PathOf(first.File), ModelCatalog.StoreName, [])
        : throw new ConceptInputException("No model travels with this program; name a GGUF file with --model.");

    private FoundModel Named(string name)
    {
        CatalogEntry entry = _catalog.Entries.FirstOrDefault(entry => entry.Name == name)
            ?? throw new ConceptInputException(
                $"'{name}' is neither a file nor a name known here; known are " +
                $"{string.Join(", ", _catalog.Entries.Select(known => known.Name))}, and hf:org/repo, ollama:name, " +
                "lmstudio:publisher/model.");
        return entry.Source is null
            ? new FoundModel(_catalog.PathOf(entry.File), ModelCatalog.StoreName, [])
            : Stored(new ModelReference.Alias(name), ModelReference.Parse(entry.Source), get: true);
    }

    private FoundModel Stored(ModelReference asked, ModelReference reference, bool get)
    {
        StoredModel[] found = [.. _stores.Select(store => store.Find(reference)).OfType<StoredModel>()];
        return found is [StoredModel first, ..]
            ? new FoundModel(first.Path, first.Store, found[1..])
            : throw new ConceptInputException(get
                ? $"{asked} is not on this machine; get it with: ggufconcepts models pull {asked}"
                : $"{asked} is not on this machine; 'models list' shows what is.");
    }

    private static FoundModel In(string folder)
    {
        string[] models = [.. StoreFolder.Files(folder).Where(file => GgufFileName.BeginsModel(file))];
        return models switch
        {
            [string only] => new FoundModel(Path.Combine(folder, only), null, []),
            [] => throw new ConceptInputException($"{folder} holds no .gguf file of a model; name a file or another folder."),
            _ => throw new ConceptInputException($"{folder} holds {models.Length} models; name one: {string.Join(", ", models)}."),
        };
    }
}
