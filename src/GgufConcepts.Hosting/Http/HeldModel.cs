using GgufConcepts.Models;

namespace GgufConcepts.Hosting.Http;

/// <summary>A model that is kept loaded from when it is first looked into, for those who look at a thought after it has
/// ended.</summary>
/// <param name="service">Runs the model.</param>
internal sealed class HeldModel(IConceptService service) : IDisposable
{
    private IDisposable? _held;

    /// <summary>The model; null where it is not loaded.</summary>
    public ConceptModel? Model => (_held ??= LoadedModels.TryHold(service)) is null ? null : service.Model;

    /// <inheritdoc/>
    public void Dispose() => _held?.Dispose();
}
