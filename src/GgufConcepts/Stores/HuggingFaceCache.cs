namespace GgufConcepts.Stores;

/// <summary>The cache of the Hugging Face hub, which its own library and llama.cpp share:
/// <c>models--org--repo/{refs,snapshots,blobs}</c>.</summary>
/// <remarks>A snapshot's files are links to blobs, or the files themselves where a system has no links; a download
/// that is not done lies among the blobs and is in no snapshot.</remarks>
/// <param name="name">What people call it.</param>
/// <param name="folder">The folder of repositories.</param>
public sealed class HuggingFaceCache(string name, string folder) : IModelStore
{
    private readonly string _name = name ?? throw new ArgumentNullException(nameof(name));
    private readonly string _folder = folder ?? throw new ArgumentNullException(nameof(folder));

    /// <summary>The branch that a repository without one means.</summary>
    internal const string MainBranch = "main";

    private const string Prefix = "models--";

    /// <inheritdoc/>
    public string Name => _name;

    /// <summary>The folder of repositories.</summary>
    public string Folder => _folder;

    /// <inheritdoc/>
    public IEnumerable<StoredModel> List() =>
        from repository in StoreFolder.Folders(_folder)
        where repository.StartsWith(Prefix, StringComparison.Ordinal)
        let called = repository[Prefix.Length..].Replace("--", "/", StringComparison.Ordinal)
        from place in Snapshots(Path.Combine(_folder, repository), revision: null)
            .SelectMany(snapshot => StoreFolder.FilesBelow(snapshot).Select(file => (Snapshot: snapshot, File: file)))
            .Where(place => GgufFileName.BeginsModel(place.File))
            .DistinctBy(place => place.File) // as Find does: the snapshot of main first
        let model = StoredModel.At($"hf:{called}/{place.File}", _name, Path.Combine(place.Snapshot, place.File))
        where model is not null
        select model;

    /// <inheritdoc/>
    public StoredModel? Find(ModelReference reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        return reference is ModelReference.HuggingFace wanted
            ? Snapshots(FolderOf(wanted.Repository), wanted.Revision)
                .Select(snapshot => FindIn(snapshot, wanted))
                .FirstOrDefault(model => model is not null)
            : null;
    }

    /// <summary>The folder of a repository.</summary>
    internal string FolderOf(string repository) =>
        Path.Combine(_folder, Prefix + repository.Replace("/", "--", StringComparison.Ordinal));

    private StoredModel? FindIn(string snapshot, ModelReference.HuggingFace wanted)
    {
        string? file = wanted.File ?? GgufFileName.Choose(StoreFolder.FilesBelow(snapshot), wanted.Quantisation);
        return file is null ? null : StoredModel.At(wanted.ToString(), _name, Path.Combine(snapshot, file));
    }

    /// <summary>The snapshots to look in: the one that a revision means; without one that of the main branch, of any other,
    /// then the rest, newest first.</summary>
    private static IEnumerable<string> Snapshots(string repository, string? revision)
    {
        string refs = Path.Combine(repository, "refs"), snapshots = Path.Combine(repository, "snapshots");
        if (revision is not null)
        {
            return [Path.Combine(snapshots, CommitOf(refs, revision) ?? revision)];
        }

        IEnumerable<string> named = StoreFolder.FilesBelow(refs)
            .OrderByDescending(branch => branch == MainBranch)
            .Select(branch => CommitOf(refs, branch))
            .OfType<string>();
        IEnumerable<string> rest = StoreFolder.Folders(snapshots)
            .OrderByDescending(commit => StoreFolder.WrittenAt(Path.Combine(snapshots, commit)));
        return named.Concat(rest).Distinct().Select(commit => Path.Combine(snapshots, commit));
    }

    /// <summary>The commit that a branch or tag stands for here; null where nothing says so.</summary>
    private static string? CommitOf(string refs, string revision) =>
        StoreFolder.Line(Path.Combine(refs, revision)) is { Length: > 0 } commit && commit.All(char.IsAsciiHexDigit) ? commit : null;
}
