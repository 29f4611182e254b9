using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;

namespace GgufConcepts.Hosting.Isolation;

/// <summary>A process that runs a model, as its host sees it.</summary>
/// <remarks>Any thread sends; nothing here waits for the process, which may hang. It dies with its host: its standard input
/// ends.</remarks>
internal sealed class WorkerProcess : IDisposable
{
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly Channel<Frame> _outgoing = Channel.CreateUnbounded<Frame>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource<string> _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LastLines _lines;
    private readonly Action<Frame> _receive;
    private string? _killedFor;
    private bool _hasBegun; // its thread's alone

    private WorkerProcess(Process process, Action<Frame> receive, Action<string> log)
    {
        (_process, _receive, Id) = (process, receive, process.Id);
        _lines = new LastLines(process.StandardError, log);
    }

    /// <summary>How the process ended, once it has.</summary>
    public Task<string> Ending => _ending.Task;

    /// <summary>Number of the process.</summary>
    public int Id { get; }

    /// <summary>Starts one.</summary>
    /// <param name="receive">Told each frame that comes, on one thread.</param>
    /// <param name="log">Told each line of its standard error.</param>
    /// <exception cref="ModelWorkerException">It cannot be started.</exception>
    public static WorkerProcess Start(Action<Frame> receive, Action<string> log)
    {
        Process process = new() { StartInfo = WorkerLaunch.Describe() };
        try
        {
            process.Start();
        }
        catch (Exception problem) when (problem is System.ComponentModel.Win32Exception or IOException)
        {
            process.Dispose();
            throw new ModelWorkerException($"A process for the model cannot be started: {problem.Message}") { NeverBegan = true };
        }

        WorkerProcess worker = new(process, receive, log);
        new Thread(worker.Receive) { IsBackground = true, Name = $"model process {worker.Id}" }.Start();
        _ = Task.Run(worker.SendAsync);
        return worker;
    }

    /// <summary>Sends a frame with a body.</summary>
    /// <exception cref="ConceptInputException">It is too long.</exception>
    public void Send<T>(FrameKind kind, int id, T body, JsonTypeInfo<T> form)
    {
        Frame frame = new(kind, id, JsonSerializer.SerializeToUtf8Bytes(body, form));
        FrameStream.Check(frame);
        _outgoing.Writer.TryWrite(frame);
    }

    /// <summary>Sends a frame without one.</summary>
    public void Send(FrameKind kind, int id) => _outgoing.Writer.TryWrite(new Frame(kind, id, default));

    /// <summary>Ends the process at once.</summary>
    /// <param name="reason">Why, as a clause.</param>
    public void Kill(string reason)
    {
        Interlocked.CompareExchange(ref _killedFor, reason, null);
        try
        {
            _process.Kill();
        }
        catch (Exception problem) when (problem is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // it has ended by itself
        }
    }

    /// <inheritdoc/>
    /// <remarks>A process that takes long to end, for its memory is large or its disk hangs, is let go of by the thread that hears
    /// it.</remarks>
    public void Dispose()
    {
        Kill("it is not needed any more");
        _outgoing.Writer.TryComplete();
        _ending.Task.Wait(s_lastWords);
    }

    private void Receive()
    {
        try
        {
            using Stream pipe = _process.StandardOutput.BaseStream; // a process that is disposed of leaves it open
            FrameStream.SkipToBeginning(pipe);
            _hasBegun = true;
            while (FrameStream.Read(pipe) is { } frame)
            {
                _receive(frame);
            }
        }
        catch (IOException)
        {
            // it has ended
        }
        catch (Exception problem) // on a thread of its own, what nobody catches would end the host
        {
            Kill($"what it said cannot be used ({problem.Message})");
        }

        string how;
        try
        {
            how = DescribeEnd();
        }
        catch (Exception problem)
        {
            how = $"how it ended is not known ({problem.Message})";
        }

        _outgoing.Writer.TryComplete();
        _process.Dispose();
        _ending.TrySetResult(how);
    }

    private string DescribeEnd()
    {
        if (!_process.WaitForExit(s_lastWords))
        {
            Kill("it closed its output"); // and is of no use any more
            _process.WaitForExit();
        }

        if (_killedFor is not null)
        {
            return _killedFor;
        }

        string how = HowItEnded(_process.ExitCode);
        return _lines.FindReason(orLast: !_hasBegun, s_lastWords) is { Length: > 0 } reason ? $"{how}: {reason}" : how;
    }

    /// <summary>What an exit code says: above 128 the signal that ended the process.</summary>
    private static string HowItEnded(int code) => code switch
    {
        134 => "it aborted (exit code 134)",
        136 => "it divided by zero (exit code 136)",
        137 => "something killed it (exit code 137), as the system does where memory is short",
        139 => "it broke at a bad address (exit code 139)",
        _ => $"it ended with exit code {code}",
    };

    private async Task SendAsync()
    {
        try
        {
            using Stream pipe = _process.StandardInput.BaseStream;
            await foreach (Frame frame in _outgoing.Reader.ReadAllAsync().ConfigureAwait(false))
            {
                FrameStream.Write(pipe, frame);
            }
        }
        catch (Exception problem) when (problem is IOException or ObjectDisposedException)
        {
            // it has ended, which the other pipe tells
        }
    }
}
