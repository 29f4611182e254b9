using System.Threading.Channels;
using GgufConcepts.Hosting.Telemetry;
using GgufConcepts.Thinking;

namespace GgufConcepts.Hosting;

/// <summary>One request: a thought, and the way back for what happens in it.</summary>
internal sealed class ThoughtJob : IDisposable
{
    private readonly Channel<ThoughtEvent> _events =
        Channel.CreateUnbounded<ThoughtEvent>(new UnboundedChannelOptions { SingleReader = true });

    private readonly CancellationTokenSource _ending;
    private readonly TimeSpan _deadline;
    private readonly CancellationToken _callers;
    private readonly RequestTelemetry _telemetry;
    private bool _isLeft;

    public ThoughtJob(
        string prompt, ThinkOptions? options, TimeSpan deadline, RequestTelemetry telemetry, CancellationToken callers)
    {
        (_deadline, _telemetry, _callers) = (deadline, telemetry, callers);
        _ending = CancellationTokenSource.CreateLinkedTokenSource(callers);
        _ending.Token.Register(() => Refuse(WhyItEnded())); // also where nobody has taken it yet
        Thought = new BatchThought(prompt, options) { Cancellation = _ending.Token };
        _ending.CancelAfter(deadline);
    }

    public BatchThought Thought { get; }

    /// <summary>Whether its caller has left, or its time is over.</summary>
    public bool IsOver => Thought.Cancellation.IsCancellationRequested;

    /// <summary>Calls back once its caller has left or its time is over; at once where that is so already.</summary>
    public void WhenOver(Action callback) => Thought.Cancellation.Register(callback);

    /// <summary>What happens, as it happens.</summary>
    /// <param name="cancellation">Stops the waiting.</param>
    public IAsyncEnumerable<ThoughtEvent> ReadAsync(CancellationToken cancellation) =>
        _events.Reader.ReadAllAsync(cancellation);

    /// <summary>Passes on what happened; the last of it ends the way.</summary>
    public void Tell(BatchEvent told)
    {
        if (told.Happened is not ThoughtEnded ended)
        {
            _telemetry.Add(told.Happened);
            _events.Writer.TryWrite(told.Happened);
        }
        else if (told.Problem is { } problem)
        {
            Refuse(problem);
        }
        else if (ended.Reason == StopReason.Cancelled)
        {
            Refuse(WhyItEnded());
        }
        else
        {
            _telemetry.End(ended); // before its caller hears of it
            _events.Writer.TryWrite(ended);
            _events.Writer.TryComplete();
        }
    }

    /// <summary>Ends the way with what went wrong.</summary>
    public void Refuse(Exception problem)
    {
        _telemetry.Fail(problem);
        _events.Writer.TryComplete(problem);
    }

    private Exception WhyItEnded() => _isLeft || _callers.IsCancellationRequested
        ? new OperationCanceledException(_callers)
        : new TimeoutException($"The request took longer than {_deadline}.");

    /// <summary>Ends the thought where it still runs.</summary>
    public void Dispose()
    {
        _isLeft = true;
        _ending.Cancel();
        _ending.Dispose();
        _telemetry.Dispose();
    }
}
