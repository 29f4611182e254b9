using System.Threading.Channels;
using GgufConcepts.Batches;
using GgufConcepts.Thinking;

namespace GgufConcepts.Nats;

/// <summary>The jobs that a worker has: those that wait for the thread that computes, those that run, those whose result is
/// on its way. Any thread.</summary>
/// <param name="ended">Told of a job's result, or with null that it was cancelled.</param>
/// <param name="tell">Told what happens in a thought.</param>
internal sealed class HeldJobs(Action<HeldJob, BatchResult?> ended, Action<HeldJob, ThoughtEvent> tell) : IJobFeed
{
    private readonly Channel<HeldJob> _waiting = Channel.CreateUnbounded<HeldJob>();
    private readonly Dictionary<BatchJob, HeldJob> _running = new(ReferenceEqualityComparer.Instance); // of the thread that computes
    private readonly HashSet<HeldJob> _held = [];

    /// <summary>All of them.</summary>
    public HeldJob[] All
    {
        get
        {
            lock (_held)
            {
                return [.. _held];
            }
        }
    }

    /// <inheritdoc/>
    public bool HasNext => _waiting.Reader.TryPeek(out _);

    /// <summary>Adds one.</summary>
    public void Add(HeldJob job)
    {
        lock (_held)
        {
            _held.Add(job);
        }

        _waiting.Writer.TryWrite(job);
    }

    /// <summary>Lets go of one.</summary>
    public void Remove(HeldJob job)
    {
        lock (_held)
        {
            _held.Remove(job);
        }

        job.Dispose();
    }

    /// <summary>Takes no more.</summary>
    /// <returns>Those that had not begun.</returns>
    public IReadOnlyList<HeldJob> Close()
    {
        List<HeldJob> left = [];
        while (_waiting.Reader.TryRead(out HeldJob? job))
        {
            left.Add(job);
        }

        _waiting.Writer.TryComplete();
        return left;
    }

    /// <inheritdoc/>
    public BatchJob? TryTake()
    {
        if (!_waiting.Reader.TryRead(out HeldJob? job))
        {
            return null;
        }

        _running.Add(job.Job, job);
        return job.Job;
    }

    /// <inheritdoc/>
    public bool Wait(CancellationToken cancellation) =>
        _waiting.Reader.WaitToReadAsync(cancellation).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public void Happened(BatchJob job, ThoughtEvent happened) => tell(_running[job], happened);

    /// <inheritdoc/>
    public void Ended(BatchJob job, BatchResult result) => End(job, result);

    /// <inheritdoc/>
    public void Dropped(BatchJob job) => End(job, null);

    private void End(BatchJob job, BatchResult? result)
    {
        _running.Remove(job, out HeldJob? held);
        ended(held!, result);
    }
}
