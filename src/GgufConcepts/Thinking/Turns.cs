namespace GgufConcepts.Thinking;

/// <summary>Gives something to one run at a time, and lets any thread end it between two steps of a run.</summary>
/// <param name="owner">What is given; named where it is used too late.</param>
/// <param name="noun">What it is called.</param>
internal sealed class Turns(object owner, string noun)
{
    private readonly Lock _step = new(); // held while outputs are read in place: they must not be freed then
    private int _running;
    private int _ended;

    /// <exception cref="ObjectDisposedException">It has ended.</exception>
    public void ThrowIfEnded() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _ended) != 0, owner);

    /// <summary>Begins a run, which ends when the result is disposed.</summary>
    /// <exception cref="InvalidOperationException">Another run has not ended.</exception>
    public Turn Take()
    {
        ThrowIfEnded();
        return Interlocked.Exchange(ref _running, 1) == 0
            ? new Turn(this)
            : throw new InvalidOperationException($"Another run of this {noun} has not ended; use a {noun} each.");
    }

    /// <summary>Keeps it from ending until the result is disposed.</summary>
    public Lock.Scope EnterStep() => _step.EnterScope();

    /// <summary>Runs: begun when the first item is asked for, every item a step.</summary>
    public IEnumerable<T> Run<T>(Func<IEnumerable<T>> run)
    {
        using Turn turn = Take();
        using IEnumerator<T> items = run().GetEnumerator();
        while (MoveNext(items))
        {
            yield return items.Current;
        }
    }

    /// <summary>Ends it and frees what it holds, once the step that another thread is in is done. True for the first
    /// caller.</summary>
    public bool TryEnd(IDisposable held)
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
        {
            return false;
        }

        lock (_step)
        {
            held.Dispose();
        }

        return true;
    }

    private bool MoveNext<T>(IEnumerator<T> items)
    {
        lock (_step)
        {
            ThrowIfEnded();
            return items.MoveNext();
        }
    }

    /// <summary>The one run at a time.</summary>
    public readonly struct Turn(Turns turns) : IDisposable
    {
        /// <summary>Ends the run.</summary>
        public void Dispose() => Volatile.Write(ref turns._running, 0);
    }
}
