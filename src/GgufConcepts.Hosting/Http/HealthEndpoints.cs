using GgufConcepts.Hosting.Http.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GgufConcepts.Hosting.Http;

/// <summary><c>/health</c>: whether the program lives. <c>/ready</c>: whether to send it requests.</summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints, ModelDirectory models)
    {
        CancellationToken stopping =
            endpoints.ServiceProvider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        endpoints.MapAnswering("GET", "/health", context => JsonBody.WriteAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteString("status", "ok");
            json.WriteEndObject();
        })).WithMetadata(OpenToAll.Instance);
        endpoints.MapAnswering("GET", "/ready", context =>
        {
            IConceptService[] all = [.. models.All];
            string status = stopping.IsCancellationRequested ? "stopping"
                : all.Any(service => service.State == ModelState.Failed) ? "failed"
                : all.Any(service => service.State == ModelState.Loading) ? "loading"
                : "ready"; // what is not loaded yet, or no more, is loaded by whoever asks
            return JsonBody.WriteAsync(
                context,
                json =>
                {
                    json.WriteStartObject();
                    json.WriteString("status", status);
                    json.WriteStartArray("models");
                    foreach (IConceptService service in all)
                    {
                        json.WriteStartObject();
                        json.WriteString("id", service.Name);
                        json.WriteString("state", NameOf(service.State));
                        json.WriteNumber("loaded", Math.Round(service.LoadedFraction, 3));
                        json.WriteNumber("waiting", service.Waiting);
                        json.WriteNumber("running", service.Running);
                        json.WriteEndObject();
                    }

                    json.WriteEndArray();
                    json.WriteEndObject();
                },
                status == "ready" ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        }).WithMetadata(OpenToAll.Instance);
    }

    /// <summary>A state as responses have it.</summary>
    public static string NameOf(ModelState state) => state switch
    {
        ModelState.Unloaded => "unloaded",
        ModelState.Loading => "loading",
        ModelState.Ready => "ready",
        _ => "failed",
    };
}
