using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using GgufConcepts.Batches;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace GgufConcepts.Nats;

/// <summary>Runs jobs on whatever machines work for a server: puts them into its queue and collects the results.</summary>
/// <param name="link">The server.</param>
/// <param name="run">The run that the jobs belong to.</param>
/// <remarks>What the server has taken it keeps, so that this may end at any time and another go on with the same run. One
/// caller at a time.</remarks>
public sealed class NatsBatchRunner(NatsLink link, NatsRun run) : IBatchRunner
{
    private const int AtOnce = 32; // jobs on their way to the server
    private const int SubjectsAtOnce = 100_000; // that a server lists
    private const int Waiting = 64; // results that nobody has fetched

    private readonly NatsLink _link = link ?? throw new ArgumentNullException(nameof(link));
    private readonly NatsRun _run = run ?? throw new ArgumentNullException(nameof(run));

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_clear = TimeSpan.FromSeconds(1);

    /// <summary>How long no result may come before it is asked whether the server still has the jobs that are missing.</summary>
    internal TimeSpan Doubt { get; init; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    /// <exception cref="BatchServerException">The server lets this client in no more, or refuses a job for good.</exception>
    public async IAsyncEnumerable<BatchResult> RunAsync(
        IEnumerable<BatchJob> jobs, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        IEnumerable<BatchJob> each = jobs.Select(
            job => job ?? throw new ArgumentException("One of the jobs is null.", nameof(jobs)));
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Channel<(BatchResult Result, ulong Sequence)> results = Channel.CreateBounded<(BatchResult, ulong)>(Waiting);
        Work work = new(_link, _run, each, results.Writer, Doubt);
        Task[] tasks =
        [
            work.GuardAsync(work.CollectAsync, stop.Token), work.GuardAsync(work.SubmitAsync, stop.Token),
            work.GuardAsync(work.WatchAsync, stop.Token), work.GuardAsync(work.ClearAsync, stop.Token),
        ];
        try
        {
            await foreach ((BatchResult result, ulong sequence) in results.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                yield return result;
                work.Taken(sequence); // whoever asks for the next one has written it
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(tasks).ConfigureAwait(false);
        }
    }

    /// <summary>What goes on at the same time while a batch runs.</summary>
    private sealed class Work(
        NatsLink link, NatsRun run, IEnumerable<BatchJob> jobs, ChannelWriter<(BatchResult, ulong)> results, TimeSpan doubt)
    {
        private readonly NatsTally _tally = new();
        private readonly TaskCompletionSource _submitted = new();
        private long _lastResult = Environment.TickCount64;
        private CancellationTokenSource? _fetching;
        private ulong _taken;

        private long Quiet => Environment.TickCount64 - Volatile.Read(ref _lastResult);

        /// <summary>Notes that a result is with the one who asked for it.</summary>
        /// <param name="sequence">Its number in the stream; 0 where it never was there.</param>
        public void Taken(ulong sequence)
        {
            if (sequence > 0)
            {
                Volatile.Write(ref _taken, sequence);
            }
        }

        /// <summary>Takes results that are with the one who asked for them off the server, so that a run may be larger than its
        /// disk.</summary>
        public async Task ClearAsync(CancellationToken cancellation)
        {
            ulong cleared = 0;
            while (true)
            {
                await Task.Delay(s_clear, cancellation).ConfigureAwait(false);
                ulong taken = Volatile.Read(ref _taken);
                if (taken == cleared)
                {
                    continue;
                }

                try
                {
                    await link.JetStream.PurgeStreamAsync(
                        NatsNames.Results,
                        new StreamPurgeRequest { Filter = NatsNames.ResultSubject(run.Id), Seq = taken + 1 },
                        cancellation).ConfigureAwait(false);
                    cleared = taken;
                }
                catch (Exception problem) when (link.Passes(problem, cancellation))
                {
                    // another time
                }
            }
        }

        /// <summary>Gives a problem to the one who reads the results.</summary>
        public async Task GuardAsync(Func<CancellationToken, Task> action, CancellationToken cancellation)
        {
            try
            {
                await action(cancellation).ConfigureAwait(false);
            }
            catch (Exception problem)
            {
                results.TryComplete(link.Explain(problem));
            }
        }

        /// <summary>Puts the jobs into the queue.</summary>
        public async Task SubmitAsync(CancellationToken cancellation)
        {
            HashSet<int> known = run.IsResumed
                ? await link.TryAsync(() => FindKnownAsync(cancellation), cancellation).ConfigureAwait(false)
                : [];
            await AskAsync(known, cancellation).ConfigureAwait(false);
            if (_tally.AskedForAll())
            {
                results.TryComplete();
            }

            _submitted.TrySetResult();
        }

        /// <summary>Fetches results as they come, from the first on.</summary>
        public async Task CollectAsync(CancellationToken cancellation)
        {
            ulong next = 0;
            TimeSpan wait = TimeSpan.FromMilliseconds(100);
            while (true)
            {
                using CancellationTokenSource fetching = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                Volatile.Write(ref _fetching, fetching);
                try
                {
                    INatsJSConsumer consumer = await link.JetStream.CreateOrderedConsumerAsync(NatsNames.Results, new NatsJSOrderedConsumerOpts
                    {
                        FilterSubjects = [NatsNames.ResultSubject(run.Id)],
                        DeliverPolicy = next > 0 ? ConsumerConfigDeliverPolicy.ByStartSequence : ConsumerConfigDeliverPolicy.All,
                        OptStartSeq = next,
                    }, fetching.Token).ConfigureAwait(false);
                    NatsJSConsumeOpts pull = new()
                    {
                        MaxMsgs = Waiting, Expires = TimeSpan.FromSeconds(5), IdleHeartbeat = TimeSpan.FromSeconds(1),
                    };
                    await foreach (INatsJSMsg<byte[]> message in consumer.ConsumeAsync(NatsLink.Raw, pull, fetching.Token).ConfigureAwait(false))
                    {
                        await TakeAsync(message, cancellation).ConfigureAwait(false);
                        next = message.Metadata!.Value.Sequence.Stream + 1;
                        wait = TimeSpan.FromMilliseconds(100);
                    }
                }
                catch (Exception problem) when (link.Passes(problem, cancellation))
                {
                    wait = await link.WaitAsync(problem, wait, cancellation).ConfigureAwait(false);
                }
                finally
                {
                    Volatile.Write(ref _fetching, null);
                }

                next = fetching.IsCancellationRequested ? 0 : next; // the stream is another one, and counts anew
                cancellation.ThrowIfCancellationRequested();
            }
        }

        /// <summary>Says where nothing goes on, and puts into the queue again what the server has lost.</summary>
        public async Task WatchAsync(CancellationToken cancellation)
        {
            TimeSpan due = doubt;
            while (true)
            {
                await Task.Delay(s_look < doubt ? s_look : doubt, cancellation).ConfigureAwait(false);
                try
                {
                    if (Quiet >= s_look.TotalMilliseconds)
                    {
                        await NoteWorkersAsync(cancellation).ConfigureAwait(false);
                    }

                    if (Quiet < doubt.TotalMilliseconds)
                    {
                        due = doubt;
                    }
                    else if (_submitted.Task.IsCompleted && Quiet >= due.TotalMilliseconds)
                    {
                        due *= 2; // long thoughts are quiet as well
                        await RepairAsync(cancellation).ConfigureAwait(false);
                    }
                }
                catch (Exception problem) when (link.Passes(problem, cancellation))
                {
                    // the server is away, which was said
                }
            }
        }

        private async Task AskAsync(HashSet<int> known, CancellationToken cancellation)
        {
            using SemaphoreSlim room = new(AtOnce);
            List<Task> sending = [];
            foreach (BatchJob job in jobs)
            {
                if (!_tally.Ask(job.Index) || known.Contains(job.Index))
                {
                    continue;
                }

                byte[] content = job.ToJson();
                if (content.Length > link.LargestMessage)
                {
                    await GiveAsync(BatchResult.Failed(job, string.Create(
                        CultureInfo.InvariantCulture,
                        $"The job has {content.Length} bytes, and {link.Url} takes {link.LargestMessage}; raise its max_payload.")), sequence: 0, cancellation)
                        .ConfigureAwait(false);
                    continue;
                }

                await room.WaitAsync(cancellation).ConfigureAwait(false);
                sending.RemoveAll(task => task.IsCompletedSuccessfully);
                sending.Add(SendAsync(job.Index, content));
            }

            await Task.WhenAll(sending).ConfigureAwait(false);

            async Task SendAsync(int index, byte[] content)
            {
                try
                {
                    await link.StoreAsync(
                        NatsNames.JobSubject(run.Model, run.Id, index), content, cancellation: cancellation).ConfigureAwait(false);
                }
                finally
                {
                    room.Release();
                }
            }
        }

        private async Task TakeAsync(INatsJSMsg<byte[]> message, CancellationToken cancellation)
        {
            BatchResult result;
            try
            {
                result = BatchResult.Read(NatsContent.Unpack(message.Data ?? [], message.Headers));
            }
            catch (Exception problem) when (problem is JsonException or InvalidDataException or InvalidOperationException)
            {
                link.Note($"{message.Subject} on {link.Url} is no result; it is passed over.");
                return;
            }

            Volatile.Write(ref _lastResult, Environment.TickCount64);
            await GiveAsync(result, message.Metadata?.Sequence.Stream ?? 0, cancellation).ConfigureAwait(false);
        }

        private async Task GiveAsync(BatchResult result, ulong sequence, CancellationToken cancellation)
        {
            bool last = _tally.Add(result.Index, out bool isNew);
            if (isNew)
            {
                await results.WriteAsync((result, sequence), cancellation).ConfigureAwait(false);
            }

            if (last)
            {
                results.TryComplete();
            }
        }

        private async Task NoteWorkersAsync(CancellationToken cancellation)
        {
            bool works;
            try
            {
                INatsJSConsumer workers = await link.JetStream.GetConsumerAsync(
                    NatsNames.Jobs, NatsNames.Consumer(run.Model), cancellation).ConfigureAwait(false);
                works = workers.Info.NumWaiting > 0 || workers.Info.NumAckPending > 0;
            }
            catch (NatsJSApiException problem) when (problem.Error.Code == 404)
            {
                works = false;
            }

            if (!works)
            {
                link.Note($"No worker takes jobs for '{run.Model}' now; start one with: " +
                    $"ggufconcepts worker --nats {link.Url} --model {run.Model}");
            }
        }

        /// <summary>Asks once more for what the server does not know, and fetches anew what was not seen: it may have lost its
        /// disk.</summary>
        private async Task RepairAsync(CancellationToken cancellation)
        {
            HashSet<int> queued = await FindJobsAsync(cancellation).ConfigureAwait(false);
            HashSet<int> there = await FindResultsAsync(cancellation).ConfigureAwait(false);
            if (_tally.Lacks(there))
            {
                FetchAnew();
            }

            queued.UnionWith(there);
            await AskAsync(queued, cancellation).ConfigureAwait(false);
        }

        private void FetchAnew()
        {
            try
            {
                Volatile.Read(ref _fetching)?.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // it begins anew at this moment
            }
        }

        /// <summary>The jobs that wait, run or have their result. A worker stores the result before the job goes, so one that is
        /// gone when the jobs are looked at is among the results looked at afterwards.</summary>
        private async Task<HashSet<int>> FindKnownAsync(CancellationToken cancellation)
        {
            HashSet<int> known = await FindJobsAsync(cancellation).ConfigureAwait(false);
            known.UnionWith(await FindResultsAsync(cancellation).ConfigureAwait(false));
            return known;
        }

        private Task<HashSet<int>> FindJobsAsync(CancellationToken cancellation) =>
            FindAsync(NatsNames.Jobs, NatsNames.JobSubject(run.Model, run.Id), cancellation);

        private Task<HashSet<int>> FindResultsAsync(CancellationToken cancellation) =>
            FindAsync(NatsNames.Results, NatsNames.ResultSubject(run.Id), cancellation);

        /// <summary>The numbers of the messages of a stream.</summary>
        private async Task<HashSet<int>> FindAsync(string stream, string subjects, CancellationToken cancellation)
        {
            HashSet<int> found = [];
            int offset = 0, count;
            do
            {
                INatsJSStream page = await link.JetStream.GetStreamAsync(
                    stream, new StreamInfoRequest { SubjectsFilter = subjects, Offset = offset }, cancellation).ConfigureAwait(false);
                count = page.Info.State.Subjects?.Count ?? 0;
                IEnumerable<string> keys = page.Info.State.Subjects?.Keys ?? [];
                found.UnionWith(keys.Select(subject => NatsNames.Place(subject)?.Index).OfType<int>());
                offset += count;
            }
            while (count >= SubjectsAtOnce);
            return found;
        }
    }
}
