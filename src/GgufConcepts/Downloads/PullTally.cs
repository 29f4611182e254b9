namespace GgufConcepts.Downloads;

/// <summary>Counts the bytes of all files of a pull. Any thread.</summary>
internal sealed class PullTally(long bytes, IProgress<PullProgress>? progress)
{
    private long _done;

    /// <summary>Counts bytes that are here; negative where what was here is of no use.</summary>
    public void Add(long count) => progress?.Report(new PullProgress(Interlocked.Add(ref _done, count), bytes, Waiting: false));

    /// <summary>Says that another program is at it.</summary>
    public void Wait() => progress?.Report(new PullProgress(Volatile.Read(ref _done), bytes, Waiting: true));
}
