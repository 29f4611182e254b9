using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Hosting.Http.Concepts;

/// <summary>The trace of a request's thought, with what else it wants to know of each step.</summary>
/// <param name="service">Runs the model.</param>
/// <param name="prompt">The prompt.</param>
/// <param name="options">How it is thought.</param>
/// <param name="nearest">Tokens to list that are nearest to each vector; 0 for none.</param>
internal sealed class ThoughtRecord(IConceptService service, string prompt, ThinkOptions options, int nearest)
    : IDisposable
{
    private readonly List<TraceStep> _steps = [];
    private TraceRecorder? _recorder;
    private IDisposable? _held;

    /// <summary>Adds what happened.</summary>
    /// <param name="happened">What.</param>
    /// <param name="cancellation">Stops the search for near tokens.</param>
    /// <returns>The step, where it was one.</returns>
    public async ValueTask<TraceStep?> AddAsync(ThoughtEvent happened, CancellationToken cancellation)
    {
        _recorder ??= new TraceRecorder(service.Info!, prompt, options.Strategy.Name, options.Settings, options.Seed); // loaded, or nothing would happen
        _recorder.Add(happened);
        if (happened is not ConceptStep concept)
        {
            return null;
        }

        IReadOnlyList<TraceStep> step = [TraceStep.Of(concept)];
        if (nearest > 0 && options.Strategy.FeedsVectors && (_held ??= LoadedModels.TryHold(service)) is not null)
        {
            step = await service.FindNearestAsync(step, nearest, cancellation).ConfigureAwait(false);
        }

        _steps.Add(step[0]);
        return step[0];
    }

    /// <summary>The trace, which does not say where on this machine the model lies.</summary>
    public Trace Build()
    {
        Trace trace = _recorder!.Build();
        return trace with { Steps = [.. _steps], Model = trace.Model with { Path = Path.GetFileName(trace.Model.Path) } };
    }

    /// <inheritdoc/>
    public void Dispose() => _held?.Dispose();
}
