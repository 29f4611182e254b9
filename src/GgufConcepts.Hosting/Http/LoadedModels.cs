using Microsoft.AspNetCore.Http;

namespace GgufConcepts.Hosting.Http;

/// <summary>Models that a request looks into, beside the thoughts.</summary>
internal static class LoadedModels
{
    /// <summary>Keeps a model loaded until this is disposed.</summary>
    /// <exception cref="HttpProblemException">It is not loaded now.</exception>
    public static IDisposable Hold(IConceptService service)
    {
        try
        {
            return service.Hold();
        }
        catch (InvalidOperationException)
        {
            throw HttpProblem.Refused(
                StatusCodes.Status503ServiceUnavailable, $"{service.Name} is not loaded now; let it think something first.", "not_loaded");
        }
    }
}
