using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GgufConcepts.Batches;
using GgufConcepts.Models;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace GgufConcepts.Nats;

/// <summary>Takes jobs of one model from a server, thinks them several side by side, and gives the results back. Runs
/// once.</summary>
public sealed class NatsWorker : IDisposable
{
    private const int IdlePulls = 5;

    private static readonly TimeSpan s_pull = TimeSpan.FromSeconds(1);

    private readonly NatsLink _link;
    private readonly ConceptModel _model;
    private readonly NatsWorkerOptions _options;
    private readonly HeldJobs _held;
    private readonly StepTeller _teller;
    private readonly SemaphoreSlim _room;
    private readonly Lock _finishing = new();
    private readonly HashSet<Task> _finishes = [];
    private CancellationToken _abort;
    private int _done;

    /// <summary>Makes a worker.</summary>
    /// <param name="link">The server.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">How it works.</param>
    /// <exception cref="ConceptInputException">An option is out of range.</exception>
    public NatsWorker(NatsLink link, ConceptModel model, NatsWorkerOptions options)
    {
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        if (options.FindProblems() is { Count: > 0 } problems)
        {
            throw new ConceptInputException(string.Join(" ", problems));
        }

        (_link, _model, _options) = (link, model, options);
        _teller = new StepTeller(link);
        _held = new HeldJobs(End, (job, happened) =>
        {
            if (_options.TellsSteps)
            {
                _teller.Tell(job, happened);
            }
        });
        _room = new SemaphoreSlim(options.Parallel + 1); // one waits, so that no seat is free while the server is asked
    }

    /// <summary>Jobs whose result the server has.</summary>
    public int Done => Volatile.Read(ref _done);

    /// <summary>Works until told to stop.</summary>
    /// <param name="drain">Takes no more jobs, finishes those that run, gives back those that wait, and returns.</param>
    /// <param name="abort">Stops within a step; jobs that run are given back if that can be.</param>
    /// <exception cref="OperationCanceledException">Aborted.</exception>
    /// <exception cref="BatchServerException">The server lets this client in no more.</exception>
    public async Task RunAsync(CancellationToken drain, CancellationToken abort)
    {
        try
        {
            await WorkAsync(drain, abort).ConfigureAwait(false);
        }
        catch (NatsException problem)
        {
            throw _link.Explain(problem);
        }
    }

    private async Task WorkAsync(CancellationToken drain, CancellationToken abort)
    {
        _abort = abort;
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(abort);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(drain, ended.Token);
        Task compute = Task.Factory.StartNew(
            () => Compute(stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Task[] others =
        [
            GuardAsync(BeatAsync(ended.Token), stop), GuardAsync(HearCancelsAsync(ended.Token), stop),
            GuardAsync(_teller.RunAsync(ended.Token), stop),
        ];
        try
        {
            await TakeAsync(stop.Token, ended.Token).ConfigureAwait(false);
            await GiveBackAsync(_held.Close()).ConfigureAwait(false);
            await compute.ConfigureAwait(false);
            await FinishAllAsync().ConfigureAwait(false);
            abort.ThrowIfCancellationRequested();
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            _held.Close();
            await Task.WhenAll([compute, .. others]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (abort.IsCancellationRequested)
            {
                await GiveBackAsync(_held.All).ConfigureAwait(false);
            }
        }

        await Task.WhenAll(others.Where(task => task.IsFaulted)).ConfigureAwait(false); // throws what ended them
    }

    /// <summary>Waits for what helps the work; without it there is none.</summary>
    private static async Task GuardAsync(Task task, CancellationTokenSource stop)
    {
        try
        {
            await task.ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is not OperationCanceledException)
        {
            await stop.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Lets go of what it waits with; call it when <see cref="RunAsync"/> has returned.</summary>
    public void Dispose() => _room.Dispose();

    private void Compute(CancellationTokenSource stop)
    {
        try
        {
            using BatchEngine engine = new(_model, _options.Parallel);
            engine.Run(_held, _abort);
        }
        finally
        {
            stop.Cancel(); // whatever ended it, nothing more is to be taken
        }
    }

    private async Task TakeAsync(CancellationToken stop, CancellationToken ended)
    {
        TimeSpan wait = TimeSpan.FromMilliseconds(100);
        INatsJSConsumer? consumer = null;
        int idle = 0;
        while (!stop.IsCancellationRequested)
        {
            int asked = 0, got = 0;
            try
            {
                consumer ??= await MakeConsumerAsync(stop).ConfigureAwait(false);
                await _room.WaitAsync(stop).ConfigureAwait(false);
                for (asked = 1; _room.Wait(0, CancellationToken.None); asked++)
                {
                }

                NatsJSFetchOpts pull = new() { MaxMsgs = asked, Expires = s_pull };
                await foreach (INatsJSMsg<byte[]> message in consumer.FetchAsync(pull, NatsLink.Raw, ended).ConfigureAwait(false))
                {
                    got++;
                    Accept(message);
                }

                wait = TimeSpan.FromMilliseconds(100);
                idle = got > 0 ? 0 : idle + 1;
                if (idle == IdlePulls) // perhaps there is no consumer any more, which a server says to nobody who pulls
                {
                    (consumer, idle) = (null, 0);
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem) when (_link.Passes(problem, ended))
            {
                consumer = problem is NatsJSProtocolException or NatsJSApiException ? null : consumer; // it may be gone
                wait = await _link.WaitAsync(problem, wait, ended).ConfigureAwait(false);
            }
            finally
            {
                if (asked > got)
                {
                    _room.Release(asked - got);
                }
            }
        }
    }

    private async Task<INatsJSConsumer> MakeConsumerAsync(CancellationToken cancellation) =>
        await _link.JetStream.CreateOrUpdateConsumerAsync(NatsNames.Jobs, new ConsumerConfig(NatsNames.Consumer(_options.Model))
        {
            FilterSubject = NatsNames.JobSubject(_options.Model),
            AckPolicy = ConsumerConfigAckPolicy.Explicit,
            AckWait = _options.AckWait,
            MaxDeliver = -1, // workers count, and say why they give up
            MaxAckPending = -1,
        }, cancellation).ConfigureAwait(false);

    private void Accept(INatsJSMsg<byte[]> message)
    {
        if (NatsNames.Place(message.Subject) is not var (run, index))
        {
            HeldJob stray = new(message, "", new BatchJob(0, "", "", []));
            Finish(stray, () => message.AckTerminateAsync(cancellationToken: _abort).AsTask()); // nobody asks for its result
            return;
        }

        BatchJob job;
        try
        {
            job = BatchJob.Read(message.Data);
        }
        catch (ConceptInputException problem)
        {
            HeldJob unread = new(message, run, new BatchJob(index, KeyIn(message.Data), "", [])); // of another version
            Finish(unread, () => GiveAsync(unread, BatchResult.Failed(
                unread.Job, $"A worker cannot read the job: {problem.Message} Are all machines of one version?", mayPass: true), isLast: true));
            return;
        }

        HeldJob held = new(message, run, job);
        if (held.Tries <= _options.MaxTries)
        {
            _held.Add(held);
            return;
        }

        string reason = string.Create(
            CultureInfo.InvariantCulture,
            $"Given up after {_options.MaxTries} tries: each worker that began it died, or was not heard of for {_options.AckWait.TotalSeconds} s.");
        Finish(held, () => GiveAsync(held, BatchResult.Failed(job, reason, mayPass: true), isLast: true));
    }

    /// <summary>What becomes of a job once the thread that computes is done with it.</summary>
    private void End(HeldJob held, BatchResult? result)
    {
        if (result is null)
        {
            Finish(held, () => held.Message.AckTerminateAsync(cancellationToken: _abort).AsTask()); // its run is cancelled
            return;
        }

        if (_options.TellsSteps)
        {
            _teller.Tell(held, result);
        }

        Finish(held, () => GiveAsync(held, result, isLast: held.Tries >= _options.MaxTries));
    }

    private async Task GiveAsync(HeldJob held, BatchResult result, bool isLast)
    {
        if (result is { HasFailed: true, MayPass: true } && !isLast)
        {
            _link.Note($"A job failed, and is tried again: {result.Problem}");
            await held.Message.NakAsync(new AckOpts { NakDelay = TimeSpan.FromSeconds(held.Tries) }, _abort).ConfigureAwait(false);
            return;
        }

        if (result is { HasFailed: true, MayPass: true, Problem: { } reason })
        {
            await KeepDeadAsync(held, reason).ConfigureAwait(false);
        }

        (byte[] content, NatsHeaders? headers) = NatsContent.Pack(result.Line);
        if (content.Length > _link.LargestMessage)
        {
            (content, headers) = NatsContent.Pack(BatchResult.Failed(held.Job, string.Create(
                CultureInfo.InvariantCulture,
                $"The result has {content.Length} bytes packed, and {_link.Url} takes {_link.LargestMessage}: raise its max_payload, " +
                $"or use --brief.")).Line);
        }

        // where there is one already, from a worker that was thought dead, that one stands
        await _link.StoreAsync(NatsNames.ResultSubject(held.Run, held.Job.Index), content, headers, _abort).ConfigureAwait(false);
        await held.Message.AckAsync(new AckOpts { DoubleAck = true }, _abort).ConfigureAwait(false);
        Interlocked.Increment(ref _done);
    }

    private static string KeyIn(byte[]? job)
    {
        try
        {
            return (string?)JsonNode.Parse(job)?["key"] ?? "";
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or ArgumentNullException)
        {
            return "";
        }
    }

    private Task<bool> KeepDeadAsync(HeldJob held, string reason) => _link.StoreAsync(
        NatsNames.DeadSubject(_options.Model, held.Run, held.Job.Index),
        held.Message.Data ?? [],
        new NatsHeaders { [NatsNames.Reason] = reason.ReplaceLineEndings(" ") },
        _abort);

    /// <summary>Does what ends a job beside everything else, then lets go of it.</summary>
    private void Finish(HeldJob held, Func<Task> action)
    {
        Task task = Task.Run(async () =>
        {
            try
            {
                await action().ConfigureAwait(false);
            }
            catch (Exception problem) when (!_abort.IsCancellationRequested && _link.Passes(problem, _abort))
            {
                // the server did not hear of it and hands the job out again
            }
            finally
            {
                _held.Remove(held);
                _room.Release();
            }
        }, CancellationToken.None);
        lock (_finishing)
        {
            _finishes.RemoveWhere(finish => finish.IsCompletedSuccessfully);
            _finishes.Add(task);
        }
    }

    private async Task FinishAllAsync()
    {
        Task[] finishes;
        lock (_finishing)
        {
            finishes = [.. _finishes];
        }

        await Task.WhenAll(finishes).ConfigureAwait(false);
    }

    private async Task GiveBackAsync(IReadOnlyList<HeldJob> jobs)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(2));
        foreach (HeldJob job in jobs)
        {
            try
            {
                await job.Message.NakAsync(cancellationToken: limit.Token).ConfigureAwait(false);
            }
            catch (Exception problem) when (problem is NatsException or OperationCanceledException)
            {
                // the server hands it out again when it has heard nothing for long enough
            }

            _held.Remove(job);
        }
    }

    /// <summary>Tells the server that jobs are still worked on.</summary>
    private async Task BeatAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await Task.Delay(_options.AckWait / 3, cancellation).ConfigureAwait(false);
            foreach (HeldJob job in _held.All)
            {
                try
                {
                    await job.Message.AckProgressAsync(cancellationToken: cancellation).ConfigureAwait(false);
                }
                catch (Exception problem) when (_link.Passes(problem, cancellation))
                {
                    // the next one may get through
                }
            }
        }
    }

    private async Task HearCancelsAsync(CancellationToken cancellation)
    {
        await foreach (NatsMsg<byte[]> message in _link.Connection.SubscribeAsync(
            NatsNames.CancelSubject(), serializer: NatsLink.Raw, cancellationToken: cancellation).ConfigureAwait(false))
        {
            string run = message.Subject[(message.Subject.LastIndexOf('.') + 1)..];
            foreach (HeldJob job in _held.All.Where(job => job.Run == run))
            {
                job.Cancel();
            }
        }
    }
}
