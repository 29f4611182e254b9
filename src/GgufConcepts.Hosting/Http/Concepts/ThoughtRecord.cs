using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Hosting.Http.Concepts;

/// <summary>The trace of a request's thought, with what else it wants to know of each step.</summary>
/// <param name="service">Runs the model.</param>
/// <param name="prompt">The prompt.</param>
/// <param name="options">How it is thought.</param>
/// <param name="nearest">Tokens to list that are nearest to each vector; 0 for none.</param>
internal sealed class ThoughtRecord(IConceptService service, string prompt, ThinkOptions options, int nearest)
{
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
        _steps.Add(nearest > 0 && options.Strategy.FeedsVectors
            ? TraceNeighbors.Add([step], service.Model, nearest)[0] // the thought still runs, so the model stays
            : step);
        return _steps[^1];
    }

    /// <summary>The trace.</summary>
    public Trace Build() => _recorder!.Build() with { Steps = [.. _steps] };
}
