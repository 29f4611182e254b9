using Microsoft.Extensions.Logging;

namespace GgufConcepts.Cli.Output;

/// <summary>Writes log lines to standard error, for <c>--verbose</c> and <c>serve</c>.</summary>
internal sealed class ErrorStreamLogger : ILogger, ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => this;

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Debug;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            Console.Error.WriteLine(exception is null ? formatter(state, null) : $"{formatter(state, exception)}: {exception}");
        }
    }
}
