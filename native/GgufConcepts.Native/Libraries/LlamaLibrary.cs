using System.Runtime.InteropServices;

namespace GgufConcepts.Native;

/// <summary>Finds the native libraries, loads them once, and makes sure that they are what this code was written
/// for.</summary>
public static unsafe partial class LlamaLibrary
{
    /// <summary>Versions of llama.cpp whose struct layouts were checked against their own headers.</summary>
    public static IReadOnlyList<string> SupportedVersions { get; } = ["0.4.0", "0.5.0"];

    private static readonly Lock s_gate = new();
    private static volatile LlamaLibraryInfo? s_info;
    private static nint s_llama;
    private static nint s_ggml;
    private static nint s_ggmlBase;

    static LlamaLibrary() => NativeLibrary.SetDllImportResolver(typeof(LlamaLibrary).Assembly, (name, _, _) => name switch
    {
        LlamaNative.Library => s_llama,
        GgmlNative.Base => s_ggmlBase,
        GgmlNative.Registry => s_ggml,
        _ => 0, // the system's own, such as libc
    });

    /// <summary>Loads the library if that has not been done. Any thread; the work is done once.</summary>
    /// <exception cref="LlamaLibraryException">No library, or one of another version. Says what to do.</exception>
    public static LlamaLibraryInfo EnsureLoaded()
    {
        if (s_info is { } info)
        {
            return info;
        }

        lock (s_gate)
        {
            return s_owner is null
                ? s_info ??= Load()
                : throw new LlamaLibraryException(
                    $"{s_owner} has loaded a llama.cpp of its own into this process, and two do not go together; " +
                    "use another process for the one that comes with the runtime.");
        }
    }

    /// <summary>The compute devices that the loaded modules bring, the processor included.</summary>
    /// <exception cref="LlamaLibraryException">The library cannot be loaded.</exception>
    public static IReadOnlyList<ComputeDevice> Devices()
    {
        EnsureLoaded();
        ComputeDevice[] devices = new ComputeDevice[(int)GgmlNative.ggml_backend_dev_count()];
        for (int i = 0; i < devices.Length; i++)
        {
            nint device = GgmlNative.ggml_backend_dev_get((nuint)i);
            GgmlNative.ggml_backend_dev_memory(device, out nuint free, out nuint total);
            devices[i] = new ComputeDevice(
                Text(GgmlNative.ggml_backend_dev_name(device)),
                Text(GgmlNative.ggml_backend_dev_description(device)),
                GgmlNative.ggml_backend_dev_type(device),
                (long)free,
                (long)total);
        }

        return devices;
    }

    /// <summary>llama.cpp's handle of a device.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    internal static nint DeviceHandle(string name)
    {
        for (nuint i = 0; i < GgmlNative.ggml_backend_dev_count(); i++)
        {
            nint device = GgmlNative.ggml_backend_dev_get(i);
            if (Text(GgmlNative.ggml_backend_dev_name(device)) == name)
            {
                return device;
            }
        }

        throw new ArgumentException($"There is no device '{name}'.", nameof(name));
    }

    internal static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";

    private static LlamaLibraryInfo Load()
    {
        LlamaFiles files = LlamaFiles.Find();
        if (FindForeign(files.GgmlBase) is { } foreign)
        {
            throw new LlamaLibraryException(
                $"This process has loaded another llama.cpp, {foreign}, and two do not go together: use models through the one " +
                "that is loaded (for LLamaSharp: the package GgufConcepts.LLamaSharp), or another process.");
        }

        SetNativeEnvironment("GGML_NO_BACKTRACE", "1"); // else an assertion forks a debugger

        // Dependencies first, so that each finds the one beside it and never another on the system's path.
        s_ggmlBase = LoadFile(files.GgmlBase);
        s_ggml = LoadFile(files.Ggml);
        s_llama = LoadFile(files.Llama);

        string version = CheckVersion(files.Llama);
        NativeLog.Install();
        GgmlNative.ggml_backend_load_all_from_path(files.Directory);
        if (GgmlNative.ggml_backend_dev_count() == 0)
        {
            throw new LlamaLibraryException(
                $"No compute module for this processor in {files.Directory} (libggml-cpu*); install the whole package.");
        }

        LlamaNative.llama_backend_init();
        return new LlamaLibraryInfo(version, files.Directory, Text(LlamaNative.llama_print_system_info()));
    }

    private static string CheckVersion(string path)
    {
        string found = NativeLibrary.TryGetExport(s_llama, "llama_version", out nint function)
            ? Text(((delegate* unmanaged[Cdecl]<byte*>)function)())
            : "of a version before llama_version() existed";
        if (!SupportedVersions.Contains(found.Split('-')[0]))
        {
            throw new LlamaLibraryException(
                $"{path} is llama.cpp {found}; this program knows {string.Join(" and ", SupportedVersions)}. " +
                "Point GGUFCONCEPTS_LLAMA_DIR at one of those, or unset it and run build.sh.");
        }

        if (DefaultsDiffer() is { } difference)
        {
            throw new LlamaLibraryException(
                $"{path} says it is llama.cpp {found}, but its default {difference}: its structs have another layout " +
                $"than those of {string.Join(" and ", SupportedVersions)}. Use an unmodified build.");
        }

        return found;
    }

    /// <summary>Structs travel by value: a field that moved would show as a default in the wrong place.</summary>
    private static string? DefaultsDiffer()
    {
        LlamaContextParams context = LlamaNative.llama_context_default_params();
        LlamaModelParams model = LlamaNative.llama_model_default_params();
        (string Field, double Found, double Known)[] defaults =
        [
            ("n_ctx", context.n_ctx, 512),
            ("n_batch", context.n_batch, 2048),
            ("n_ubatch", context.n_ubatch, 512),
            ("n_seq_max", context.n_seq_max, 1),
            ("pooling_type", (int)context.pooling_type, -1),
            ("yarn_ext_factor", context.yarn_ext_factor, -1),
            ("defrag_thold", context.defrag_thold, -1),
            ("type_v", (int)context.type_v, (int)GgmlType.F16),
            ("offload_kqv", context.offload_kqv ? 1 : 0, 1),
            ("swa_full", context.swa_full ? 1 : 0, 1),
            ("kv_unified", context.kv_unified ? 1 : 0, 0),
            ("n_samplers", context.n_samplers, 0),
            ("n_gpu_layers", model.n_gpu_layers, -1),
            ("use_extra_bufts", model.use_extra_bufts ? 1 : 0, 1),
            ("vocab_only", model.vocab_only ? 1 : 0, 0),
        ];
        foreach ((string field, double found, double known) in defaults)
        {
            if (found != known)
            {
                return $"{field} is {found}, not {known}";
            }
        }

        return null;
    }

    private static nint LoadFile(string path)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception problem) when (problem is DllNotFoundException or BadImageFormatException)
        {
            throw new LlamaLibraryException($"{path} cannot be loaded: {problem.Message}", problem);
        }
    }

    private static void SetNativeEnvironment(string name, string value)
    {
        Environment.SetEnvironmentVariable(name, value);
        if (!OperatingSystem.IsWindows())
        {
            _ = setenv(name, value, 1); // .NET keeps a copy of its own; C's getenv does not see it
        }
    }

    // int setenv(const char * name, const char * value, int overwrite);
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
