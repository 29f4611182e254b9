using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Unicode;

namespace GgufConcepts.Native;

/// <summary>What a process says when an assertion of llama.cpp ends it: one line on standard error, after which no finally
/// block runs.</summary>
/// <remarks>A parent that ran it finds the reason there; the exit code is 134 (SIGABRT) where the system has signals.</remarks>
public static unsafe partial class LastWords
{
    /// <summary>How the line begins; the assertion's own text follows, with file and line.</summary>
    public const string Prefix = "llama.cpp ended this process: ";

    private const int StandardError = 2;
    private const int WindowsStandardError = -12; // STD_ERROR_HANDLE
    private const int MostBytes = 4096; // ggml's own text is at most 2,048

    private static readonly byte[] s_prefix = System.Text.Encoding.UTF8.GetBytes(Prefix);

    internal static void Install()
    {
        _ = Write([]); // what is called for the first time on the way out would have to be compiled and bound there
        _ = Compose(default, "", stackalloc byte[MostBytes]);
        GgmlNative.ggml_set_abort_callback(&OnAbort);
    }

    /// <summary>Makes the line: one, whatever the texts hold, so that a parent can read it as one.</summary>
    /// <param name="message">What the assertion says, UTF-8.</param>
    /// <param name="problem">What llama.cpp logged as an error before; null for nothing.</param>
    /// <param name="line">Receives the line with its end; the texts are cut to fit.</param>
    /// <returns>Bytes of the line.</returns>
    internal static int Compose(ReadOnlySpan<byte> message, string? problem, Span<byte> line)
    {
        Span<byte> rest = line[..^1]; // the line's end
        Append(s_prefix, ref rest);
        Append(message.TrimEnd("\r\n "u8), ref rest);
        if (problem is not null)
        {
            Append(" (before that: "u8, ref rest);
            Utf8.FromUtf16(problem, rest.IsEmpty ? rest : rest[..^1], out _, out int written);
            rest = rest[written..];
            Append(")"u8, ref rest);
        }

        int length = line.Length - 1 - rest.Length;
        foreach (ref byte control in line[..length])
        {
            control = control < ' ' ? (byte)' ' : control;
        }

        line[length] = (byte)'\n';
        return length + 1;

        static void Append(ReadOnlySpan<byte> text, ref Span<byte> rest)
        {
            text = text[..Math.Min(text.Length, rest.Length)];
            text.CopyTo(rest);
            rest = rest[text.Length..];
        }
    }

    /// <remarks>May run on any thread, with locks of llama.cpp held: it takes none, allocates nothing, and goes round
    /// <see cref="Console"/>, whose lock another thread may hold for good.</remarks>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnAbort(byte* message)
    {
        Span<byte> line = stackalloc byte[MostBytes];
        int length = Compose(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(message), NativeLog.LastProblemOfAll, line);
        _ = Write(line[..length]);
    }

    /// <summary>In one call, so that no other thread's words come in between.</summary>
    private static bool Write(ReadOnlySpan<byte> line)
    {
        fixed (byte* bytes = line)
        {
            return OperatingSystem.IsWindows()
                ? WriteFile(GetStdHandle(WindowsStandardError), bytes, (uint)line.Length, out _, 0) != 0
                : write(StandardError, bytes, (nuint)line.Length) == line.Length;
        }
    }

    // ssize_t write(int fd, const void * buf, size_t count);
    [LibraryImport("libc")]
    private static partial nint write(int fd, byte* buf, nuint count);

    [LibraryImport("kernel32")]
    private static partial nint GetStdHandle(int which);

    [LibraryImport("kernel32")]
    private static partial int WriteFile(nint file, byte* buffer, uint count, out uint written, nint overlapped);
}
