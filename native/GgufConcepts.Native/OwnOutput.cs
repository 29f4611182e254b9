using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace GgufConcepts.Native;

/// <summary>The standard output of this process.</summary>
public static partial class OwnOutput
{
    private const int StandardOutput = 1;
    private const int StandardError = 2;

    /// <summary>Takes it for its caller alone: what libraries print goes to standard error from now on. (Not on Windows, where they
    /// still share it.)</summary>
    /// <exception cref="NativeCallException">The system refused.</exception>
    public static Stream Take()
    {
        if (OperatingSystem.IsWindows())
        {
            return Console.OpenStandardOutput();
        }

        int own = dup(StandardOutput);
        return own >= 0 && dup2(StandardError, StandardOutput) >= 0
            ? new FileStream(new SafeFileHandle(own, ownsHandle: true), FileAccess.Write, bufferSize: 0)
            : throw new NativeCallException("dup", $"standard output of this process, {Marshal.GetLastPInvokeErrorMessage()}");
    }

    // int dup(int fd);
    [LibraryImport("libc", SetLastError = true)]
    private static partial int dup(int fd);

    // int dup2(int fd, int other);
    [LibraryImport("libc", SetLastError = true)]
    private static partial int dup2(int fd, int other);
}
