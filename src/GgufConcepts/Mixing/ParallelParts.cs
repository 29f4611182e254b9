using System.Runtime.ExceptionServices;

namespace GgufConcepts.Mixing;

/// <summary>A job in numbered parts that may run at the same time, in any order.</summary>
internal interface IPartedJob
{
    /// <summary>Does one part.</summary>
    void Run(int part);
}

/// <summary>Runs the parts of a job on several processors and waits for the last.</summary>
/// <remarks>Made once and used at every step: unlike <see cref="Parallel"/> it allocates nothing. One job at a
/// time.</remarks>
/// <param name="job">The job.</param>
/// <param name="most">Most processors to use, the caller's among them.</param>
internal sealed class ParallelParts(IPartedJob job, int most) : IThreadPoolWorkItem
{
    private readonly int _most = Math.Min(most, Environment.ProcessorCount);
    private long _taken; // how many parts there are << 32 | how many were taken: one number, so that a latecomer to the
    private int _open;   // job before takes a whole part of this one or none
    private ExceptionDispatchInfo? _failure;

    /// <summary>Runs all parts.</summary>
    /// <param name="count">How many there are; they are numbered from 0.</param>
    public void Run(int count)
    {
        _failure = null;
        Volatile.Write(ref _open, count);
        Interlocked.Exchange(ref _taken, (long)count << 32);
        for (int others = Math.Min(_most, count) - 1; others > 0; others--)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        Work();
        SpinWait wait = default;
        while (Volatile.Read(ref _open) > 0)
        {
            wait.SpinOnce(sleep1Threshold: -1); // a part is short: never sleep a whole millisecond
        }

        _failure?.Throw();
    }

    void IThreadPoolWorkItem.Execute() => Work();

    private void Work()
    {
        while (true)
        {
            long taken = Interlocked.Increment(ref _taken) - 1;
            int part = (int)taken;
            if (part >= (int)(taken >> 32))
            {
                return;
            }

            try
            {
                job.Run(part);
            }
            catch (Exception problem)
            {
                _failure = ExceptionDispatchInfo.Capture(problem); // one of them is enough
            }
            finally
            {
                Interlocked.Decrement(ref _open);
            }
        }
    }
}
