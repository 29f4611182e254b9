using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using GgufConcepts.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GgufConcepts.Hosting.Tests.Http;

/// <summary>A server over a real socket, and a client of it.</summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Server(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromMinutes(2) };
    }

    public HttpClient Client { get; }

    public string Address => Client.BaseAddress!.ToString();

    public IServiceProvider Services => _app.Services;

    public WebApplication App => _app;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Starts one; with Atlas where nothing else is said.</summary>
    /// <remarks>Models run in this process unless they say otherwise, as with <see cref="Hosts"/>.</remarks>
    public static async Task<Server> StartAsync(
        Action<GgufConceptsBuilder>? add = null,
        Action<HostedConceptSettings>? configure = null,
        Action<KestrelServerOptions>? kestrel = null,
        Action<WebApplication>? map = null,
        TimeProvider? clock = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel ?? (_ => { }));
        builder.Logging.ClearProviders();
        builder.Services.ConfigureAll<HostedModelSettings>(model => model.Isolation = ModelIsolation.InProcess);
        GgufConceptsBuilder models = builder.Services.AddGgufConcepts();
        (add ?? (all => all.AddModel("atlas", model => model.Model = CommittedModels.Path("atlas.gguf"))))(models);
        builder.Services.Configure(configure ?? (_ => { }));
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        WebApplication app = builder.Build();
        (map ?? (all => all.MapGgufConcepts()))(app);
        await app.StartAsync(Token);
        return new Server(app);
    }

    /// <summary>What answers a path, to be called without a socket.</summary>
    public RequestDelegate FindHandler(string path) => Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .First(endpoint => endpoint.RoutePattern.RawText == path && endpoint.Metadata.GetMetadata<HttpMethodMetadata>() is not null)
        .RequestDelegate!;

    /// <summary>Sends JSON, and reads the JSON that comes back.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Json)> PostAsync(string path, string json)
    {
        using StringContent content = new(json, System.Text.Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await Client.PostAsync(path, content, Token);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(Token));
    }

    /// <summary>Sends JSON, and reads the events that come back: their names and their data.</summary>
    public async Task<List<(string Name, JsonElement Data)>> StreamAsync(string path, string json)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, path)
        {
            Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json"),
        };
        using HttpResponseMessage response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        List<(string, JsonElement)> events = [];
        await foreach (System.Net.ServerSentEvents.SseItem<string> item in
            System.Net.ServerSentEvents.SseParser.Create(await response.Content.ReadAsStreamAsync(Token)).EnumerateAsync(Token))
        {
            events.Add((item.EventType, JsonElement.Parse(item.Data)));
        }

        return events;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
