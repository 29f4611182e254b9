using System.Text.Json;
using GgufConcepts.Batches;

namespace GgufConcepts.Nats.Tests;

/// <summary>A server that lets clients do no more than the page about many machines says they need, or less.</summary>
public sealed class PermissionTests : IAsyncDisposable
{
    private const string Needed = """["ggufconcepts.>", "$JS.API.>", "$JS.ACK.>", "_INBOX.>"]""";

    private readonly Machines _machines = new(Authorization("secret")) { User = "me:secret@" };

    public ValueTask DisposeAsync() => _machines.DisposeAsync();

    [Fact]
    public async Task Run_WithWhatThePageSays_Works()
    {
        await _machines.WorkAsync();
        await using NatsLink link = await _machines.LinkAsync();
        Dictionary<int, JsonElement> results = await Machines.CollectAsync(link, Machines.NewRun(), Machines.Jobs(5));
        await Machines.NewRun().CancelAsync(link, TestContext.Current.CancellationToken);

        Assert.Equal(5, results.Count);
    }

    [Fact]
    public async Task Run_ServerThatLetsItInNoMore_Ends()
    {
        NatsWorker worker = await _machines.WorkAsync();
        await using NatsLink link = await _machines.LinkAsync();
        BatchJob[] jobs = Machines.Jobs(2000, steps: 100);
        Task<Dictionary<int, JsonElement>> collecting = Machines.CollectAsync(link, Machines.NewRun(), jobs);
        while (worker.Done == 0)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        _machines.Server.Kill();
        _machines.Server.Settings = Authorization("another");
        _machines.Server.Start();

        string message = (await Assert.ThrowsAsync<BatchServerException>(() => collecting)).Message;
        Assert.Contains("lets this client in no more", message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<BatchServerException>(() => _machines.WaitAsync(worker));
    }

    private static string Authorization(string password) => $$"""
        authorization { users: [
          { user: me, password: {{password}}, permissions: { publish: {{Needed}}, subscribe: {{Needed}} } }
        ] }
        """;
}
