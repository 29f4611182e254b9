using System.Numerics;
using GgufConcepts.Evaluation;

namespace GgufConcepts.Tests.Evaluation;

public sealed class StatisticsTests
{
    /// <summary>Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3.</summary>
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0.0000, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void Interval_PublishedCounts_IsAsPublished(int right, int count, double low, double high)
    {
        Interval interval = Wilson.Interval(right, count);

        Assert.Equal(low, interval.Low, 0.00005);
        Assert.Equal(high, interval.High, 0.00005);
    }

    /// <summary>The ends are the shares whose normal test just does not reject the count: |p - s| = z sqrt(s (1 - s) / n).</summary>
    [Theory]
    [InlineData(1, 2)]
    [InlineData(700, 1319)]
    [InlineData(999, 1000)]
    public void Interval_AnyCount_SolvesTheScoreEquation(int right, int count)
    {
        Interval interval = Wilson.Interval(right, count);

        foreach (double end in new[] { interval.Low, interval.High })
        {
            Assert.Equal(1.959964 * Math.Sqrt(end * (1 - end) / count), Math.Abs(((double)right / count) - end), 1e-6);
        }
    }

    [Theory]
    [InlineData(-1, 5)]
    [InlineData(6, 5)]
    [InlineData(0, 0)]
    public void Interval_ImpossibleCounts_IsRefused(int right, int count) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Wilson.Interval(right, count));

    /// <summary>By hand: twice the binomial sum over two to the power of all discordant pairs.</summary>
    [Theory]
    [InlineData(0, 0, 1.0)]
    [InlineData(0, 5, 2.0 / 32)]
    [InlineData(1, 9, 2.0 * (1 + 10) / 1024)]
    [InlineData(9, 1, 2.0 * (1 + 10) / 1024)]
    [InlineData(3, 12, 2.0 * (1 + 15 + 105 + 455) / 32768)]
    [InlineData(5, 5, 1.0)]
    public void Exact_FewPairs_IsAsByHand(int gained, int lost, double p) => Assert.Equal(p, McNemar.Exact(gained, lost), 1e-12);

    /// <summary>Against whole numbers of any length.</summary>
    [Theory]
    [InlineData(121, 59)]
    [InlineData(640, 700)]
    [InlineData(2000, 2100)]
    public void Exact_ManyPairs_EqualsTheWholeNumberSum(int gained, int lost)
    {
        int count = gained + lost;
        BigInteger term = 1;
        BigInteger sum = 0;
        for (int k = 0; k <= Math.Min(gained, lost); k++)
        {
            sum += term;
            term = term * (count - k) / (k + 1);
        }

        double expected = Math.Exp(BigInteger.Log(2 * sum) - (count * Math.Log(2)));
        Assert.Equal(1, McNemar.Exact(gained, lost) / expected, 1e-9);
    }

    [Fact]
    public void Exact_NegativeCount_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => McNemar.Exact(-1, 2));
}
