namespace GgufConcepts.Downloads;

/// <summary>A lock between programs: whoever has the file open. It ends with the program, however that ends.</summary>
/// <remarks>On Unix .NET takes <c>flock</c> for it, as Python's <c>filelock</c> does.</remarks>
internal static class FileLock
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200);

    /// <summary>Waits for the lock.</summary>
    /// <param name="path">Its file, made where it is missing and left lying.</param>
    /// <param name="waiting">Called while it is taken.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    public static async Task<IDisposable> TakeAsync(string path, Action waiting, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException problem) when (IsTaken(problem))
            {
                waiting();
                await Task.Delay(s_interval, cancellation).ConfigureAwait(false);
            }
        }
    }

    private static bool IsTaken(IOException problem) => OperatingSystem.IsWindows()
        ? (problem.HResult & 0xFFFF) is 32 or 33 // ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION
        : problem.HResult is 11 or 35; // EWOULDBLOCK on Linux, on macOS
}
