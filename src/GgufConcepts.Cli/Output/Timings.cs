using System.Globalization;
using GgufConcepts.Tracing;

namespace GgufConcepts.Cli.Output;

/// <summary>How long a run took, in one line on standard error.</summary>
internal static class Timings
{
    public static void Write(Trace trace) => Console.Error.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{trace.Model.Name}: loaded in {trace.Timings.LoadMs:F0} ms, {trace.PromptTokens.Count} prompt tokens in " +
        $"{trace.Timings.PromptMs:F1} ms, {trace.Steps.Count} steps at {trace.Timings.StepsPerSecond:F1} a second"));
}
