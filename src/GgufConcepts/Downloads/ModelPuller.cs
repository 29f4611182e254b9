using GgufConcepts.Gguf;
using GgufConcepts.Stores;

namespace GgufConcepts.Downloads;

/// <summary>Fetches models from the Hugging Face hub into its cache, where every program that knows the cache finds
/// them.</summary>
/// <remarks>
/// <para>A file comes to <c>blobs/TAG.incomplete</c>, from where the next try goes on; when all of it is there and its
/// SHA-256 is right it becomes <c>blobs/TAG</c>, then a link in <c>snapshots/COMMIT</c>; the branch in <c>refs</c> is
/// written last. So nothing half-fetched is ever taken for a model.</para>
/// <para>One program at a time fetches a file: the lock in <c>.locks</c> is the one the hub's own library takes.</para>
/// </remarks>
public sealed class ModelPuller : IDisposable
{
    private const int AtOnce = 4; // files of a split model

    private readonly HubEndpoint _endpoint;
    private readonly HuggingFaceCache _cache;
    private readonly HubClient _hub;

    /// <param name="endpoint">Which hub.</param>
    /// <param name="cache">Where to.</param>
    public ModelPuller(HubEndpoint endpoint, HuggingFaceCache cache)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(cache);
        _endpoint = endpoint;
        _cache = cache;
        _hub = new HubClient(endpoint);
    }

    /// <summary>How long the first pause is after a cut; each further one that brings nothing is twice as long.</summary>
    internal TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Asks the hub what a model is made of.</summary>
    /// <param name="reference">The model.</param>
    /// <param name="sha256">What its file must be, where that is known beforehand: 64 hexadecimal digits.</param>
    /// <param name="cancellation">Stops the asking.</param>
    /// <exception cref="ConceptInputException">There is no such model, it wants a token, its content is not what was
    /// expected, or the network is not to be used.</exception>
    /// <exception cref="ModelPullException">The hub cannot be reached.</exception>
    public async Task<PullPlan> PlanAsync(ModelReference.HuggingFace reference, string? sha256, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(reference);
        if (_endpoint.Offline)
        {
            throw new ConceptInputException($"{reference} is not on this machine, and --offline or HF_HUB_OFFLINE forbids to fetch it.");
        }

        try
        {
            HubRepository repository = await _hub.ReadRepositoryAsync(
                reference.Repository, reference.Revision ?? HuggingFaceCache.MainBranch, cancellation).ConfigureAwait(false);
            IReadOnlyList<string> paths = GgufFileName.AllParts(Choose(repository, reference));
            HubFile[] files = await Task.WhenAll(paths.Select(path => _hub.ReadFileAsync(repository, path, cancellation))).ConfigureAwait(false);
            if (sha256 is not null && files.Length == 1 && files[0].Tag != sha256)
            {
                throw new ConceptInputException(
                    $"{reference}: the hub's file has SHA-256 {files[0].Tag}, and {sha256} was expected; it is another file now. " +
                    $"To take it all the same, name it: ggufconcepts models pull {reference}");
            }

            return new PullPlan(reference, repository, [.. files.Select(file => Measure(repository, file))]);
        }
        catch (HttpRequestException problem)
        {
            throw Unreachable(reference, problem);
        }
    }

    /// <summary>Fetches what a plan lists.</summary>
    /// <returns>The path of the model's first file in the cache.</returns>
    /// <exception cref="ConceptInputException">The disk lacks the room.</exception>
    /// <exception cref="ModelPullException">The hub cannot be reached any more, what came is not what was promised, or it
    /// cannot be written.</exception>
    public async Task<string> PullAsync(PullPlan plan, IProgress<PullProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(plan);
        string folder = _cache.FolderOf(plan.Repository.Name);
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "blobs"));
            DiskRoom.Require(Path.Combine(folder, "blobs", plan.Files[0].Tag), plan.Missing);
            PullTally tally = new(plan.Bytes, progress);
            await Parallel.ForEachAsync(
                plan.Files,
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation },
                async (file, token) => await FetchAsync(folder, plan.Repository, file, tally, token).ConfigureAwait(false)).ConfigureAwait(false);
            string[] paths = [.. plan.Files.Select(file => Snapshot.Add(folder, plan.Repository.Commit, file))];
            Snapshot.Name(folder, plan.Reference.Revision ?? HuggingFaceCache.MainBranch, plan.Repository.Commit);
            return paths[0];
        }
        catch (HttpRequestException problem)
        {
            throw Unreachable(plan.Reference, problem);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new ModelPullException(
                $"{folder} cannot be written: {problem.Message} What came so far is kept; the same command goes on from there.", problem);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _hub.Dispose();

    private static string Choose(HubRepository repository, ModelReference.HuggingFace reference)
    {
        if (reference.File is { } named)
        {
            return named;
        }

        string? chosen = GgufFileName.Choose(repository.Files.Where(ModelReference.IsFileBelow), reference.Quantisation);
        if (chosen is not null)
        {
            return chosen;
        }

        string[] models = [.. repository.Files.Where(file => GgufFileName.IsModel(file) && ModelReference.IsFileBelow(file))];
        throw new ConceptInputException(models.Length == 0
            ? $"{repository.Name} holds no GGUF model; look for a repository whose name ends in -GGUF."
            : $"{repository.Name} has no model in {reference.Quantisation}; it has {string.Join(", ", models)}.");
    }

    private PullFile Measure(HubRepository repository, HubFile file)
    {
        string blob = Path.Combine(_cache.FolderOf(repository.Name), "blobs", file.Tag);
        long here = new[] { blob, BlobDownload.Incomplete(blob) }.Where(File.Exists).Select(path => new FileInfo(path).Length).FirstOrDefault();
        PullFile whole = new(file.Path, file.Bytes, Missing: 0, file.Tag);
        return Snapshot.Has(_cache.FolderOf(repository.Name), repository.Commit, whole)
            ? whole
            : whole with { Missing = Math.Max(0, file.Bytes - here) };
    }

    private async Task FetchAsync(string folder, HubRepository repository, PullFile file, PullTally tally, CancellationToken cancellation)
    {
        string blob = Path.Combine(folder, "blobs", file.Tag);
        string locks = Path.Combine(_cache.Folder, ".locks", Path.GetFileName(folder), $"{file.Tag}.lock");
        using (await FileLock.TakeAsync(locks, tally.Wait, cancellation).ConfigureAwait(false))
        {
            if ((File.Exists(blob) && new FileInfo(blob).Length == file.Bytes) || Snapshot.Has(folder, repository.Commit, file))
            {
                tally.Add(file.Bytes); // it was here, or the other program brought it
                return;
            }

            await new BlobDownload(_hub, repository, file, tally, FirstPause).RunAsync(blob, cancellation).ConfigureAwait(false);
        }
    }

    private ModelPullException Unreachable(ModelReference reference, HttpRequestException problem) => new(
        $"{reference} could not be fetched from {_endpoint.Address.Host}: {(problem.InnerException?.Message ?? problem.Message).TrimEnd('.')}. " +
        "What came so far is kept; the same command goes on from there.", problem);
}
