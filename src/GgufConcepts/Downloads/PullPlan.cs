using GgufConcepts.Stores;

namespace GgufConcepts.Downloads;

/// <summary>What a pull will fetch, to be shown before it does.</summary>
public sealed class PullPlan
{
    internal PullPlan(ModelReference.HuggingFace reference, HubRepository repository, IReadOnlyList<PullFile> files)
    {
        Reference = reference;
        Repository = repository;
        Files = files;
    }

    /// <summary>What was asked for.</summary>
    public ModelReference.HuggingFace Reference { get; }

    /// <summary>The model's files, of a split model all parts in order.</summary>
    public IReadOnlyList<PullFile> Files { get; }

    /// <summary>The commit they are of, 40 hexadecimal digits.</summary>
    public string Commit => Repository.Commit;

    /// <summary>Bytes of all files.</summary>
    public long Bytes => Files.Sum(file => file.Bytes);

    /// <summary>Bytes that are still to come.</summary>
    public long Missing => Files.Sum(file => file.Missing);

    internal HubRepository Repository { get; }
}

/// <summary>A file of a <see cref="PullPlan"/>.</summary>
/// <param name="Path">In its repository, with forward slashes.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Missing">Bytes that are still to come.</param>
/// <param name="Tag">What the hub knows its content by: its SHA-256, 64 hexadecimal digits.</param>
public sealed record PullFile(string Path, long Bytes, long Missing, string Tag);

/// <summary>How far a pull is.</summary>
/// <param name="Done">Bytes that are here.</param>
/// <param name="Bytes">Bytes of all files.</param>
/// <param name="Waiting">Whether another program is fetching the same file, and this one waits for it.</param>
public readonly record struct PullProgress(long Done, long Bytes, bool Waiting);
