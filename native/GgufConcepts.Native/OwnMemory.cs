using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace GgufConcepts.Native;

/// <summary>The memory of this process.</summary>
public static partial class OwnMemory
{
    private const int RLIMIT_DATA = 2;

    /// <summary>Lets this process have no more memory of its own: what asks for more gets none, and mostly fails with an
    /// error. Files that are mapped, such as a model's, do not count.</summary>
    /// <param name="bytes">Heap and other private memory that can be written, in bytes; that of the runtime counts.</param>
    /// <exception cref="PlatformNotSupportedException">The system is not Linux.</exception>
    /// <exception cref="NativeCallException">The system refused.</exception>
    public static void Limit(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Memory can be limited on Linux alone; leave the limit out.");
        }

        SetLimit((ulong)bytes);
    }

    [SupportedOSPlatform("linux")]
    private static void SetLimit(ulong bytes)
    {
        RLimit limit = new() { rlim_cur = bytes, rlim_max = bytes };
        if (setrlimit(RLIMIT_DATA, limit) != 0)
        {
            throw new NativeCallException("setrlimit", $"RLIMIT_DATA = {bytes}");
        }
    }

    // int setrlimit(int resource, const struct rlimit * rlim);
    [LibraryImport("libc")]
    private static partial int setrlimit(int resource, in RLimit limit);

    /// <summary>Mirror of <c>struct rlimit</c> of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct RLimit
    {
        public ulong rlim_cur;
        public ulong rlim_max;
    }
}
