using System.Text;
using System.Text.Json;
using GgufConcepts.Batches;
using GgufConcepts.Tracing;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace GgufConcepts.Nats.Tests;

/// <summary>Batches by way of a server, with workers in this process.</summary>
public sealed class NatsBatchTests : IAsyncDisposable
{
    private readonly Machines _machines = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _machines.DisposeAsync();

    [Fact]
    public async Task Run_TwoWorkers_GivesWhatThisProcessGives()
    {
        BatchJob[] jobs = Machines.Jobs(40);
        await _machines.WorkAsync();
        await _machines.WorkAsync();
        await using NatsLink link = await _machines.LinkAsync();
        Dictionary<int, JsonElement> results = await Machines.CollectAsync(link, Machines.NewRun(), jobs);

        Assert.Equal(Enumerable.Range(0, 40), results.Keys.Order());
        await foreach (BatchResult here in new LocalBatchRunner(Machines.Tiny, 4).RunAsync(jobs, Token))
        {
            JsonElement there = results[here.Index];
            using JsonDocument line = JsonDocument.Parse(here.Line);
            Assert.Equal(line.RootElement.GetProperty("key").GetString(), there.GetProperty("key").GetString());
            Assert.Equal($"job {here.Index}", there.GetProperty("id").GetString());
            Assert.Equal(Said(line.RootElement), Said(there));
        }

        Assert.Equal(0, await CountAsync(link, NatsNames.Jobs));
    }

    [Fact]
    public async Task Run_JobThatCannotBe_FailsAtOnceAndIsNoDeadLetter()
    {
        BatchJob[] jobs = Machines.Jobs(2);
        jobs[1] = BatchJob.Make(1, Machines.Model, string.Concat(Enumerable.Repeat("The capital ", 300)), Machines.Settings());
        await _machines.WorkAsync();
        await using NatsLink link = await _machines.LinkAsync();
        Dictionary<int, JsonElement> results = await Machines.CollectAsync(link, Machines.NewRun(), jobs);

        Assert.True(results[0].TryGetProperty("trace", out _));
        Assert.Contains("256", results[1].GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, await CountAsync(link, NatsNames.Dead));
    }

    [Fact]
    public async Task Run_JobThatKillsItsWorkers_IsADeadLetterAndAFailedLine()
    {
        BatchJob[] jobs = Machines.Jobs(3);
        NatsRun run = Machines.NewRun();
        await using NatsLink link = await _machines.LinkAsync();
        NatsWorkerOptions options = new(Machines.Model) { AckWait = TimeSpan.FromSeconds(1), MaxTries = 2 };
        await SubmitAsync(link, run, [jobs[1]]);
        await DieAsync(link, times: 2);
        await _machines.WorkAsync(options);
        Dictionary<int, JsonElement> results = await Machines.CollectAsync(link, run with { IsResumed = true }, jobs);

        string reason = results[1].GetProperty("error").GetProperty("message").GetString()!;
        Assert.StartsWith("Given up after 2 tries", reason, StringComparison.Ordinal);
        Assert.True(results[0].TryGetProperty("trace", out _));
        INatsJSConsumer dead = await link.JetStream.CreateOrderedConsumerAsync(NatsNames.Dead, cancellationToken: Token);
        INatsJSMsg<byte[]>? letter = await dead.NextAsync(NatsLink.Raw, cancellationToken: Token);
        Assert.Equal(NatsNames.DeadSubject(Machines.Model, run.Id, 1), letter!.Subject);
        Assert.Equal(reason, letter.Headers![NatsNames.Reason]);
        Assert.Equal(jobs[1].ToJson(), letter.Data);
        Assert.Equal(0, await CountAsync(link, NatsNames.Jobs));
    }

    [Fact]
    public async Task Run_JobOfAnotherVersion_FailsInsteadOfWaiting()
    {
        BatchJob job = Machines.Jobs(1)[0];
        NatsRun run = Machines.NewRun();
        await using NatsLink link = await _machines.LinkAsync();
        string newer = Encoding.UTF8.GetString(job.ToJson()).Replace("\"prompt\":", "\"mood\":1,\"prompt\":", StringComparison.Ordinal);
        await link.StoreAsync(NatsNames.JobSubject(Machines.Model, run.Id, 0), Encoding.UTF8.GetBytes(newer), cancellation: Token);
        await _machines.WorkAsync();
        Dictionary<int, JsonElement> results = await Machines.CollectAsync(link, run with { IsResumed = true }, [job]);

        Assert.Contains("There is no field mood", results[0].GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(job.Key, results[0].GetProperty("key").GetString());
        Assert.Equal(1, await CountAsync(link, NatsNames.Dead));
    }

    [Fact]
    public async Task Store_SecondResultOfAJob_ChangesNothing()
    {
        BatchJob[] jobs = Machines.Jobs(1);
        NatsRun run = Machines.NewRun();
        await using NatsLink link = await _machines.LinkAsync();
        byte[] first = [.. BatchResult.Failed(jobs[0], "first").Line.Span], second = [.. BatchResult.Failed(jobs[0], "second").Line.Span];

        Assert.True(await link.StoreAsync(NatsNames.ResultSubject(run.Id, 0), first, cancellation: Token));
        Assert.False(await link.StoreAsync(NatsNames.ResultSubject(run.Id, 0), second, cancellation: Token));
        Dictionary<int, JsonElement> results = await Machines.CollectAsync(link, run with { IsResumed = true }, jobs);
        Assert.Equal("first", results[0].GetProperty("error").GetProperty("message").GetString());
        Assert.Equal(0, await CountAsync(link, NatsNames.Jobs)); // and the job was not asked for again
    }

    [Fact]
    public async Task Run_SubmitterThatDied_GoesOnWithoutDoingAnythingTwice()
    {
        BatchJob[] jobs = Machines.Jobs(60);
        NatsRun run = Machines.NewRun();
        NatsWorker worker = await _machines.WorkAsync();
        await using NatsLink link = await _machines.LinkAsync();
        List<int> before = [];
        await foreach (BatchResult result in new NatsBatchRunner(link, run).RunAsync(jobs, Token))
        {
            before.Add(result.Index);
            if (before.Count == 5)
            {
                break; // nothing is cancelled: the server has the rest
            }
        }

        IEnumerable<BatchJob> missing = jobs.Where(job => !before.Contains(job.Index));
        Dictionary<int, JsonElement> results = await Machines.CollectAsync(link, run with { IsResumed = true }, missing);
        Assert.Equal(60, before.Concat(results.Keys).Distinct().Count());
        await _machines.DrainAsync(worker);
        Assert.Equal(60, worker.Done);
    }

    [Fact]
    public async Task Cancel_WhileWorkersWork_TakesJobsOffAndEndsThoughts()
    {
        NatsWorker worker = await _machines.WorkAsync();
        await using NatsLink link = await _machines.LinkAsync();
        NatsRun run = Machines.NewRun(), other = Machines.NewRun("fedcba9876543210");
        await using INatsSub<byte[]> heard = await Machines.HearAsync(link, run);
        await SubmitAsync(link, run, Machines.Jobs(50, steps: 200));
        await heard.Msgs.ReadAsync(Token); // the worker is at it
        await run.CancelAsync(link, Token);
        Dictionary<int, JsonElement> results = await Machines.CollectAsync(link, other, Machines.Jobs(3));

        Assert.Equal(3, results.Count);
        await _machines.DrainAsync(worker);
        Assert.InRange(worker.Done, 3, 40);
        Assert.Equal(0, await CountAsync(link, NatsNames.Jobs));
    }

    [Fact]
    public async Task Drain_WithJobsLeft_FinishesWhatRunsAndLeavesTheRestToOthers()
    {
        BatchJob[] jobs = Machines.Jobs(30, steps: 100);
        NatsRun run = Machines.NewRun();
        NatsWorkerOptions patient = new(Machines.Model) { AckWait = TimeSpan.FromMinutes(10), Parallel = 2 }; // nothing is handed out again
        NatsWorker first = await _machines.WorkAsync(patient);
        await using NatsLink link = await _machines.LinkAsync();
        await using INatsSub<byte[]> heard = await Machines.HearAsync(link, run);
        Task<Dictionary<int, JsonElement>> collecting = Machines.CollectAsync(link, run, jobs);
        await heard.Msgs.ReadAsync(Token); // the worker is at it
        await _machines.DrainAsync(first);
        int done = first.Done;
        Assert.InRange(done, 1, 29);
        Assert.Equal(30 - done, await CountAsync(link, NatsNames.Jobs));
        NatsWorker second = await _machines.WorkAsync(patient);
        Assert.Equal(30, (await collecting).Count);
        await _machines.DrainAsync(second);
        Assert.Equal(30 - done, second.Done);
    }

    [Fact]
    public async Task Steps_WhileAThoughtGoesOn_AreTold()
    {
        BatchJob[] jobs = Machines.Jobs(1, steps: 4);
        NatsRun run = Machines.NewRun();
        await using NatsLink link = await _machines.LinkAsync();
        await using INatsSub<byte[]> heard = await Machines.HearAsync(link, run);
        await _machines.WorkAsync();
        Dictionary<int, JsonElement> results = await Machines.CollectAsync(link, run, jobs);

        List<JsonElement> events = [];
        await foreach (NatsMsg<byte[]> message in heard.Msgs.ReadAllAsync(Token))
        {
            events.Add(JsonDocument.Parse(message.Data).RootElement);
            if (events[^1].GetProperty("event").GetString() == "done")
            {
                break;
            }
        }

        JsonElement[] steps = [.. events.Where(told => told.GetProperty("event").GetString() == "step")];
        Assert.Equal([0, 1, 2, 3], steps.Select(step => step.GetProperty("step").GetProperty("index").GetInt32()));
        Assert.Equal(
            results[0].GetProperty("trace").GetProperty("steps")[2].GetProperty("entropy").GetDouble(),
            steps[2].GetProperty("step").GetProperty("entropy").GetDouble());
    }

    [Fact]
    public async Task Run_WorkersOfOtherModels_TakeNothing()
    {
        BatchJob[] jobs = Machines.Jobs(2);
        NatsWorker other = await _machines.WorkAsync(new NatsWorkerOptions("hf:org/repo:Q4_K_M"));
        await using NatsLink link = await _machines.LinkAsync();
        Task<Dictionary<int, JsonElement>> collecting = Machines.CollectAsync(link, Machines.NewRun(), jobs);
        while (!_machines.Notices.Any(notice => notice.StartsWith("No worker takes jobs for 'tiny' now", StringComparison.Ordinal)))
        {
            await Task.Delay(50, Token);
        }

        Assert.Equal(2, await CountAsync(link, NatsNames.Jobs));
        await _machines.WorkAsync();
        Assert.Equal(2, (await collecting).Count);
        Assert.Equal(0, other.Done);
    }

    [Fact]
    public async Task Run_MessagesOfOthersAmongTheJobs_ArePassedOver()
    {
        NatsRun run = Machines.NewRun();
        await using NatsLink link = await _machines.LinkAsync();
        byte[] job = Encoding.UTF8.GetBytes("""{"index": -7, "key": "", "prompt": "", "settings": {}}""");
        string stray = NatsNames.JobSubject(Machines.Model, run.Id).Replace("*", "first", StringComparison.Ordinal);
        await link.StoreAsync(stray, job, cancellation: Token);
        await link.StoreAsync(NatsNames.JobSubject(Machines.Model, run.Id, 7), job, cancellation: Token);
        NatsWorker worker = await _machines.WorkAsync();
        Dictionary<int, JsonElement> results = await Machines.CollectAsync(
            link, run with { IsResumed = true }, Machines.Jobs(8));

        Assert.Contains("index is -7", results[7].GetProperty("error").GetRawText(), StringComparison.Ordinal);
        await _machines.DrainAsync(worker);
        Assert.Equal(0, await CountAsync(link, NatsNames.Jobs));
    }

    [Fact]
    public async Task Run_NullAmongTheJobs_NamesThem()
    {
        await using NatsLink link = await _machines.LinkAsync();
        await Assert.ThrowsAsync<ArgumentException>("jobs", () => Machines.CollectAsync(link, Machines.NewRun(), [null!]));
    }

    [Fact]
    public async Task Run_ServerLosesItsDisk_AsksAgainForWhatIsMissing()
    {
        BatchJob[] jobs = Machines.Jobs(20);
        await using NatsLink link = await _machines.LinkAsync();
        Task<Dictionary<int, JsonElement>> collecting = Machines.CollectAsync(link, Machines.NewRun(), jobs);
        while (await CountAsync(link, NatsNames.Jobs) < 20)
        {
            await Task.Delay(20, Token);
        }

        _machines.Server.Kill();
        _machines.Server.Wipe();
        _machines.Server.Start();
        await _machines.WorkAsync();
        Assert.Equal(20, (await collecting).Count);
    }

    [Fact]
    public async Task Run_MoreJobsThanTheQueueHolds_SendsThemAsThereIsRoom()
    {
        await using NatsLink link = await _machines.LinkAsync();
        INatsJSStream queue = await link.JetStream.GetStreamAsync(NatsNames.Jobs, cancellationToken: Token);
        await queue.UpdateAsync(queue.Info.Config with { MaxBytes = 50_000 }, Token);
        await _machines.WorkAsync();
        Dictionary<int, JsonElement> results = await Machines.CollectAsync(link, Machines.NewRun(), Machines.Jobs(600));

        Assert.Equal(600, results.Count);
        Assert.Contains(_machines.Notices, notice => notice.Contains("trying again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_ServerLosesItsDiskAmidTheWork_GoesOn()
    {
        NatsWorker worker = await _machines.WorkAsync();
        await using NatsLink link = await _machines.LinkAsync();
        Task<Dictionary<int, JsonElement>> collecting = Machines.CollectAsync(link, Machines.NewRun(), Machines.Jobs(200, steps: 60));
        while (worker.Done < 20)
        {
            await Task.Delay(20, Token);
        }

        _machines.Server.Kill();
        _machines.Server.Wipe();
        _machines.Server.Start();
        Assert.Equal(200, (await collecting).Count);
    }

    private static string Said(JsonElement result)
    {
        Trace trace = TraceJson.Read(result.GetProperty("trace"), "the trace");
        return $"{trace.Answer} {trace.Stop} {string.Join(' ', trace.Steps.SelectMany(step => step.Tokens).Select(token => token.Id))}";
    }

    private static async Task SubmitAsync(NatsLink link, NatsRun run, BatchJob[] jobs)
    {
        foreach (BatchJob job in jobs)
        {
            await link.StoreAsync(NatsNames.JobSubject(Machines.Model, run.Id, job.Index), job.ToJson(), cancellation: Token);
        }
    }

    /// <summary>Takes the job that is there as a worker does, and lets go of it as one that dies.</summary>
    private static async Task DieAsync(NatsLink link, int times)
    {
        INatsJSConsumer consumer = await link.JetStream.CreateOrUpdateConsumerAsync(
            NatsNames.Jobs,
            new ConsumerConfig(NatsNames.Consumer(Machines.Model))
            {
                FilterSubject = NatsNames.JobSubject(Machines.Model), AckWait = TimeSpan.FromSeconds(1), AckPolicy = ConsumerConfigAckPolicy.Explicit,
            },
            Token);
        for (int died = 0; died < times; died++)
        {
            INatsJSMsg<byte[]>? message = await consumer.NextAsync(NatsLink.Raw, cancellationToken: Token);
            await message!.NakAsync(cancellationToken: Token);
        }
    }

    private static async Task<long> CountAsync(NatsLink link, string stream) =>
        (await link.JetStream.GetStreamAsync(stream, cancellationToken: Token)).Info.State.Messages;
}
