namespace GgufConcepts.Hosting.Isolation;

/// <summary>How long a process has been silent while it was looked at.</summary>
/// <remarks>Where this program itself was stopped between two looks, so was the process perhaps: the time between them counts
/// as one look.</remarks>
/// <param name="clock">Tells time.</param>
internal sealed class StallWatch(TimeProvider clock)
{
    /// <summary>How often to look.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private int _heard;
    private int _heardBefore; // and what follows: of whoever looks
    private long _looked = clock.GetTimestamp();
    private TimeSpan _silence;

    /// <summary>Something was heard. Any thread.</summary>
    public void Hear() => Interlocked.Increment(ref _heard);

    /// <summary>It had nothing to say until now.</summary>
    public void Begin() => _silence = TimeSpan.Zero;

    /// <summary>Looks, one thread at a time.</summary>
    /// <returns>For how long nothing was heard.</returns>
    public TimeSpan Look()
    {
        TimeSpan since = clock.GetElapsedTime(_looked);
        _looked = clock.GetTimestamp();
        int heard = Volatile.Read(ref _heard);
        _silence = heard == _heardBefore ? _silence + (since < 4 * Interval ? since : Interval) : TimeSpan.Zero;
        _heardBefore = heard;
        return _silence;
    }
}
