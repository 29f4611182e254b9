using GgufConcepts.Hosting;
using GgufConcepts.Models;
using GgufConcepts.Thinking;

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

    public ConceptModel Model => throw Absent;

    public int Waiting => 0;

    public int Running => 0;

    private ModelNotLoadedException Absent => new(Name, new InvalidOperationException());

    public IDisposable Hold() => throw Absent;

    public IAsyncEnumerable<ThoughtEvent> ThinkAsync(
        string prompt, ThinkOptions? options = null, CancellationToken cancellation = default) => throw Absent;
}
