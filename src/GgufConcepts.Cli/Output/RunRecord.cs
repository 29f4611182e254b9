using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Cli.Output;

/// <summary>The trace of a run: on disk as it grows where the document is wanted, else held for the table or page that
/// shows all of it.</summary>
/// <param name="recorder">Makes the trace.</param>
/// <param name="file">Where the document grows; null where none is wanted.</param>
/// <param name="complete">Adds to steps what they lack; null for nothing.</param>
internal sealed class RunRecord(
    TraceRecorder recorder, TraceFile? file, Func<IReadOnlyList<TraceStep>, IReadOnlyList<TraceStep>>? complete) : IDisposable
{
    private Trace? _whole;

    /// <summary>The document; null where none is wanted.</summary>
    public TraceFile? File => file;

    /// <summary>Adds what happened.</summary>
    public void Add(ThoughtEvent happened)
    {
        if (file is not null)
        {
            file.Add(happened);
        }
        else
        {
            recorder.Add(happened);
        }
    }

    /// <summary>Completes the steps, after the last one.</summary>
    public void Complete()
    {
        if (file is not null)
        {
            file.WriteSteps();
            return;
        }

        Trace trace = recorder.Build();
        _whole = complete is null ? trace : trace with { Steps = complete(trace.Steps) };
    }

    /// <summary>Ends the trace.</summary>
    /// <param name="unfinished">Why it is not whole, where the run did not come to its end.</param>
    public void Finish(StopReason unfinished = StopReason.Cancelled)
    {
        file?.Finish(unfinished);
        _whole ??= file is null ? recorder.Build(unfinished) : null;
    }

    /// <summary>The finished trace.</summary>
    public Trace Load() => _whole ??= file!.Load();

    public void Dispose() => file?.Dispose();
}
