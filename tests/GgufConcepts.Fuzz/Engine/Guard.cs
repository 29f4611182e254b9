using System.Diagnostics;

namespace GgufConcepts.Fuzz.Engine;

/// <summary>Runs a target once, within limits of time and memory, with the input on disk meanwhile. One caller.</summary>
/// <remarks>An abort of native code, a stack overflow and a loop without an end leave the input behind: in
/// <c>current-TARGET.bin</c> of the dump folder.</remarks>
internal sealed class Guard : IDisposable
{
    private const long MostBytes = 512L << 20;
    private const int MostLooks = 6; // at the same run, until it counts as hung; a process that is stopped does not look
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(5);

    private readonly FuzzTarget _target;
    private readonly string _path;
    private readonly FileStream _current;
    private readonly Timer _watch;
    private long _run; // its number
    private long _lookedAt; // the run that the watch saw last
    private int _looks;

    public Guard(FuzzTarget target, string dumpFolder)
    {
        Directory.CreateDirectory(dumpFolder);
        _target = target;
        _path = Path.Combine(dumpFolder, $"current-{target.Name}.bin");
        _current = new FileStream(_path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        _watch = new Timer(_ => Watch(), null, s_look, s_look);
    }

    /// <summary>Runs the target. Returns what is wrong, or null.</summary>
    public Finding? Run(byte[] input)
    {
        RandomAccess.Write(_current.SafeFileHandle, input, 0);
        RandomAccess.SetLength(_current.SafeFileHandle, input.Length);
        (Finding? finding, TimeSpan time) = RunOnce(input);
        if (finding is null && time > s_longest)
        {
            (finding, TimeSpan again) = RunOnce(input); // another program may have been to blame
            finding ??= again > s_longest ? Finding.Of(input, "slow", $"It takes {again.TotalSeconds:F1} s.") : null;
        }

        return finding;
    }

    /// <summary>Closes and removes the file of the current input: the process has survived them all.</summary>
    public void Dispose()
    {
        _watch.Dispose();
        _current.Dispose();
        File.Delete(_path);
    }

    private (Finding? Finding, TimeSpan Time) RunOnce(byte[] input)
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long started = Stopwatch.GetTimestamp();
        Interlocked.Increment(ref _run);
        Finding? finding = null;
        try
        {
            _target.Run(input);
        }
        catch (Exception problem)
        {
            finding = Finding.Of(input, problem);
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        finding ??= allocated > MostBytes ? Finding.Of(input, "memory", $"It takes {allocated >> 20} MiB.") : null;
        return (finding, Stopwatch.GetElapsedTime(started));
    }

    private void Watch()
    {
        long run = Interlocked.Read(ref _run);
        (_looks, _lookedAt) = (run == _lookedAt && run > 0 ? _looks + 1 : 0, run);
        if (_looks == MostLooks)
        {
            Environment.FailFast($"{_target.Name}: no end after {MostLooks * s_look}; the input is {_path}.");
        }
    }
}
