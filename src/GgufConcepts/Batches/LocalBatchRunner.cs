using System.Runtime.CompilerServices;
using System.Threading.Channels;
using GgufConcepts.Models;
using GgufConcepts.Thinking;

namespace GgufConcepts.Batches;

/// <summary>Runs jobs in this process, several side by side. One caller at a time.</summary>
/// <param name="model">The model; it is kept alive while jobs run.</param>
/// <param name="parallel">Jobs that run at once; 1 to <see cref="ConceptBatch.Largest"/>.</param>
public sealed class LocalBatchRunner(ConceptModel model, int parallel) : IBatchRunner
{
    private readonly ConceptModel _model = model ?? throw new ArgumentNullException(nameof(model));

    private const int Waiting = 64; // results that nobody has fetched; then thinking waits

    /// <inheritdoc/>
    public async IAsyncEnumerable<BatchResult> RunAsync(
        IEnumerable<BatchJob> jobs, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        IEnumerable<BatchJob> each = jobs.Select(
            job => job ?? throw new ArgumentException("One of the jobs is null.", nameof(jobs)));
        using CancellationTokenSource abandoned = new();
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, abandoned.Token);
        Channel<BatchResult> results = Channel.CreateBounded<BatchResult>(Waiting);
        Task work = Task.Factory.StartNew(
            () => Run(each, results.Writer, stop.Token, abandoned.Token),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        try
        {
            // not cancelled: those that are there are given, then comes the reason why there are no more
            await foreach (BatchResult result in results.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                yield return result;
            }
        }
        finally
        {
            await abandoned.CancelAsync().ConfigureAwait(false);
            await work.ConfigureAwait(false);
        }
    }

    private void Run(
        IEnumerable<BatchJob> jobs, ChannelWriter<BatchResult> results, CancellationToken stop, CancellationToken abandoned)
    {
        Exception? problem = null;
        try
        {
            using BatchEngine engine = new(_model, parallel);
            using Feed feed = new(jobs.GetEnumerator(), results, abandoned);
            engine.Run(feed, stop);
        }
        catch (Exception thrown)
        {
            problem = thrown; // given to the one who reads
        }

        results.Complete(problem);
    }

    private sealed class Feed(IEnumerator<BatchJob> jobs, ChannelWriter<BatchResult> results, CancellationToken abandoned)
        : IJobFeed, IDisposable
    {
        private BatchJob? _next;
        private bool _ended;

        public bool HasNext
        {
            get
            {
                if (_next is null && !_ended)
                {
                    _ended = !jobs.MoveNext();
                    _next = _ended ? null : jobs.Current;
                }

                return _next is not null;
            }
        }

        public BatchJob? TryTake()
        {
            BatchJob? taken = HasNext ? _next : null;
            _next = null;
            return taken;
        }

        public bool Wait(CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            return HasNext;
        }

        public void Happened(BatchJob job, ThoughtEvent happened)
        {
        }

        public void Ended(BatchJob job, BatchResult result)
        {
            if (!results.TryWrite(result))
            {
                results.WriteAsync(result, abandoned).AsTask().GetAwaiter().GetResult();
            }
        }

        public void Dropped(BatchJob job)
        {
        }

        public void Dispose() => jobs.Dispose();
    }
}
