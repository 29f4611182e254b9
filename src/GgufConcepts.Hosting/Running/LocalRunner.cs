using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Hosting.Running;

/// <summary>A model that runs in this process: what makes llama.cpp abort ends it.</summary>
internal sealed class LocalRunner : IModelRunner
{
    private const long UsualCacheBytes = 512L << 20;

    private readonly ConceptModel _model;
    private readonly ConceptBatch _batch;
    private readonly SemaphoreSlim _reading = new(1, 1); // each has sequences of its own
    private readonly SemaphoreSlim _searching = new(1, 1); // each passes over the whole table of embeddings

    private LocalRunner(ConceptModel model, ModelAbilities abilities, ConceptBatch batch) =>
        (_model, Abilities, _batch) = (model, abilities, batch);

    /// <inheritdoc/>
    public ModelInfo Info => _model.Info;

    /// <inheritdoc/>
    public ModelAbilities Abilities { get; }

    /// <inheritdoc/>
    public ConceptModel? Model => _model;

    /// <inheritdoc/>
    /// <remarks>Nobody is left to ask, were it lost.</remarks>
    public bool HasWorked => false;

    /// <summary>Loads a model.</summary>
    /// <param name="model">Its file, or what else <see cref="ConceptModel.Load"/> takes.</param>
    /// <param name="parallel">Thoughts that run at once.</param>
    /// <param name="rows">Positions that all of them can hold together; null for what suits the model.</param>
    /// <param name="options">How it is loaded.</param>
    /// <param name="progress">Told the fraction loaded, 0 to 1.</param>
    /// <param name="cancellation">Stops the loading.</param>
    public static LocalRunner Load(
        string model, int parallel, int? rows, ModelOptions options, IProgress<float>? progress, CancellationToken cancellation)
    {
        ConceptModel loaded = ConceptModel.Load(model, options, progress, cancellation);
        try
        {
            ModelAbilities abilities = new(loaded.Parity.Holds, ChatTemplate.IsCarriedBy(loaded));
            return new LocalRunner(loaded, abilities, loaded.CreateBatch(parallel, rows ?? UsualRows(loaded, parallel)));
        }
        catch
        {
            loaded.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Run(JobQueue queue, CancellationToken cancellation)
    {
        foreach (BatchEvent told in Think(queue, cancellation))
        {
            queue.Tell(told);
        }
    }

    /// <summary>Thinks thoughts as they come, until no more will.</summary>
    /// <param name="source">Where they come from.</param>
    /// <param name="cancellation">Stops all of them.</param>
    public IEnumerable<BatchEvent> Think(IThoughtSource source, CancellationToken cancellation) =>
        _batch.Think(source, cancellation);

    /// <inheritdoc/>
    public Task<CloseReading> ReadAsync(float[] vectors, ReadOptions options, ulong seed, CancellationToken cancellation) =>
        InTurnAsync(
            _reading,
            () =>
            {
                using ConceptSession session = _model.CreateSession();
                return session.ReadClosely(vectors, options, seed, cancellation);
            },
            cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<TraceStep>> FindNearestAsync(
        IReadOnlyList<TraceStep> steps, int count, CancellationToken cancellation) =>
        InTurnAsync(_searching, () => TraceNeighbors.Add(steps, _model, count, cancellation), cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        _batch.Dispose();
        _model.Dispose();
    }

    private static async Task<T> InTurnAsync<T>(SemaphoreSlim turn, Func<T> work, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await Task.Run(work, cancellation).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    private static int? UsualRows(ConceptModel model, int parallel)
    {
        int context = model.Info.ContextLength;
        long fit = UsualCacheBytes / Math.Max(1, model.CacheBytesPerPosition * context);
        return fit <= 2 || parallel <= 2 ? null : (int)Math.Min(fit, parallel) * context;
    }
}
