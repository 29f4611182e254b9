using GgufConcepts.Hosting.Isolation;

namespace GgufConcepts.Hosting.Tests.Isolation;

/// <summary>What counts as a sign that a model's process gets on.</summary>
public sealed class SignsOfLifeTests
{
    private readonly HandClock _clock = new();

    [Fact]
    public void Look_Decodes_AreOne()
    {
        SignsOfLife signs = new(_clock);
        Assert.True(signs.Look(1, tokenizing: false));
        Assert.False(signs.Look(1, tokenizing: false));
        Assert.True(signs.Look(2, tokenizing: true));
    }

    [Fact]
    public void Look_TextThatIsCutForLong_IsOneNoMore()
    {
        SignsOfLife signs = new(_clock);
        Assert.True(signs.Look(0, tokenizing: true));
        _clock.Now += SignsOfLife.LongestText;
        Assert.False(signs.Look(0, tokenizing: true));
        Assert.True(signs.Look(1, tokenizing: true)); // others get on meanwhile
        Assert.True(signs.Look(1, tokenizing: true));
        _clock.Now += SignsOfLife.LongestText;
        Assert.False(signs.Look(1, tokenizing: true));
        Assert.False(signs.Look(1, tokenizing: false));
        Assert.True(signs.Look(1, tokenizing: true)); // another text
    }

    private sealed class HandClock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
