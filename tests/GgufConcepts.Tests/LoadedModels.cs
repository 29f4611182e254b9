using System.Collections.Concurrent;
using GgufConcepts.Models;
using GgufConcepts.Testing;

[assembly: AssemblyFixture(typeof(GgufConcepts.Tests.LoadedModels))]

namespace GgufConcepts.Tests;

/// <summary>The models of this run, each loaded once and shared: tests open sessions of their own. Any
/// thread.</summary>
public sealed class LoadedModels : IDisposable
{
    private readonly ConcurrentDictionary<(string, int?), Lazy<ConceptModel>> _models = new();

    /// <summary>A tiny model; do not dispose it.</summary>
    public ConceptModel Tiny(TinyArchitecture kind, TinyOptions? options = null, int? context = null) =>
        Get(TinyModels.Path(kind, options), context);

    /// <summary>The small model that was really trained; skips the test where it is absent. Do not dispose
    /// it.</summary>
    public ConceptModel Stories()
    {
        Assert.SkipUnless(RealModels.Stories is not null, RealModels.Absent);
        return Get(RealModels.Stories, null);
    }

    /// <summary>A model that travels with the repository, such as <c>mnns-continuous</c>; do not dispose it.</summary>
    public ConceptModel Committed(string name) => Get(CommittedModels.Path($"{name}.gguf"), null);

    public void Dispose()
    {
        foreach (Lazy<ConceptModel> model in _models.Values)
        {
            model.Value.Dispose();
        }
    }

    private ConceptModel Get(string path, int? context) => _models.GetOrAdd((path, context), key => new Lazy<ConceptModel>(() =>
    {
        ModelOptions options = new() { GpuLayers = 0, Threads = 1, ContextLength = key.Item2 };
        return ConceptModel.LoadAsync(key.Item1, options).GetAwaiter().GetResult();
    })).Value;
}
