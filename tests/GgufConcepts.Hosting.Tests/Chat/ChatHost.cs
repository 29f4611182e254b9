using GgufConcepts.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GgufConcepts.Hosting.Tests.Chat;

/// <summary>A host whose models are asked as chat clients.</summary>
internal sealed class ChatHost : IAsyncDisposable
{
    private readonly IHost _host;

    private ChatHost(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public IChatClient Client => Services.GetRequiredService<IChatClient>();

    /// <summary>A tiny model that carries a chat template.</summary>
    public static string Tiny => TinyModels.Path(TinyArchitecture.Qwen2, new TinyOptions { ContextLength = 512 });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A host of the model that travels with the repository.</summary>
    public static Task<ChatHost> AtlasAsync(string? template = null) => StartAsync(builder => builder.AddModel(
        "atlas", model => (model.Model, model.ContextLength, model.ChatTemplate) = (CommittedModels.Path("atlas.gguf"), 256, template)));

    public static Task<ChatHost> TinyAsync(Action<HostedModelSettings>? configure = null) => StartAsync(
        builder => builder.AddModel("tiny", model =>
        {
            model.Model = Tiny;
            configure?.Invoke(model);
        }));

    public static async Task<ChatHost> StartAsync(Action<GgufConceptsBuilder> add, Action<IServiceCollection>? services = null)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.ConfigureAll<HostedModelSettings>(model => model.Isolation = ModelIsolation.InProcess);
        add(builder.Services.AddGgufConcepts());
        services?.Invoke(builder.Services);
        ChatHost host = new(builder.Build());
        await host._host.StartAsync(Token);
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(Token);
        _host.Dispose();
    }
}
