using Microsoft.Extensions.Logging;

namespace GgufConcepts.Hosting.Telemetry;

/// <summary>The lines of a request in the log. None holds what was asked or answered.</summary>
internal static partial class RequestLog
{
    [LoggerMessage(
        Level = LogLevel.Debug,
        Message = "{Model}: {Operation} comes, strategy {Strategy}, at most {MaxSteps} steps and {MaxTokens} tokens")]
    public static partial void Begun(
        ILogger logger, string model, string operation, string? strategy, int maxSteps, int maxTokens);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "{Model}: {Operation} done in {Milliseconds:F0} ms: {PromptTokens} prompt tokens, {Steps} steps ({Stop}), " +
            "{AnswerTokens} answer tokens ({AnswerStop})")]
    public static partial void Ended(
        ILogger logger, string model, string operation, double milliseconds, int promptTokens, int steps, string? stop,
        int answerTokens, string? answerStop);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "{Model}: {Operation} cancelled after {Milliseconds:F0} ms, {Steps} steps and {AnswerTokens} answer tokens")]
    public static partial void Cancelled(
        ILogger logger, string model, string operation, double milliseconds, int steps, int answerTokens);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Model}: {Operation} refused: {Reason}")]
    public static partial void Refused(ILogger logger, string model, string operation, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Model}: {Operation} failed after {Milliseconds:F0} ms")]
    public static partial void Failed(
        ILogger logger, string model, string operation, double milliseconds, Exception problem);
}
