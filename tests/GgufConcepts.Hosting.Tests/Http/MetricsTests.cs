using System.Net;
using System.Text.Json;
using GgufConcepts.Testing;

namespace GgufConcepts.Hosting.Tests.Http;

/// <summary>The metrics, read by Prometheus' own parser (<c>tests/clients/prometheus.py</c>).</summary>
[Trait("Speed", "Slow")]
public sealed class MetricsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_OfAServer_SayWhose()
    {
        await using Server server = await Server.StartAsync();
        string text = await server.Client.GetStringAsync("/metrics", Token);
        string name = Environment.GetEnvironmentVariable("OTEL_SERVICE_NAME") is { Length: > 0 } set ? set : "ggufconcepts";
        Assert.Contains($"service_name=\"{name}\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_AfterAThought_CountItsSteps()
    {
        await using Server server = await Server.StartAsync(builder => builder.AddModel(
            "measured", model => model.Model = CommittedModels.Path("atlas.gguf")));
        (HttpStatusCode status, JsonElement _) = await server.PostAsync(
            "/v1/concepts/think", """{"prompt":"The capital of France is","stream":false,"concept":{"maxSteps":5,"stopEntropy":0,"fixedLength":true}}""");
        Assert.Equal(HttpStatusCode.OK, status);
        string text = await server.Client.GetStringAsync("/metrics", Token);
        OtherPrograms.Outcome run = await OtherPrograms.PythonAsync("clients", "prometheus.py", text, Token);
        Assert.SkipWhen(run.Missing is not null, run.Missing ?? "");
        Assert.SkipWhen(run.Code == 77, "Prometheus' own parser is not installed (Debian: python3-prometheus-client).");
        Assert.True(run.Code == 0, run.Error);
        JsonElement[] samples = [.. JsonElement.Parse(run.Output).EnumerateArray()];

        Assert.Equal(5, Find("ggufconcepts_concept_steps_sum"));
        Assert.Equal(5, Find("ggufconcepts_concept_entropy_count"));
        Assert.Equal(1, Find("gen_ai_server_request_duration_seconds_count"));
        Assert.Equal(1, Find("ggufconcepts_concept_stops_total"));
        Assert.Equal(0, Find("ggufconcepts_queue_depth"));

        double Find(string name) => samples
            .Single(sample => sample.GetProperty("name").GetString() == name
                && sample.GetProperty("labels").GetProperty("gen_ai_request_model").GetString() == "measured")
            .GetProperty("value").GetDouble();
    }
}
