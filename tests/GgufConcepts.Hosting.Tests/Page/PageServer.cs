using GgufConcepts.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace GgufConcepts.Hosting.Tests.Page;

/// <summary>A server with Atlas, and with a model that can think for minutes: one thought of it runs, one waits.</summary>
public sealed class PageServer : IAsyncLifetime
{
    private WebApplication? _app;

    /// <summary>Its address, with a slash at the end. The same is below <c>below/</c>.</summary>
    public string Address => $"{_app!.Urls.Single()}/";

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        string tiny = TinyModels.Path(TinyArchitecture.Qwen2, new TinyOptions { ContextLength = 1 << 16 });
        builder.Services.AddGgufConcepts()
            .AddModel("atlas", model => model.Model = CommittedModels.Path("atlas.gguf"))
            .AddModel("endless", model => (model.Model, model.ContextLength, model.Parallel, model.QueueLength) = (tiny, 1 << 16, 1, 1));
        _app = builder.Build();
        _app.UsePathBase("/below");
        _app.UseRouting(); // after the prefix is taken off
        _app.MapGgufConcepts();
        await _app.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync(CancellationToken.None);
            await _app.DisposeAsync();
        }
    }
}
