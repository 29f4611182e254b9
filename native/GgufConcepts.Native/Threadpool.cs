namespace GgufConcepts.Native;

/// <summary>Threads that compute and stay from one decode to the next: <c>ggml_threadpool</c>.</summary>
/// <remarks>Without one ggml makes its threads anew in every decode and ends them after it (ggml-cpu.c,
/// <c>ggml_graph_compute</c>), which took a tenth of a step of 3 ms.</remarks>
internal static unsafe class Threadpool
{
    // How long threads without work spin before they sleep: some 3 ms, which covers what lies between two steps. ggml's
    // own 50 is a sixth of a second, on processors that mixing a whole table wants for itself.
    private const uint Poll = 1;

    /// <summary>Starts threads, the caller's counted among them.</summary>
    /// <returns>What <see cref="Stop"/> takes; 0 where one thread does all, or the module in use has no such
    /// thing.</returns>
    public static nint Start(int threads)
    {
        var start = (delegate* unmanaged[Cdecl]<GgmlThreadpoolParams*, nint>)Find("ggml_threadpool_new");
        if (threads < 2 || start == null)
        {
            return 0;
        }

        GgmlNative.ggml_threadpool_params_init(out GgmlThreadpoolParams parameters, threads);
        parameters.poll = Poll;
        return start(&parameters);
    }

    /// <summary>Ends the threads, once no context uses them any more.</summary>
    public static void Stop(nint pool)
    {
        if (pool != 0)
        {
            ((delegate* unmanaged[Cdecl]<nint, void>)Find("ggml_threadpool_free"))(pool);
        }
    }

    // The functions are in the module for this processor, which is chosen when it runs.
    private static void* Find(string name) => GgmlNative.ggml_backend_reg_get_proc_address(
        GgmlNative.ggml_backend_dev_backend_reg(GgmlNative.ggml_backend_dev_by_type(ComputeDeviceKind.Cpu)), name);
}
