using GgufConcepts.Hosting.Http;
using Microsoft.AspNetCore.Http;

namespace GgufConcepts.Hosting;

/// <summary>Models that somebody looks into, beside the thoughts.</summary>
internal static class LoadedModels
{
    /// <summary>Keeps a model loaded until this is disposed.</summary>
    /// <exception cref="HttpProblemException">It is not loaded now.</exception>
    public static IDisposable Hold(IConceptService service) => TryHold(service) ?? throw HttpProblem.Refused(
        StatusCodes.Status503ServiceUnavailable, $"{service.Name} is not loaded now; let it think something first.", "not_loaded");

    /// <summary>Keeps a model loaded until this is disposed; null where it is not loaded now.</summary>
    public static IDisposable? TryHold(IConceptService service)
    {
        try
        {
            return service.Hold();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
