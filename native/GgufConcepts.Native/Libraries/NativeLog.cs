using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GgufConcepts.Native;

/// <summary>Sends llama.cpp's log to an <see cref="ILogger"/>, a whole line at a time; nothing reaches the
/// console.</summary>
public static unsafe partial class NativeLog
{
    private static readonly Lock s_gate = new();
    private static readonly StringBuilder s_line = new();
    private static GgmlLogLevel s_level = GgmlLogLevel.Info;
    private static ILogger s_logger = NullLogger.Instance;

    /// <summary>The first error a call on this thread logged: the cause, where what follows are consequences.</summary>
    [ThreadStatic]
    private static string? s_problem;

    /// <summary>The last error on any thread: an assertion may fail on one that only computes.</summary>
    private static volatile string? s_lastOfAll;

    /// <summary>Where the lines go from now on; one for the process, as the native log is.</summary>
    public static void SetLogger(ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(logger);
        lock (s_gate)
        {
            s_logger = logger;
        }
    }

    internal static string? LastProblem => s_problem;

    internal static string? LastProblemOfAll => s_lastOfAll;

    internal static void ForgetProblem() => s_problem = s_lastOfAll = null;

    internal static void Install()
    {
        LlamaNative.llama_log_set(&OnLog, null);
        LastWords.Install();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnLog(GgmlLogLevel level, byte* text, void* userData)
    {
        try
        {
            Append(level, LlamaLibrary.Text(text));
        }
        catch (Exception)
        {
            // A logger that throws must not unwind through C++: that would end the process.
        }
    }

    internal static void Append(GgmlLogLevel level, string text)
    {
        lock (s_gate)
        {
            if (level != GgmlLogLevel.Cont)
            {
                Flush(); // a line that never got its end
                s_level = level;
            }

            int end;
            while ((end = text.IndexOf('\n')) >= 0)
            {
                s_line.Append(text.AsSpan(0, end));
                Flush();
                text = text[(end + 1)..];
            }

            s_line.Append(text);
        }
    }

    private static void Flush()
    {
        string line = s_line.ToString().Trim();
        s_line.Clear();
        if (line.Length == 0)
        {
            return;
        }

        if (s_level == GgmlLogLevel.Error)
        {
            s_problem ??= line;
            s_lastOfAll = line;
        }

        LogLevel level = LevelOf(s_level);
        if (s_logger.IsEnabled(level))
        {
            LogLine(s_logger, level, line);
        }
    }

    private static LogLevel LevelOf(GgmlLogLevel level) => level switch
    {
        GgmlLogLevel.Error => LogLevel.Error,
        GgmlLogLevel.Warn => LogLevel.Warning,
        GgmlLogLevel.Info => LogLevel.Debug, // llama.cpp tells its whole life at this level
        _ => LogLevel.Trace,
    };

    [LoggerMessage(EventId = 1, Message = "llama.cpp: {Line}", SkipEnabledCheck = true)]
    private static partial void LogLine(ILogger logger, LogLevel level, string line);
}
