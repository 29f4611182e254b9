using System.Collections.Concurrent;
using System.Text.Json.Serialization.Metadata;
using GgufConcepts.Hosting.Running;
using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Hosting.Isolation;

/// <summary>A model that runs in a process of its own: what makes llama.cpp abort ends that one alone.</summary>
internal sealed class WorkerRunner : IModelRunner
{
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(5);
    private static readonly MessageJson s_json = MessageJson.Default;

    private readonly string _name;
    private readonly int _parallel;
    private readonly WorkerLimits _limits;
    private readonly WorkerProcess _process;
    private readonly StallWatch _watch = new(TimeProvider.System);
    private readonly IProgress<float>? _progress;
    private readonly TaskCompletionSource<LoadedMessage> _loading = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<int, Seat> _seats = new(); // thoughts that run, by their numbers here
    private readonly ConcurrentDictionary<int, TaskCompletionSource<object>> _asked = new();
    private JobQueue? _queue;
    private LoadedMessage? _loaded;
    private int _lastId;

    private WorkerRunner(
        string name, RunnerSettings settings, WorkerLimits limits, IProgress<float>? progress, Action<string> log, bool logs)
    {
        (_name, _parallel, _limits, _progress) = (name, settings.Parallel, limits, progress);
        _process = WorkerProcess.Start(Receive, log);
        _process.Ending.ContinueWith(
            ended => Ended(ended.Result), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        LoadMessage load = new(Frame.Version, ModelWorker.Build, settings, limits.MemoryBytes, logs);
        _process.Send(FrameKind.Load, 0, load, s_json.LoadMessage);
    }

    /// <summary>A thought that runs.</summary>
    /// <param name="Number">Its number in the queue.</param>
    /// <param name="Cancelling">Passes on that nobody wants it any more.</param>
    private sealed record Seat(int Number, CancellationTokenRegistration Cancelling);

    /// <inheritdoc/>
    public ModelInfo Info => _loaded!.Info;

    /// <inheritdoc/>
    public ModelAbilities Abilities => _loaded!.Abilities;

    /// <inheritdoc/>
    public ConceptModel? Model => null;

    /// <inheritdoc/>
    public bool HasWorked { get; private set; }

    /// <summary>The process' number.</summary>
    internal int ProcessId => _process.Id;

    /// <summary>Starts a process and loads a model in it.</summary>
    /// <param name="name">The model's name in messages.</param>
    /// <param name="settings">The model, and how to run it.</param>
    /// <param name="limits">What the process may take.</param>
    /// <param name="progress">Told the fraction loaded, 0 to 1.</param>
    /// <param name="log">Told each line that the process writes to standard error.</param>
    /// <param name="logs">Whether llama.cpp's log is among them.</param>
    /// <param name="cancellation">Stops the loading.</param>
    /// <exception cref="ConceptInputException">The file is damaged or no model, or an option is out of range.</exception>
    /// <exception cref="ModelWorkerException">The process ended, or took too long.</exception>
    public static WorkerRunner Load(
        string name,
        RunnerSettings settings,
        WorkerLimits limits,
        IProgress<float>? progress,
        Action<string> log,
        bool logs,
        CancellationToken cancellation)
    {
        WorkerRunner runner = new(name, settings, limits, progress, log, logs);
        try
        {
            if (Task.WaitAny([runner._loading.Task], (int)limits.Loading.TotalMilliseconds, cancellation) < 0)
            {
                runner._process.Kill($"loading took longer than {limits.Loading}");
                Task.WaitAny([runner._loading.Task], s_lastWords);
                runner._loading.TrySetException(runner.Lost($"loading took longer than {limits.Loading}, and it does not end"));
            }

            runner._loaded = runner._loading.Task.GetAwaiter().GetResult();
            return runner;
        }
        catch
        {
            runner.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Run(JobQueue queue, CancellationToken cancellation)
    {
        _queue = queue;
        int number = 0;
        while (true)
        {
            queue.Settle();
            if (_process.Ending.IsCompleted)
            {
                throw Lost();
            }

            if (_seats.Count < _parallel && queue.TryTake() is { } thought)
            {
                Begin(thought, number++);
            }
            else if (IsAsked)
            {
                queue.WaitForStir(StallWatch.Interval, cancellation);
                EndWhereItHangs();
            }
            else if (queue.HasNext)
            {
                // it came this moment
            }
            else if (queue.IsClosed || !queue.WaitForStir(queue.Patience, cancellation))
            {
                return;
            }
        }
    }

    /// <inheritdoc/>
    public async Task<CloseReading> ReadAsync(
        float[] vectors, ReadOptions options, ulong seed, CancellationToken cancellation) => (CloseReading)await AskAsync(
            FrameKind.Read, ThinkMessages.Of(vectors, options, seed), s_json.ReadMessage, cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<TraceStep>> FindNearestAsync(
        IReadOnlyList<TraceStep> steps, int count, CancellationToken cancellation)
    {
        NearestMessage message = new(StepsJson.Write(steps), count);
        return (IReadOnlyList<TraceStep>)await AskAsync(
            FrameKind.FindNearest, message, s_json.NearestMessage, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();

    private bool IsAsked => !_seats.IsEmpty || !_asked.IsEmpty;

    private void Begin(BatchThought thought, int number)
    {
        int id = Interlocked.Increment(ref _lastId);
        bool wasAsked = IsAsked;
        _seats[id] = new Seat(number, default);
        try
        {
            _process.Send(FrameKind.Think, id, ThinkMessages.Of(thought), s_json.ThinkMessage);
        }
        catch (Exception problem) // of the request alone, whatever it is
        {
            _seats.TryRemove(id, out _);
            _queue!.Tell(new BatchEvent(number, new ThoughtEnded(StopReason.Failed)) { Problem = problem });
            return;
        }

        if (!wasAsked)
        {
            _watch.Begin();
        }

        CancellationTokenRegistration cancelling = thought.Cancellation.Register(() => _process.Send(FrameKind.Cancel, id));
        if (!_seats.TryUpdate(id, new Seat(number, cancelling), new Seat(number, default)))
        {
            cancelling.Unregister(); // it has ended already
        }
    }

    private async Task<object> AskAsync<T>(FrameKind kind, T message, JsonTypeInfo<T> form, CancellationToken cancellation)
    {
        int id = Interlocked.Increment(ref _lastId);
        TaskCompletionSource<object> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[id] = answer;
        try
        {
            _process.Send(kind, id, message, form);
            _queue?.Stir(); // so that somebody looks whether it hangs over this
            if (_process.Ending.IsCompleted)
            {
                throw Lost();
            }

            return await answer.Task.WaitAsync(_limits.Asking, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The request took longer than {_limits.Asking}.");
        }
        finally
        {
            _asked.TryRemove(id, out _);
            if (!answer.Task.IsCompleted)
            {
                _process.Send(FrameKind.Cancel, id);
            }
        }
    }

    private void EndWhereItHangs()
    {
        TimeSpan silence = _watch.Look();
        if (IsAsked && silence > _limits.Stall)
        {
            _process.Kill($"it was silent for {silence.TotalSeconds:F0} seconds in the middle of its work");
        }
    }

    private void Ended(string how)
    {
        ModelWorkerException lost = Lost(how);
        _loading.TrySetException(lost);
        foreach (TaskCompletionSource<object> answer in _asked.Values)
        {
            answer.TrySetException(lost);
        }

        foreach (Seat seat in _seats.Values)
        {
            seat.Cancelling.Unregister();
        }

        _queue?.Stir();
    }

    private ModelWorkerException Lost() => Lost(_process.Ending.Result);

    private ModelWorkerException Lost(string how) => new(
        $"The process of the model {_name} is gone: {how}.{(_loaded is null ? WorkerLimits.Describe(_limits.MemoryBytes) : "")}");

    /// <summary>On the thread that hears the process.</summary>
    /// <exception cref="Exception">It makes no sense.</exception>
    internal void Receive(Frame frame)
    {
        _watch.Hear();
        switch (frame.Kind)
        {
            case FrameKind.Alive:
                break;
            case FrameKind.Progress:
                _progress?.Report(frame.Read(s_json.Single));
                break;
            case FrameKind.Loaded:
                _loading.TrySetResult(frame.Read(s_json.LoadedMessage));
                break;
            case FrameKind.Failed when frame.Id == 0:
                _loading.TrySetException(frame.Read(s_json.ProblemMessage).ToException());
                break;
            case FrameKind.Failed:
                Answer(frame)?.TrySetException(frame.Read(s_json.ProblemMessage).ToException());
                break;
            case FrameKind.ReadingDone:
                Answer(frame)?.TrySetResult(frame.Read(s_json.CloseReading));
                HasWorked = true;
                break;
            case FrameKind.NearestFound:
                Answer(frame)?.TrySetResult(TraceJson.ReadSteps(frame.Read(s_json.JsonElement), "The answer"));
                HasWorked = true;
                break;
            case FrameKind.ThoughtEnded:
                End(frame);
                break;
            default:
                Tell(frame);
                break;
        }
    }

    /// <summary>Who waits for an answer; null where nobody does any more.</summary>
    private TaskCompletionSource<object>? Answer(Frame frame) =>
        frame.Id <= Volatile.Read(ref _lastId) && !_seats.ContainsKey(frame.Id) ? _asked.GetValueOrDefault(frame.Id) : throw NotAsked(frame);

    private static InvalidDataException NotAsked(Frame frame) => new($"A frame {frame.Kind} is about {frame.Id}, which was not asked.");

    private void End(Frame frame)
    {
        EndMessage message = frame.Read(s_json.EndMessage);
        HasWorked |= message.Problem is null;
        if (!_seats.TryRemove(frame.Id, out Seat? seat))
        {
            throw NotAsked(frame);
        }

        seat.Cancelling.Unregister();
        _queue!.Tell(new BatchEvent(seat.Number, message.Ended) { Problem = message.Problem?.ToException() });
        _queue.Stir();
    }

    private void Tell(Frame frame)
    {
        ThoughtEvent happened = frame.ReadEvent();
        Seat seat = _seats.GetValueOrDefault(frame.Id) ?? throw NotAsked(frame);
        _queue!.Tell(new BatchEvent(seat.Number, happened));
    }
}
