using Microsoft.Extensions.Logging;

namespace GgufConcepts.Native.Tests;

[CollectionDefinition(nameof(NativeLogTests), DisableParallelization = true)] // the native log is one for the process
[Collection(nameof(NativeLogTests))]
public sealed class NativeLogTests : IDisposable
{
    private readonly ListLogger _logger = new();

    public NativeLogTests() => NativeLog.SetLogger(_logger);

    public void Dispose() => NativeLog.SetLogger(Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

    [Fact]
    public void Append_ALineInPieces_IsLoggedOnceWhenItEnds()
    {
        NativeLog.Append(GgmlLogLevel.Warn, "loading");
        NativeLog.Append(GgmlLogLevel.Cont, " ...");
        Assert.Empty(_logger.Lines);
        NativeLog.Append(GgmlLogLevel.Cont, " done\n");

        Assert.Equal([(LogLevel.Warning, "llama.cpp: loading ... done")], _logger.Lines);
    }

    [Fact]
    public void Append_TwoLinesAtOnceAndEmptyOnes_LogsEachThatSaysSomething()
    {
        NativeLog.Append(GgmlLogLevel.Info, "first\n\nsecond\n");

        Assert.Equal([(LogLevel.Debug, "llama.cpp: first"), (LogLevel.Debug, "llama.cpp: second")], _logger.Lines);
    }

    [Fact]
    public void Append_ALineWithoutItsEnd_IsLoggedWhenTheNextBegins()
    {
        NativeLog.Append(GgmlLogLevel.Error, "half");
        NativeLog.Append(GgmlLogLevel.Info, "whole\n");

        Assert.Equal([(LogLevel.Error, "llama.cpp: half"), (LogLevel.Debug, "llama.cpp: whole")], _logger.Lines);
    }

    [Fact]
    public void LastProblem_SeveralErrors_IsTheFirst()
    {
        NativeLog.ForgetProblem();
        NativeLog.Append(GgmlLogLevel.Error, "the cause\n");
        NativeLog.Append(GgmlLogLevel.Error, "a consequence\n");

        Assert.Equal("the cause", NativeLog.LastProblem);
        NativeLog.ForgetProblem();
        Assert.Null(NativeLog.LastProblem);
    }

    private sealed class ListLogger : ILogger
    {
        public List<(LogLevel Level, string Line)> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add((logLevel, formatter(state, exception)));
    }
}
