using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GgufConcepts.Hosting.Running;
using GgufConcepts.Native;
using GgufConcepts.Reading;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Hosting.Isolation;

/// <summary>A model's process, from within: hears what its host asks on standard input, and answers on standard
/// output.</summary>
internal sealed class WorkerHost
{
    private static readonly TimeSpan s_pulse = TimeSpan.FromSeconds(1) / 4;
    private static readonly MessageJson s_json = MessageJson.Default;

    private readonly Stream _input;
    private readonly Stream _output;
    private readonly Lock _writing = new();
    private readonly TaskCompletionSource<LoadMessage> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<LocalRunner> _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WorkerJobs _jobs = new();

    private WorkerHost(Stream input, Stream output) => (_input, _output) = (input, output);

    /// <summary>Runs until the host has gone, or something cannot be mended.</summary>
    /// <returns>The exit code: 1, since a process that is not needed any more is ended by its host.</returns>
    public static int Run(Stream input, Stream output)
    {
        Console.SetOut(TextWriter.Null); // that is for frames
        using PosixSignalRegistration interrupt = Ignore(PosixSignal.SIGINT); // Ctrl-C goes to the whole group of processes,
        using PosixSignalRegistration terminate = Ignore(PosixSignal.SIGTERM); // systemd's to all of a unit
        using PosixSignalRegistration hangUp = Ignore(PosixSignal.SIGHUP);
        using PosixSignalRegistration quit = Ignore(PosixSignal.SIGQUIT);
        FrameStream.Begin(output);
        WorkerHost worker = new(input, output);
        new Thread(worker.Hear) { IsBackground = true, Name = "host" }.Start();
        new Thread(worker.Pulse) { IsBackground = true, Name = "pulse" }.Start();
        try
        {
            worker.Work();
        }
        catch (Exception problem)
        {
            Console.Error.WriteLine($"{problem.GetType().Name}: {problem.Message}"); // of which the host tells
        }

        return 1;
    }

    /// <summary>Leaves a signal to the host, which may first finish what runs.</summary>
    private static PosixSignalRegistration Ignore(PosixSignal signal) =>
        PosixSignalRegistration.Create(signal, context => context.Cancel = true);

    private void Work()
    {
        LoadMessage load = _asked.Task.GetAwaiter().GetResult();
        LocalRunner runner;
        try
        {
            runner = Load(load);
        }
        catch (Exception problem)
        {
            ProblemMessage message = ProblemMessage.Of(problem);
            message = message with { Message = message.Message + WorkerLimits.Describe(load.MemoryLimit) };
            Send(FrameKind.Failed, 0, message, s_json.ProblemMessage);
            Thread.Sleep(Timeout.Infinite); // the host has heard it, and ends this
            throw;
        }

        Send(FrameKind.Loaded, 0, new LoadedMessage(runner.Info, runner.Abilities), s_json.LoadedMessage);
        _loaded.SetResult(runner);
        foreach (BatchEvent told in runner.Think(_jobs, CancellationToken.None))
        {
            Tell(told);
        }
    }

    private LocalRunner Load(LoadMessage load)
    {
        if (load.Version != Frame.Version || load.Build != ModelWorker.Build)
        {
            throw new InvalidOperationException("The program was replaced while it ran; start it again.");
        }

        if (load.Logs)
        {
            NativeLog.SetLogger(new StandardErrorLogger());
        }

        if (load.MemoryLimit is { } bytes)
        {
            OwnMemory.Limit(bytes);
        }

        RunnerSettings settings = load.Settings;
        return LocalRunner.Load(
            settings.Path, settings.Parallel, settings.Rows, settings.ToOptions(), new Loading(this), CancellationToken.None);
    }

    /// <summary>Hears the host until it has gone, and then ends this process, whatever it is in the middle of.</summary>
    private void Hear()
    {
        try
        {
            while (FrameStream.Read(_input) is { } frame)
            {
                Take(frame);
            }
        }
        catch (Exception problem)
        {
            Console.Error.WriteLine($"{problem.GetType().Name}: {problem.Message}");
        }

        Process.GetCurrentProcess().Kill(); // an orderly end would wait for what llama.cpp computes
    }

    /// <summary>Tells the host that this process gets on, as long as it does.</summary>
    private void Pulse()
    {
        SignsOfLife signs = new(TimeProvider.System);
        while (true)
        {
            Thread.Sleep(s_pulse);
            if (signs.Look(LlamaContext.DecodeCount, LlamaVocabulary.IsTokenizing))
            {
                Send(FrameKind.Alive, 0);
            }
        }
    }

    private void Take(Frame frame)
    {
        switch (frame.Kind)
        {
            case FrameKind.Load:
                _asked.SetResult(frame.Read(s_json.LoadMessage));
                break;
            case FrameKind.Think:
                Begin(frame);
                break;
            case FrameKind.Read:
                ReadMessage reading = frame.Read(s_json.ReadMessage);
                Answer(frame.Id, FrameKind.ReadingDone, s_json.CloseReading, (runner, cancellation) =>
                {
                    (float[] vectors, ReadOptions options) = ThinkMessages.ToReading(reading);
                    return runner.ReadAsync(vectors, options, reading.Seed, cancellation);
                });
                break;
            case FrameKind.FindNearest:
                NearestMessage nearest = frame.Read(s_json.NearestMessage);
                Answer(frame.Id, FrameKind.NearestFound, s_json.JsonElement, async (runner, cancellation) =>
                {
                    IReadOnlyList<TraceStep> steps = TraceJson.ReadSteps(nearest.Steps, "steps");
                    return StepsJson.Write(
                        await runner.FindNearestAsync(steps, nearest.Count, cancellation).ConfigureAwait(false));
                });
                break;
            case FrameKind.Cancel:
                _jobs.Cancel(frame.Id);
                break;
            default:
                throw new InvalidDataException($"A host does not say {frame.Kind}.");
        }
    }

    private void Begin(Frame frame)
    {
        ThinkMessage message = frame.Read(s_json.ThinkMessage);
        try
        {
            _jobs.Add(frame.Id, cancellation => ThinkMessages.ToThought(message, cancellation));
        }
        catch (Exception problem) when (problem is not JsonException)
        {
            SendEnd(frame.Id, new ThoughtEnded(StopReason.Failed), problem);
        }
    }

    /// <summary>Answers something that is no thought, beside the thoughts.</summary>
    private void Answer<T>(
        int id, FrameKind kind, JsonTypeInfo<T> form, Func<LocalRunner, CancellationToken, Task<T>> answer)
    {
        CancellationToken cancellation = _jobs.Watch(id);
        _ = Task.Run(async () =>
        {
            try
            {
                LocalRunner runner = await _loaded.Task.WaitAsync(cancellation).ConfigureAwait(false);
                Send(kind, id, await answer(runner, cancellation).ConfigureAwait(false), form);
            }
            catch (Exception problem)
            {
                Send(FrameKind.Failed, id, ProblemMessage.Of(problem), s_json.ProblemMessage);
            }
            finally
            {
                _jobs.Forget(id);
            }
        });
    }

    private void Tell(BatchEvent told)
    {
        int id = _jobs.IdOf(told.Thought);
        switch (told.Happened)
        {
            case PromptRead prompt:
                Send(FrameKind.PromptRead, id, prompt, s_json.PromptRead);
                break;
            case ConceptStep step:
                Send(FrameKind.ConceptStep, id, step, s_json.ConceptStep);
                break;
            case ChunkRead chunk:
                Send(FrameKind.ChunkRead, id, chunk, s_json.ChunkRead);
                break;
            case AnswerPiece piece:
                Send(FrameKind.AnswerPiece, id, piece, s_json.AnswerPiece);
                break;
            case ThoughtEnded ended:
                _jobs.End(told.Thought);
                SendEnd(id, ended, told.Problem);
                break;
            default:
                throw new InvalidOperationException($"There is no frame for {told.Happened.GetType().Name}.");
        }
    }

    private void SendEnd(int id, ThoughtEnded ended, Exception? problem) => Send(
        FrameKind.ThoughtEnded,
        id,
        new EndMessage(ended, problem is null ? null : ProblemMessage.Of(problem)),
        s_json.EndMessage);

    private void Send<T>(FrameKind kind, int id, T body, JsonTypeInfo<T> form) =>
        Send(kind, id, JsonSerializer.SerializeToUtf8Bytes(body, form));

    private void Send(FrameKind kind, int id, ReadOnlyMemory<byte> body = default)
    {
        lock (_writing)
        {
            FrameStream.Write(_output, new Frame(kind, id, body));
        }
    }

    private sealed class Loading(WorkerHost worker) : IProgress<float>
    {
        public void Report(float value) => worker.Send(FrameKind.Progress, 0, value, s_json.Single);
    }
}
