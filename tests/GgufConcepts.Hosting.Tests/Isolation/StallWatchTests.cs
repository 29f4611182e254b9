using GgufConcepts.Hosting.Isolation;

namespace GgufConcepts.Hosting.Tests.Isolation;

public sealed class StallWatchTests
{
    private readonly Clock _clock = new();

    [Fact]
    public void Look_NothingHeard_AddsUpUntilSomethingIs()
    {
        StallWatch watch = new(_clock);
        Assert.Equal(0.25, Look(watch, 0.25));
        Assert.Equal(0.5, Look(watch, 0.25));
        watch.Hear();
        Assert.Equal(0, Look(watch, 0.25));
        Assert.Equal(0.125, Look(watch, 0.125));
        watch.Begin();
        Assert.Equal(0.25, Look(watch, 0.25));
    }

    /// <summary>A laptop that slept, a container that was frozen: the process stood still as well.</summary>
    [Fact]
    public void Look_AfterThisProgramStoodStill_CountsOneLook()
    {
        StallWatch watch = new(_clock);
        Assert.Equal(StallWatch.Interval.TotalSeconds, Look(watch, 3600));
        Assert.Equal(2 * StallWatch.Interval.TotalSeconds, Look(watch, 3600));
    }

    private double Look(StallWatch watch, double seconds)
    {
        _clock.Seconds += seconds;
        return watch.Look().TotalSeconds;
    }

    private sealed class Clock : TimeProvider
    {
        public double Seconds { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => (long)(Seconds * TimestampFrequency);
    }
}
