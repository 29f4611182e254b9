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
    private readonly HeldModel _held = new(service);
    private readonly List<TraceStep> _steps = [];
    private TraceRecorder? _recorder;

    /// <summary>Adds what happened.</summary>
    /// <returns>The step, where it was one.</returns>
    public TraceStep? Add(ThoughtEvent happened)
    {
        _recorder ??= new TraceRecorder(service.Info!, prompt, options.Strategy.Name, options.Settings, options.Seed); // loaded, or nothing would happen
        _recorder.Add(happened);
        if (happened is not ConceptStep concept)
        {
            return null;
        }

        TraceStep step = TraceStep.Of(concept);
        _steps.Add(nearest > 0 && options.Strategy.FeedsVectors && _held.Model is { } model
            ? TraceNeighbors.Add([step], model, nearest)[0]
            : step);
        return _steps[^1];
    }

    /// <summary>The trace, which does not say where on this machine the model lies.</summary>
    public Trace Build()
    {
        Trace trace = _recorder!.Build();
        return trace with { Steps = [.. _steps], Model = trace.Model with { Path = Path.GetFileName(trace.Model.Path) } };
    }

    /// <inheritdoc/>
    public void Dispose() => _held.Dispose();
}
