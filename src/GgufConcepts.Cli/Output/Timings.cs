using System.Globalization;
using GgufConcepts.Tracing;

namespace GgufConcepts.Cli.Output;

/// <summary>How long a run took, in one line on standard error.</summary>
internal static class Timings
{
    public static void Write(Trace trace) => Console.Error.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{Visible.Text(trace.Model.Name)}: load {trace.Timings.LoadMs:F0} ms, {Count(trace.PromptTokens.Count, "prompt token")} " +
        $"{trace.Timings.PromptMs:F1} ms, {Count(trace.Steps.Count, "step")} at {trace.Timings.StepsPerSecond:F1} / s"));

    private static string Count(int count, string thing) => count == 1 ? $"1 {thing}" : $"{count} {thing}s";
}
