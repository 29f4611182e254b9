using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using GgufConcepts.Batches;
using GgufConcepts.Models;
using GgufConcepts.Testing;
using NATS.Client.Core;

namespace GgufConcepts.Nats.Tests;

/// <summary>A server, workers in this process with a tiny model, and prompts for them.</summary>
internal sealed class Machines : IAsyncDisposable
{
    public const string Model = "tiny";

    private static readonly Lazy<ConceptModel> s_model = new(() => ConceptModel.Load(
        TinyModels.Path(TinyArchitecture.Qwen2), new ModelOptions { GpuLayers = 0, Threads = 1 }));

    private readonly TempFolder _folder = new();
    private readonly List<(CancellationTokenSource Drain, CancellationTokenSource Abort, Task Work, NatsLink Link, NatsWorker Worker)> _workers = [];

    public Machines(string settings = "") => Server = new NatsServer(settings);

    public static ConceptModel Tiny => s_model.Value;

    public NatsServer Server { get; }

    public string Out => _folder.File("results.jsonl");

    public string In => _folder.File("prompts.jsonl");

    /// <summary>What was told while something was waited for.</summary>
    public ConcurrentQueue<string> Notices { get; } = [];

    public static JsonObject Settings(int steps = 3) => new()
    {
        ["strategy"] = "soft", ["maxSteps"] = steps, ["stopEntropy"] = 0, ["fixedLength"] = true, ["reader"] = null,
        ["answer"] = new JsonObject { ["maxTokens"] = 1 },
    };

    public static BatchJob[] Jobs(int count, int steps = 3) =>
    [
        .. Enumerable.Range(0, count).Select(
            i => BatchJob.Make(i, Model, "The capital of France is", Settings(steps).With("seed", i), JsonValue.Create($"job {i}"))),
    ];

    /// <summary>What stands before the host where the server wants to know who it is.</summary>
    public string User { get; init; } = "";

    public Task<NatsLink> LinkAsync() => NatsLink.ConnectAsync(
        new NatsServerOptions(Server.Url.Replace("//", $"//{User}", StringComparison.Ordinal)), "test", new Heard(Notices), TestContext.Current.CancellationToken);

    /// <summary>Starts a worker.</summary>
    public async Task<NatsWorker> WorkAsync(NatsWorkerOptions? options = null)
    {
        NatsLink link = await LinkAsync();
        NatsWorker worker = new(link, Tiny, options ?? new NatsWorkerOptions(Model) { AckWait = TimeSpan.FromSeconds(1), Parallel = 4 });
        CancellationTokenSource drain = new(), abort = new();
        _workers.Add((drain, abort, Task.Run(() => worker.RunAsync(drain.Token, abort.Token)), link, worker));
        return worker;
    }

    /// <summary>Tells a worker to take no more, and waits until it has ended.</summary>
    public async Task DrainAsync(NatsWorker worker)
    {
        var work = _workers.Single(each => each.Worker == worker);
        await work.Drain.CancelAsync();
        await work.Work;
    }

    /// <summary>Waits until a worker has ended.</summary>
    public Task WaitAsync(NatsWorker worker) => _workers.Single(each => each.Worker == worker).Work;

    /// <summary>Hears what happens in a run's thoughts, from now on.</summary>
    public static async Task<INatsSub<byte[]>> HearAsync(NatsLink link, NatsRun run)
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        INatsSub<byte[]> heard = await link.Connection.SubscribeCoreAsync<byte[]>(
            NatsNames.StepsSubject(run.Id), serializer: NatsLink.Raw, cancellationToken: token);
        await link.Connection.PingAsync(token); // the server has it
        return heard;
    }

    /// <summary>A run of these jobs, each result by its number; fails the test where one comes twice.</summary>
    public static async Task<Dictionary<int, JsonElement>> CollectAsync(NatsLink link, NatsRun run, IEnumerable<BatchJob> jobs)
    {
        Dictionary<int, JsonElement> results = [];
        NatsBatchRunner runner = new(link, run) { Doubt = TimeSpan.FromSeconds(2) };
        await foreach (BatchResult result in runner.RunAsync(jobs, TestContext.Current.CancellationToken))
        {
            results.Add(result.Index, JsonDocument.Parse(result.Line).RootElement);
        }

        return results;
    }

    public static NatsRun NewRun(string id = "0123456789abcdef") => new(id, Model, "of the prompts", isResumed: false);

    public async ValueTask DisposeAsync()
    {
        using TempFolder folder = _folder;
        using NatsServer server = Server;
        foreach (var (_, abort, work, link, worker) in _workers)
        {
            await abort.CancelAsync();
            await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            worker.Dispose();
            await link.DisposeAsync();
        }
    }

    private sealed class Heard(ConcurrentQueue<string> notices) : IProgress<string>
    {
        public void Report(string value) => notices.Enqueue(value);
    }
}

internal static class JsonObjects
{
    public static JsonObject With(this JsonObject json, string name, JsonNode value)
    {
        json[name] = value;
        return json;
    }
}
