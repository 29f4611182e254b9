using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using GgufConcepts.Native;
using LLama.Exceptions;
using LLama.Native;

namespace GgufConcepts.LLamaSharp;

/// <summary>The native library that LLamaSharp has loaded, and what its own API does not show of it.</summary>
/// <remarks>Only functions of pointers and numbers: a struct of that llama.cpp is LLamaSharp's alone.</remarks>
internal static unsafe class LLamaSharpLibrary
{
    private static readonly Lock s_gate = new();
    private static readonly AsyncLocal<StrongBox<string?>?> s_problem = new(); // LLamaSharp loads on a thread of the pool
    private static nint s_library;

    /// <summary>Loads it where that has not been done, and makes our own llama.cpp stand aside.</summary>
    /// <param name="takeLog">Whether its log is ours to have.</param>
    /// <exception cref="LlamaLibraryException">There is none, or ours is in use.</exception>
    public static void EnsureLoaded(bool takeLog)
    {
        lock (s_gate)
        {
            if (s_library != 0)
            {
                return;
            }

            LlamaLibrary.StandAside("LLamaSharp", () =>
            {
                nint library = Load(takeLog);
                nint traits = Find(library, "ggml_get_type_traits");
                s_library = library;
                return traits;
            });
        }
    }

    /// <summary>Keeps the first error that llama.cpp logs from here on, also on threads that this one starts; empty where
    /// the log is somebody else's.</summary>
    public static StrongBox<string?> WatchForProblem() => s_problem.Value = new StrongBox<string?>();

    /// <summary>Floats in one input vector (<c>llama_model_n_embd_inp</c>).</summary>
    public static int InputWidth(SafeLlamaModelHandle model) => Ask(model, "llama_model_n_embd_inp");

    /// <summary>Floats in one hidden state (<c>llama_model_n_embd_out</c>).</summary>
    public static int HiddenWidth(SafeLlamaModelHandle model) => Ask(model, "llama_model_n_embd_out");

    /// <summary>Joins tokens to text (<c>llama_detokenize</c>).</summary>
    public static string Detokenize(SafeLlamaModelHandle model, ReadOnlySpan<int> ids, bool special)
    {
        var vocabOf = (delegate* unmanaged[Cdecl]<nint, nint>)Export("llama_model_get_vocab");
        var detokenize = (delegate* unmanaged[Cdecl]<nint, int*, int, byte*, int, byte, byte, int>)Export("llama_detokenize");
        bool held = false;
        model.DangerousAddRef(ref held);
        try
        {
            nint vocab = vocabOf(model.DangerousGetHandle());
            byte[] text = new byte[Math.Max(1, ids.Length * 8)];
            int length = Call(ids, text);
            if (length < 0)
            {
                text = new byte[-length];
                length = Call(ids, text);
            }

            return Encoding.UTF8.GetString(text, 0, length);

            int Call(ReadOnlySpan<int> source, byte[] target)
            {
                fixed (int* tokens = source)
                fixed (byte* buffer = target)
                {
                    return detokenize(vocab, tokens, source.Length, buffer, target.Length, 0, special ? (byte)1 : (byte)0);
                }
            }
        }
        finally
        {
            model.DangerousRelease();
        }
    }

    /// <summary>The names of the chat templates it knows.</summary>
    public static IReadOnlyList<string> ChatTemplates()
    {
        int count = NativeApi.llama_chat_builtin_templates(null, 0);
        char** names = stackalloc char*[count]; // of bytes, whatever the signature says
        count = Math.Min(count, NativeApi.llama_chat_builtin_templates(names, (nuint)count));
        List<string> texts = [];
        for (int i = 0; i < count; i++)
        {
            texts.Add(Marshal.PtrToStringUTF8((nint)names[i]) ?? "");
        }

        return texts;
    }

    private static nint Load(bool takeLog)
    {
        if (takeLog && !NativeLibraryConfig.LLama.LibraryHasLoaded) // else whoever loaded it has its log
        {
            NativeLibraryConfig.All.WithLogCallback(OnLog);
        }

        try
        {
            NativeApi.llama_empty_call();
        }
        catch (Exception problem) when (problem is RuntimeError or TypeInitializationException or DllNotFoundException)
        {
            throw new LlamaLibraryException(
                "LLamaSharp finds no native library: reference one of the packages LLamaSharp.Backend.* that fits this " +
                $"machine, or name one with NativeLibraryConfig. ({problem.GetBaseException().Message.Split('\n')[0].Trim()})",
                problem);
        }

        return NativeLibrary.Load("llama", typeof(NativeApi).Assembly, searchPath: null); // its resolver knows the handle
    }

    private static void OnLog(LLamaLogLevel level, string message)
    {
        try
        {
            NativeLog.Append(Level(level), message);
            if (level == LLamaLogLevel.Error && s_problem.Value is { Value: null } problem)
            {
                problem.Value = message.Trim();
            }
        }
        catch (Exception)
        {
            // A logger that throws must not unwind through C++: that would end the process.
        }
    }

    private static GgmlLogLevel Level(LLamaLogLevel level) => level switch
    {
        LLamaLogLevel.Debug => GgmlLogLevel.Debug,
        LLamaLogLevel.Warning => GgmlLogLevel.Warn,
        LLamaLogLevel.Error => GgmlLogLevel.Error,
        LLamaLogLevel.Continue => GgmlLogLevel.Cont,
        _ => GgmlLogLevel.Info,
    };

    private static int Ask(SafeLlamaModelHandle model, string function)
    {
        var ask = (delegate* unmanaged[Cdecl]<nint, int>)Export(function);
        bool held = false;
        model.DangerousAddRef(ref held);
        try
        {
            return ask(model.DangerousGetHandle());
        }
        finally
        {
            model.DangerousRelease();
        }
    }

    private static nint Export(string function) => Find(s_library, function);

    /// <summary>A symbol of the library or of ggml, which on Windows is looked for in its own file.</summary>
    private static nint Find(nint library, string function) =>
        NativeLibrary.TryGetExport(library, function, out nint address)
        || (NativeLibrary.TryLoad("ggml-base", out nint ggml) && NativeLibrary.TryGetExport(ggml, function, out address))
            ? address
            : throw new LlamaLibraryException($"LLamaSharp's llama.cpp has no {function}; use LLamaSharp 0.27 or newer.");
}
