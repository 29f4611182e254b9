using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using GgufConcepts.Testing;

namespace GgufConcepts.Hosting.Tests.Http;

/// <summary>A server whose only model ends its process again and again goes on, and says so to whoever asks.</summary>
public sealed class FailedModelTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Serve_OnlyModelEndsItsProcessAgainAndAgain_LivesButIsNotReady()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs a limit on memory.");
        await using Server server = await Server.StartAsync(all => all.AddModel("bad", model =>
        {
            (model.Model, model.Isolation) = (CommittedModels.Path("atlas.gguf"), ModelIsolation.OwnProcess);
            (model.Loading, model.Threads, model.MemoryLimit) = (ModelLoading.InBackground, 500, 1L << 30); // too little for so many
        }));
        (HttpStatusCode Status, JsonElement Json) ready = await GetAsync(server, "/ready");
        while (ready.Json.GetProperty("status").GetString() == "loading") // between two tries as well
        {
            await Task.Delay(20, Token);
            ready = await GetAsync(server, "/ready");
        }

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "failed"), (ready.Status, ready.Json.GetProperty("status").GetString()));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(server, "/health")).Status);
        JsonElement model = (await GetAsync(server, "/v1/models/bad")).Json;
        Assert.Equal("failed", model.GetProperty("concept").GetProperty("state").GetString());

        (HttpStatusCode status, JsonElement json) = await server.PostAsync("/v1/completions", """{"prompt":"a"}""");
        JsonElement error = json.GetProperty("error");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not_loaded"), (status, error.GetProperty("code").GetString()));
        Assert.Equal(
            "The process of the model bad ended again and again; it is not tried again until its file changes.",
            error.GetProperty("message").GetString());
    }

    private static async Task<(HttpStatusCode Status, JsonElement Json)> GetAsync(Server server, string path)
    {
        using HttpResponseMessage response = await server.Client.GetAsync(new Uri(path, UriKind.Relative), Token);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(Token));
    }
}
