using GgufConcepts.Thinking;

namespace GgufConcepts.Hosting.Isolation;

/// <summary>The thoughts that a host sends to a model's process, as they come.</summary>
/// <remarks>One thread adds and cancels, another takes.</remarks>
internal sealed class WorkerJobs : IThoughtSource
{
    private readonly object _gate = new(); // a Lock cannot be waited on
    private readonly Queue<BatchThought> _waiting = [];
    private readonly Dictionary<int, int> _ids = []; // of thoughts, by the number that the batch gives them
    private readonly Dictionary<int, CancellationTokenSource> _endings = []; // of all that was asked
    private int _added;

    /// <inheritdoc/>
    public bool HasNext
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count > 0;
            }
        }
    }

    /// <summary>Adds a thought.</summary>
    /// <param name="id">Its host's number for it.</param>
    /// <param name="make">Makes the thought, and may fail.</param>
    public void Add(int id, Func<CancellationToken, BatchThought> make)
    {
        try
        {
            BatchThought thought = make(Watch(id));
            lock (_gate)
            {
                _ids.Add(_added++, id);
                _waiting.Enqueue(thought);
                Monitor.PulseAll(_gate);
            }
        }
        catch
        {
            Forget(id);
            throw;
        }
    }

    /// <inheritdoc/>
    public BatchThought? TryTake()
    {
        lock (_gate)
        {
            return _waiting.TryDequeue(out BatchThought? thought) ? thought : null;
        }
    }

    /// <inheritdoc/>
    /// <remarks>Nobody cancels: a process that is not needed any more is ended.</remarks>
    public bool Wait(CancellationToken cancellation)
    {
        lock (_gate)
        {
            while (_waiting.Count == 0)
            {
                Monitor.Wait(_gate);
            }

            return true;
        }
    }

    /// <summary>The host's number for a thought.</summary>
    public int IdOf(int number)
    {
        lock (_gate)
        {
            return _ids[number];
        }
    }

    /// <summary>A thought has ended.</summary>
    public void End(int number)
    {
        int id;
        lock (_gate)
        {
            _ids.Remove(number, out id);
        }

        Forget(id);
    }

    /// <summary>Makes what ends something that was asked.</summary>
    public CancellationToken Watch(int id)
    {
        lock (_gate)
        {
            CancellationTokenSource ending = new();
            _endings.Add(id, ending);
            return ending.Token;
        }
    }

    /// <summary>Ends something that was asked, where it still goes on.</summary>
    public void Cancel(int id)
    {
        CancellationTokenSource? ending;
        lock (_gate)
        {
            ending = _endings.GetValueOrDefault(id);
        }

        ending?.Cancel();
    }

    /// <summary>Something that was asked goes on no longer.</summary>
    public void Forget(int id)
    {
        lock (_gate)
        {
            _endings.Remove(id);
        }
    }
}
