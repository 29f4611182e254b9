using GgufConcepts.Hosting.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace GgufConcepts.Hosting.Http;

/// <summary><c>GET /metrics</c>: what <see cref="ConceptTelemetry"/> lists, in Prometheus' text form. Apart from whatever
/// else the program does with OpenTelemetry.</summary>
internal static class MetricsEndpoint
{
    private const string ServiceName = "ggufconcepts"; // unless the environment has another, as OpenTelemetry says

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.ServiceProvider.GetRequiredService<ConceptInstruments>(); // there before the first request
        MeterProvider metrics = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => resource.AddService(
                Environment.GetEnvironmentVariable("OTEL_SERVICE_NAME") is { Length: > 0 } name ? name : ServiceName))
            .AddMeter(ConceptTelemetry.Name)
            .AddPrometheusExporter()
            .Build();
        endpoints.ServiceProvider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopped.Register(metrics.Dispose);
        endpoints.MapPrometheusScrapingEndpoint(
            "/metrics", metrics, configureBranchedPipeline: null, optionsName: null);
    }
}
