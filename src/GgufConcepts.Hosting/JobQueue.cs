using GgufConcepts.Thinking;

namespace GgufConcepts.Hosting;

/// <summary>The requests that wait for a model, first come first served, and those that it works on.</summary>
/// <remarks>Any thread adds and tells; one takes and waits.</remarks>
/// <param name="length">Most that may wait.</param>
/// <param name="patience">How long to wait for the next request before the model counts as idle; null for ever.</param>
internal sealed class JobQueue(int length, TimeSpan? patience) : IThoughtSource, IDisposable
{
    private readonly Lock _gate = new();
    private readonly LinkedList<ThoughtJob> _waiting = [];
    private readonly Dictionary<int, ThoughtJob> _running = []; // by the number that the batch gives them
    private readonly ManualResetEventSlim _stirred = new(); // by a request, by the end, or by whoever works on them
    private readonly CancellationTokenSource _closing = new();
    private int _taken;

    /// <summary>How long the model counts as at work though nobody asks for it; infinite where that is for ever.</summary>
    public TimeSpan Patience => patience ?? Timeout.InfiniteTimeSpan;

    /// <summary>Cancelled once no more requests are taken.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>Whether no more requests are taken.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Requests that wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Requests that the model works on.</summary>
    public int Running
    {
        get
        {
            lock (_gate)
            {
                return _running.Count;
            }
        }
    }

    /// <inheritdoc/>
    public bool HasNext => Waiting > 0;

    /// <summary>False where no more may wait, or none are taken any more.</summary>
    public bool TryAdd(ThoughtJob job)
    {
        lock (_gate)
        {
            if (IsClosed || _waiting.Count >= length)
            {
                return false;
            }

            LinkedListNode<ThoughtJob> place = _waiting.AddLast(job);
            job.WhenOver(() => Forget(place)); // whoever has left does not keep another from waiting
            _stirred.Set();
            return true;
        }
    }

    /// <inheritdoc/>
    public BatchThought? TryTake()
    {
        lock (_gate)
        {
            if (_waiting.First is not { } first)
            {
                return null;
            }

            _waiting.RemoveFirst();
            int number = _taken++;
            if (!first.Value.IsOver)
            {
                _running.Add(number, first.Value);
            }

            return first.Value.Thought;
        }
    }

    /// <inheritdoc/>
    /// <returns>False also where none came for as long as the queue has patience.</returns>
    public bool Wait(CancellationToken cancellation) => Wait(Patience, cancellation);

    /// <summary>Wakes whoever waits for something to happen.</summary>
    public void Stir() => _stirred.Set();

    /// <summary>Forgets what has happened: to be called before looking what there is to do.</summary>
    public void Settle() => _stirred.Reset();

    /// <summary>Waits for whatever happens first: a request, the end, or a <see cref="Stir"/>.</summary>
    /// <returns>False where nothing did.</returns>
    public bool WaitForStir(TimeSpan limit, CancellationToken cancellation) => _stirred.Wait(limit, cancellation);

    /// <summary>A batch begins to take requests, and numbers them from 0.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            _taken = 0;
        }
    }

    /// <summary>Waits for a request however long it takes.</summary>
    /// <returns>False where no more will come.</returns>
    public bool WaitForever(CancellationToken cancellation) => Wait(Timeout.InfiniteTimeSpan, cancellation);

    /// <summary>Passes an event of the batch on.</summary>
    public void Tell(BatchEvent told)
    {
        ThoughtJob? job;
        lock (_gate)
        {
            if (_running.TryGetValue(told.Thought, out job) && told.Happened is ThoughtEnded)
            {
                _running.Remove(told.Thought);
            }
        }

        job?.Tell(told);
    }

    /// <summary>Takes no more requests, and refuses those that wait.</summary>
    public void Close(Exception reason)
    {
        lock (_gate)
        {
            IsClosed = true;
            _stirred.Set();
        }

        _closing.Cancel();
        RefuseWaiting(reason);
    }

    /// <summary>Refuses those that wait.</summary>
    public void RefuseWaiting(Exception reason)
    {
        ThoughtJob[] all;
        lock (_gate)
        {
            all = [.. _waiting];
            _waiting.Clear();
        }

        Refuse(all, reason);
    }

    /// <summary>Refuses those that run; called once nothing works on them any more.</summary>
    /// <param name="reason">Made for each: an exception that is thrown in several places at once tells nobody where.</param>
    public void Abandon(Func<Exception> reason)
    {
        ThoughtJob[] all;
        lock (_gate)
        {
            all = [.. _running.Values];
            _running.Clear();
        }

        foreach (ThoughtJob job in all)
        {
            job.Refuse(reason());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stirred.Dispose();
        _closing.Dispose();
    }

    private static void Refuse(ThoughtJob[] jobs, Exception reason)
    {
        foreach (ThoughtJob job in jobs)
        {
            job.Refuse(reason);
        }
    }

    private bool Wait(TimeSpan limit, CancellationToken cancellation)
    {
        while (true)
        {
            lock (_gate)
            {
                if (_waiting.Count > 0 || IsClosed)
                {
                    return _waiting.Count > 0;
                }

                _stirred.Reset();
            }

            if (!_stirred.Wait(limit, cancellation))
            {
                return false;
            }
        }
    }

    private void Forget(LinkedListNode<ThoughtJob> place)
    {
        lock (_gate)
        {
            if (place.List == _waiting)
            {
                _waiting.Remove(place);
            }
        }
    }
}
