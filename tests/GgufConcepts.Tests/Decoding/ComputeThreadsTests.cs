using GgufConcepts.Decoding;

namespace GgufConcepts.Tests.Decoding;

public sealed class ComputeThreadsTests
{
    [Fact]
    public void DefaultFor_MoreRowsOrWeights_NeverFewerThreads()
    {
        const long Small = 2L << 20, Large = 8L << 30;
        Assert.Equal(1, ComputeThreads.DefaultFor(Small, rows: 1));
        Assert.Equal(1, ComputeThreads.DefaultFor(0, rows: 512));
        int most = ComputeThreads.DefaultFor(Large, rows: 1);
        Assert.InRange(most, 1, Environment.ProcessorCount);
        Assert.Equal(most, ComputeThreads.DefaultFor(Large, rows: 8192));
        int[] byRows = [.. new[] { 1, 4, 8, 16, 512 }.Select(rows => ComputeThreads.DefaultFor(Small, rows))];
        Assert.Equal(byRows.Order(), byRows);
        Assert.Equal(Math.Min(most, 4), byRows[3]);
    }
}
