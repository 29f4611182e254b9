using GgufConcepts.Batches;
using NATS.Client.JetStream;

namespace GgufConcepts.Nats;

/// <summary>A job that a worker has taken and not yet given back.</summary>
internal sealed class HeldJob : IDisposable
{
    private readonly CancellationTokenSource _cancelled = new();

    public HeldJob(INatsJSMsg<byte[]> message, string run, BatchJob job)
    {
        (Message, Run) = (message, run);
        Job = job with { Cancellation = _cancelled.Token };
    }

    /// <summary>How the server handed it out.</summary>
    public INatsJSMsg<byte[]> Message { get; }

    /// <summary>The run that it belongs to.</summary>
    public string Run { get; }

    /// <summary>The job, which <see cref="Cancel"/> ends.</summary>
    public BatchJob Job { get; }

    /// <summary>Times that it was handed out, this one included.</summary>
    public int Tries => (int)(Message.Metadata?.NumDelivered ?? 1);

    /// <summary>Ends it within a step, unless it has ended.</summary>
    public void Cancel()
    {
        try
        {
            _cancelled.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // it has, meanwhile
        }
    }

    public void Dispose() => _cancelled.Dispose();
}
