using GgufConcepts.Hosting;
using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Fuzz.Targets;

/// <summary>A model that cannot be had: a request that comes as far was read to its end.</summary>
internal sealed class AbsentModel : IConceptService
{
    public const string Called = "tiny";

    public string Name => Called;

    public ModelState State => ModelState.Failed;

    public double LoadedFraction => 0;

    public Exception? Problem => null;

    public ModelInfo? Info => null;

    public ModelAbilities? Abilities => null;

    public ConceptModel Model => throw Absent;

    public int Waiting => 0;

    public int Running => 0;

    private ModelNotLoadedException Absent => new(Name, new InvalidOperationException());

    public IDisposable Hold() => throw Absent;

    public IAsyncEnumerable<ThoughtEvent> ThinkAsync(
        string prompt, ThinkOptions? options = null, CancellationToken cancellation = default) => throw Absent;

    public Task<CloseReading> ReadAsync(
        float[] vectors, ReadOptions? options = null, ulong seed = 0, CancellationToken cancellation = default) => throw Absent;

    public Task<IReadOnlyList<TraceStep>> FindNearestAsync(
        IReadOnlyList<TraceStep> steps, int count, CancellationToken cancellation = default) => throw Absent;
}
