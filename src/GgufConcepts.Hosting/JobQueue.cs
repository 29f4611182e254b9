using System.Threading.Channels;
using GgufConcepts.Thinking;

namespace GgufConcepts.Hosting;

/// <summary>The requests that wait for a model, and those that it works on.</summary>
/// <param name="length">Most that may wait.</param>
internal sealed class JobQueue(int length) : IThoughtSource
{
    private readonly Channel<ThoughtJob> _waiting =
        Channel.CreateBounded<ThoughtJob>(new BoundedChannelOptions(length) { SingleReader = true });

    private readonly Dictionary<int, ThoughtJob> _running = []; // by the number that the batch gives them
    private int _taken;

    /// <summary>Whether no more requests are taken.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>False where no more may wait, or none are taken any more.</summary>
    public bool TryAdd(ThoughtJob job) => _waiting.Writer.TryWrite(job);

    /// <inheritdoc/>
    public bool HasNext => _waiting.Reader.Count > 0;

    /// <inheritdoc/>
    public BatchThought? TryTake()
    {
        if (!_waiting.Reader.TryRead(out ThoughtJob? job))
        {
            return null;
        }

        _running.Add(_taken++, job);
        return job.Thought;
    }

    /// <inheritdoc/>
    public bool Wait(CancellationToken cancellation) =>
        _waiting.Reader.WaitToReadAsync(cancellation).AsTask().GetAwaiter().GetResult();

    /// <summary>Passes an event of the batch on.</summary>
    public void Tell(BatchEvent told)
    {
        _running[told.Thought].Tell(told);
        if (told.Happened is ThoughtEnded)
        {
            _running.Remove(told.Thought);
        }
    }

    /// <summary>Takes no more requests, and refuses those that wait.</summary>
    public void Close(Exception reason)
    {
        IsClosed = true;
        _waiting.Writer.TryComplete();
        while (_waiting.Reader.TryRead(out ThoughtJob? job))
        {
            job.Refuse(reason);
        }
    }

    /// <summary>Refuses those that run; called once nothing works on them any more.</summary>
    public void Abandon(Exception reason)
    {
        foreach (ThoughtJob job in _running.Values)
        {
            job.Refuse(reason);
        }

        _running.Clear();
    }
}
