using GgufConcepts.Benchmarking;

namespace GgufConcepts.Tests.Benchmarking;

public class MedianIntervalTests
{
    /// <summary>Ranks as tables of the sign test give them for 95%.</summary>
    [Theory]
    [InlineData(6, 1)]
    [InlineData(8, 1)]
    [InlineData(9, 2)]
    [InlineData(10, 2)]
    [InlineData(20, 6)]
    [InlineData(25, 8)]
    [InlineData(50, 18)]
    [InlineData(100, 40)]
    public void Of_Ranks_HasTheTablesBounds(int count, int rank)
    {
        double[] values = [.. Enumerable.Range(1, count).Select(value => (double)value).Reverse()];
        MedianInterval interval = MedianInterval.Of(values);

        Assert.Equal((count + 1) / 2.0, interval.Median);
        Assert.Equal(rank, interval.Low);
        Assert.Equal(count + 1 - rank, interval.High);
    }

    [Fact]
    public void Of_TooFew_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => MedianInterval.Of([1, 2, 3, 4, 5]));
}
