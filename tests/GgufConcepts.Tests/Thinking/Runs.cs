using GgufConcepts.Models;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Tests.Thinking;

/// <summary>Runs and their traces, as the commands make them.</summary>
internal static class Runs
{
    /// <summary>Thinks in a session of its own and records it.</summary>
    public static Trace Think(ConceptModel model, string prompt, ThinkOptions options)
    {
        using ConceptSession session = model.CreateSession();
        return Record(model, prompt, options, session.Think(prompt, options, TestContext.Current.CancellationToken));
    }

    public static Trace Record(ConceptModel model, string prompt, ThinkOptions options, IEnumerable<ThoughtEvent> events)
    {
        TraceRecorder recorder = Recorder(model, prompt, options);
        foreach (ThoughtEvent happened in events)
        {
            recorder.Add(happened);
        }

        return recorder.Build();
    }

    public static TraceRecorder Recorder(ConceptModel model, string prompt, ThinkOptions options) =>
        new(model.Info, prompt, options.Strategy.Name, options.Settings, options.Seed);

    /// <summary>All of a trace but what the clock said, as JSON: two runs are the same if these are.</summary>
    public static string WithoutTimes(Trace trace) => TraceJson.Write(trace with
    {
        Steps = [.. trace.Steps.Select(step => step with { Milliseconds = 0 })],
        Timings = new TraceTimings(),
    });
}
