using System.Runtime.InteropServices;

namespace GgufConcepts.Cli.Output;

/// <summary>Hears whoever wants a program to stop that takes its time with it: the host hears the first Ctrl-C or SIGTERM,
/// this the second.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _again = new();
    private readonly PosixSignalRegistration[] _signals;
    private int _count;

    public StopSignals() => _signals =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Hear),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Hear),
    ];

    /// <summary>Cancelled once a second signal has come.</summary>
    public CancellationToken Again => _again.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration signal in _signals)
        {
            signal.Dispose();
        }

        _again.Dispose();
    }

    private void Hear(PosixSignalContext context)
    {
        context.Cancel = true; // the process goes on until it has ended well
        if (Interlocked.Increment(ref _count) == 2)
        {
            _again.Cancel();
        }
    }
}
