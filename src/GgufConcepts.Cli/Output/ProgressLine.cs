namespace GgufConcepts.Cli.Output;

/// <summary>One line on the terminal's standard error that says how far the work is; gone when it is done.</summary>
internal sealed class ProgressLine : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);

    private readonly bool _enabled = !Console.IsErrorRedirected;
    private long _lastShown;
    private int _shown;
    private string? _state;

    /// <summary>Shows the state, at most ten times a second; nothing where standard error is no terminal.</summary>
    public void Show(string state)
    {
        if (!_enabled || (_lastShown != 0 && System.Diagnostics.Stopwatch.GetElapsedTime(_lastShown) < s_interval))
        {
            return;
        }

        _lastShown = System.Diagnostics.Stopwatch.GetTimestamp();
        _state = state;
        Console.Error.Write($"\r{state.PadRight(_shown)}");
        _shown = state.Length;
    }

    /// <summary>Writes a sentence that stays, and the line below it.</summary>
    public void Note(string sentence)
    {
        Dispose();
        Console.Error.WriteLine(sentence);
        if (_state is { } state)
        {
            _lastShown = 0;
            Show(state);
        }
    }

    public void Dispose()
    {
        if (_shown > 0)
        {
            Console.Error.Write($"\r{new string(' ', _shown)}\r");
            _shown = 0;
        }
    }
}
