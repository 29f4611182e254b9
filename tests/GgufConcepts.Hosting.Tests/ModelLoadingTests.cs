using GgufConcepts.Testing;
using GgufConcepts.Thinking;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GgufConcepts.Hosting.Tests;

/// <summary>When models come and go.</summary>
public sealed class ModelLoadingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Tiny => TinyModels.Path(TinyArchitecture.Qwen2);

    [Fact]
    public async Task ThinkAsync_FirstRequest_LoadsTheModel()
    {
        using IHost host = await Hosts.StartAsync(builder => builder.AddModel(
            "tiny", model => (model.Model, model.Loading) = (Tiny, ModelLoading.OnFirstRequest)));
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        Assert.Equal(ModelState.Unloaded, service.State);
        Assert.Null(service.Info);
        Assert.Throws<InvalidOperationException>(() => service.Model);
        Assert.Throws<InvalidOperationException>(service.Hold);

        ThoughtEvent[][] events = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Hosts.CollectAsync(service, "The", Hosts.Brief)));
        Assert.All(events, each => Assert.IsType<ThoughtEnded>(each[^1]));
        Assert.Equal((ModelState.Ready, 1.0), (service.State, service.LoadedFraction));
        Assert.Same(service.Model.Info, service.Info);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task ThinkAsync_IdleForLong_IsUnloadedAndLoadedAgain()
    {
        using IHost host = await Hosts.StartAsync(builder => builder.AddModel(
            "tiny", model => (model.Model, model.UnloadAfter) = (Tiny, TimeSpan.FromMilliseconds(50))));
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        for (int round = 0; round < 3; round++)
        {
            Assert.IsType<ThoughtEnded>((await Hosts.CollectAsync(service, "The", Hosts.Brief))[^1]);
            await Hosts.WaitUntilAsync(() => service.State == ModelState.Unloaded);
            Assert.NotNull(service.Info); // what it was
            Assert.Throws<InvalidOperationException>(() => service.Model);
        }

        await host.StopAsync(Token);
    }

    [Fact]
    public async Task Hold_WhileSomebodyLooks_KeepsTheModel()
    {
        using IHost host = await Hosts.StartAsync(builder => builder.AddModel(
            "tiny", model => (model.Model, model.UnloadAfter) = (Tiny, TimeSpan.FromMilliseconds(20))));
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        Assert.IsType<ThoughtEnded>((await Hosts.CollectAsync(service, "The", Hosts.Brief))[^1]);
        using (service.Hold())
        {
            await Task.Delay(300, Token); // many times what it would take
            Assert.Equal(ModelState.Ready, service.State);
            Assert.NotEmpty(service.Model.Tokenizer.EncodePrompt("The"));
        }

        await Hosts.WaitUntilAsync(() => service.State == ModelState.Unloaded);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task ThinkAsync_FileThatIsBad_FailsTheRequestAndTheNextTriesAgain()
    {
        using TempFolder folder = new();
        string path = Path.Combine(folder.Path, "later.gguf");
        using IHost host = await Hosts.StartAsync(builder => builder.AddModel(
            "later", model => (model.Model, model.Loading) = (path, ModelLoading.OnFirstRequest)));
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        ModelNotLoadedException refused = await Assert.ThrowsAsync<ModelNotLoadedException>(
            () => Hosts.CollectAsync(service, "The", Hosts.Brief));
        Assert.DoesNotContain("later.gguf", refused.Message, StringComparison.Ordinal); // it may be told to whoever asks
        Assert.Contains("later.gguf", refused.InnerException?.Message, StringComparison.Ordinal);
        Assert.Equal((ModelState.Unloaded, null), (service.State, service.Problem));

        File.Copy(Tiny, path);
        Assert.IsType<ThoughtEnded>((await Hosts.CollectAsync(service, "The", Hosts.Brief))[^1]);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task ThinkAsync_NoRoomForItsThoughts_FailsTheRequest()
    {
        using IHost host = await Hosts.StartAsync(builder => builder.AddModel(
            "tiny", model => (model.Model, model.Rows, model.Loading) = (Tiny, 16, ModelLoading.OnFirstRequest)));
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        for (int i = 0; i < 2; i++)
        {
            ModelNotLoadedException refused = await Assert.ThrowsAsync<ModelNotLoadedException>(
                () => Hosts.CollectAsync(service, "The", Hosts.Brief));
            Assert.Contains("16 rows", refused.InnerException?.Message, StringComparison.Ordinal);
        }

        await host.StopAsync(Token);
    }

    [Fact]
    public async Task Start_InBackground_TakesRequestsMeanwhile()
    {
        using IHost host = await Hosts.StartAsync(builder => builder.AddModel(
            "tiny", model => (model.Model, model.Loading) = (Tiny, ModelLoading.InBackground)));
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        Assert.IsType<ThoughtEnded>((await Hosts.CollectAsync(service, "The", Hosts.Brief))[^1]);
        Assert.Equal(ModelState.Ready, service.State);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task ThinkAsync_CallerThatLeavesWhileItWaits_MakesRoomForAnother()
    {
        using IHost host = await Hosts.StartAsync(builder => builder.AddModel(
            "tiny", model => (model.Model, model.Parallel, model.QueueLength) = (Tiny, 1, 1)));
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        using CancellationTokenSource leaving = new();
        using CancellationTokenSource ending = new();
        await using IAsyncEnumerator<ThoughtEvent> first =
            service.ThinkAsync("The", Hosts.Endless, ending.Token).GetAsyncEnumerator(Token);
        Assert.True(await first.MoveNextAsync());
        Task<ThoughtEvent[]> waiting = Hosts.CollectAsync(service, "What", Hosts.Brief, leaving.Token);
        Assert.Equal((1, 1), (service.Running, service.Waiting));
        await Assert.ThrowsAsync<ConceptQueueFullException>(() => Hosts.CollectAsync(service, "The", Hosts.Brief));

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Task<ThoughtEvent[]> next = Hosts.CollectAsync(service, "The", Hosts.Brief); // while the first still runs
        Assert.Equal(1, service.Waiting);
        await ending.CancelAsync();
        Assert.IsType<ThoughtEnded>((await next)[^1]);
        Assert.Equal((0, 0), (service.Running, service.Waiting));
        await host.StopAsync(Token);
    }
}
