using GgufConcepts.Hosting.Isolation;

namespace GgufConcepts.Hosting.Tests.Isolation;

public sealed class LastLinesTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "Failed to resolve libhostfxr.so")] // .NET's own, of a process that never came to any code of ours
    public void FindReason_NoLineSaysWhy_IsTheLastWhereAnyWillDo(bool orLast, string reason)
    {
        LastLines lines = new(new StringReader("A fatal error occurred\nFailed to resolve libhostfxr.so\n"), _ => { });
        Assert.Equal(reason, lines.FindReason(orLast, s_limit));
    }

    [Fact]
    public void FindReason_ALineSaysWhy_IsThat()
    {
        LastLines lines = new(
            new StringReader("Unhandled exception. System.InvalidOperationException: this\r\n   at Main\n"), _ => { });
        Assert.Equal("Unhandled exception. System.InvalidOperationException: this", lines.FindReason(orLast: true, s_limit));
    }

    [Fact]
    public void FindReason_ALogThatFails_ReadsOn()
    {
        LastLines lines = new(new StringReader("one\nwhat(): two\n"), _ => throw new IOException("full"));
        Assert.Equal("what(): two", lines.FindReason(orLast: false, s_limit));
    }
}
