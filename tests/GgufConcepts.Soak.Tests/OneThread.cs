using System.Collections.Concurrent;

namespace GgufConcepts.Soak.Tests;

/// <summary>A thread that works through what it is given. libc keeps memory apart for threads that allocate at once (arenas, up
/// to eight a processor), and gives little of it back: what was loaded now on this thread and now on that one would look like
/// a leak until each has been used.</summary>
internal sealed class OneThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];

    public OneThread() => new Thread(Run) { IsBackground = true, Name = "soak" }.Start();

    /// <summary>Runs something on it.</summary>
    public Task RunAsync(Action action)
    {
        Task task = new(action);
        _work.Add(() => task.RunSynchronously());
        return task;
    }

    /// <inheritdoc/>
    public void Dispose() => _work.CompleteAdding();

    private void Run()
    {
        foreach (Action action in _work.GetConsumingEnumerable())
        {
            action();
        }

        _work.Dispose();
    }
}
