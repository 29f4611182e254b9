using GgufConcepts.Thinking;

namespace GgufConcepts.Tracing;

/// <summary>The trace of a run on disk, written while the run goes on: memory does not grow with its steps.</summary>
/// <remarks>It grows under a temporary name and gets its own when it is whole. One caller at a time.</remarks>
public sealed class TraceFile : IDisposable
{
    private const int StepsTogether = 64; // so that a pass over all embeddings does not unpack the table for few of them

    private readonly TraceRecorder _recorder;
    private readonly string? _path;
    private readonly Func<IReadOnlyList<TraceStep>, IReadOnlyList<TraceStep>>? _complete;
    private readonly AtomicFile _file;
    private readonly TraceWriter _writer;

    /// <summary>Begins a file.</summary>
    /// <param name="recorder">Makes the trace; nobody else adds to it.</param>
    /// <param name="path">Where the trace goes; null for a temporary file, gone when this is disposed.</param>
    /// <param name="complete">Adds to steps what they lack, some dozens together, before they are written: see
    /// <see cref="TraceNeighbors"/>.</param>
    /// <exception cref="ConceptInputException">The file cannot be written.</exception>
    public TraceFile(
        TraceRecorder recorder, string? path, Func<IReadOnlyList<TraceStep>, IReadOnlyList<TraceStep>>? complete = null)
    {
        ArgumentNullException.ThrowIfNull(recorder);
        _recorder = recorder;
        _path = path;
        _complete = complete;
        try
        {
            _file = new AtomicFile(path);
        }
        catch (Exception problem) when (IsOfFiles(problem))
        {
            throw Refusal(problem);
        }

        _writer = new TraceWriter(_file.Content);
    }

    /// <summary>Whether something could not be written: nothing more can be.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Adds what happened, and writes the steps that are complete.</summary>
    /// <exception cref="ConceptInputException">The file cannot be written.</exception>
    public void Add(ThoughtEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        _recorder.Add(happened);
        if (_recorder.Steps.Count >= (_complete is null ? 1 : StepsTogether))
        {
            WriteSteps();
        }
    }

    /// <summary>Completes and writes the steps that still wait for others.</summary>
    /// <exception cref="ConceptInputException">The file cannot be written.</exception>
    public void WriteSteps()
    {
        if (_recorder.Steps.Count > 0)
        {
            Write(_complete?.Invoke(_recorder.Steps) ?? _recorder.Steps);
        }
    }

    /// <summary>Writes the end and gives the file its name. Steps that still wait are written as they are.</summary>
    /// <param name="unfinished">Why the trace is not whole, where the run did not come to its end.</param>
    /// <exception cref="ConceptInputException">The file cannot be written.</exception>
    public void Finish(StopReason unfinished = StopReason.Cancelled)
    {
        Write(_recorder.Steps);
        Try(() =>
        {
            _writer.End(_recorder.Build(unfinished));
            _file.Commit();
        });
    }

    /// <summary>Reads the finished trace back.</summary>
    public Trace Load()
    {
        Trace? trace = null;
        _file.Read(content => trace = TraceJson.Read(content));
        return trace!; // the document is our own
    }

    /// <summary>Copies the finished trace, as UTF-8.</summary>
    public void CopyTo(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _file.Read(content => content.CopyTo(stream));
    }

    /// <summary>Closes the file; what was not finished is gone.</summary>
    public void Dispose()
    {
        _writer.Dispose();
        _file.Dispose();
    }

    private void Write(IReadOnlyList<TraceStep> steps) => Try(() =>
    {
        if (!_writer.HasBegun)
        {
            _writer.Begin(_recorder.Build());
        }

        foreach (TraceStep step in steps)
        {
            _writer.Add(step);
        }

        _recorder.ForgetSteps();
    });

    private void Try(Action action)
    {
        bool done = false;
        try
        {
            FileTooLong.Guard(action);
            done = true;
        }
        catch (Exception problem) when (IsOfFiles(problem))
        {
            throw Refusal(problem);
        }
        finally
        {
            IsBroken |= !done;
        }
    }

    private static bool IsOfFiles(Exception problem) => problem is IOException or UnauthorizedAccessException;

    private ConceptInputException Refusal(Exception problem) =>
        new($"Cannot write the trace to {_path ?? "a temporary file"}: {problem.Message}", problem);
}
