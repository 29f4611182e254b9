using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GgufConcepts.Native;

/// <summary>How to load a model.</summary>
/// <param name="GpuLayers">Layers to put on graphics cards; negative for all of them, 0 for none.</param>
/// <param name="Devices">Names of the devices to use, as <see cref="LlamaLibrary.Devices"/> has them; null for all graphics
/// cards, empty for the processor alone.</param>
/// <param name="Split">How several cards share a model.</param>
/// <param name="CheckTensors">Whether to look for NaN and infinity in every tensor; reads the whole file.</param>
internal readonly record struct LlamaModelSettings(
    int GpuLayers = -1,
    IReadOnlyList<string>? Devices = null,
    LlamaSplitMode Split = LlamaSplitMode.Layer,
    bool CheckTensors = false);

/// <summary>Weights and vocabulary, loaded by llama.cpp. Never changes; any thread may read it.</summary>
/// <remarks>Contexts keep it alive: disposing it first is safe. The file must have been validated before.</remarks>
internal sealed unsafe class LlamaModel : IDisposable
{
    private LlamaModel(ModelHandle handle)
    {
        Handle = handle;
        Vocabulary = new LlamaVocabulary(handle);
        InputWidth = LlamaNative.llama_model_n_embd_inp(handle);
        EmbeddingWidth = LlamaNative.llama_model_n_embd(handle);
        HiddenWidth = LlamaNative.llama_model_n_embd_out(handle);
        LayerCount = LlamaNative.llama_model_n_layer(handle);
        TrainedContext = LlamaNative.llama_model_n_ctx_train(handle);
        RopeType = LlamaNative.llama_model_rope_type(handle);
        IsRecurrent = LlamaNative.llama_model_is_recurrent(handle) || LlamaNative.llama_model_is_hybrid(handle);
        HasDecoder = LlamaNative.llama_model_has_decoder(handle);
        HasEncoder = LlamaNative.llama_model_has_encoder(handle);
        SizeBytes = (long)LlamaNative.llama_model_size(handle);
        ParameterCount = (long)LlamaNative.llama_model_n_params(handle);

        Span<byte> text = stackalloc byte[256];
        fixed (byte* buffer = text)
        {
            _ = LlamaNative.llama_model_desc(handle, buffer, (nuint)text.Length);
            Description = LlamaLibrary.Text(buffer);
            text.Clear();
            _ = LlamaNative.llama_model_meta_val_str(handle, "general.architecture", buffer, (nuint)text.Length);
            string architecture = LlamaLibrary.Text(buffer);
            TakesVectors = ArchitectureLimits.TakesVectors(architecture, RopeType);
            GivesHiddenBesideLogits = ArchitectureLimits.GivesHiddenBesideLogits(architecture);
        }
    }

    internal ModelHandle Handle { get; }

    /// <summary>The tokens.</summary>
    public LlamaVocabulary Vocabulary { get; }

    /// <summary>Floats in one input vector (<c>n_embd_inp</c>).</summary>
    public int InputWidth { get; }

    /// <summary>Floats in one row of <c>token_embd.weight</c> (<c>n_embd</c>).</summary>
    public int EmbeddingWidth { get; }

    /// <summary>Floats in one hidden state (<c>n_embd_out</c>).</summary>
    public int HiddenWidth { get; }

    /// <summary>Transformer blocks.</summary>
    public int LayerCount { get; }

    /// <summary>Positions the model was trained on.</summary>
    public int TrainedContext { get; }

    /// <summary>How positions enter.</summary>
    public LlamaRopeType RopeType { get; }

    /// <summary>Whether it keeps a recurrent state, alone or beside attention: such a sequence cannot be cut
    /// short.</summary>
    public bool IsRecurrent { get; }

    /// <summary>Whether it can be fed vectors: over those of some architectures llama.cpp ends the process.</summary>
    public bool TakesVectors { get; }

    /// <summary>Whether a decode can leave both hidden states and logits; else it leaves no logits.</summary>
    public bool GivesHiddenBesideLogits { get; }

    /// <summary>Whether it can generate.</summary>
    public bool HasDecoder { get; }

    /// <summary>Whether it needs an encoder pass first.</summary>
    public bool HasEncoder { get; }

    /// <summary>Bytes of all tensors.</summary>
    public long SizeBytes { get; }

    /// <summary>Numbers in all tensors.</summary>
    public long ParameterCount { get; }

    /// <summary>llama.cpp's own description, such as <c>qwen2 1.5B Q4_K - Medium</c>.</summary>
    public string Description { get; }

    /// <summary>Loads a model.</summary>
    /// <param name="paths">The file, or all files of a split set in order.</param>
    /// <param name="settings">Where it goes.</param>
    /// <param name="progress">Told the fraction loaded, 0 to 1, on the calling thread.</param>
    /// <param name="cancellation">Stops the loading.</param>
    /// <exception cref="NativeCallException">llama.cpp refused the file.</exception>
    /// <exception cref="LlamaLibraryException">The native library cannot be loaded.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static LlamaModel Load(
        IReadOnlyList<string> paths,
        LlamaModelSettings settings,
        Action<float>? progress,
        CancellationToken cancellation)
    {
        LlamaLibrary.EnsureLoaded();
        cancellation.ThrowIfCancellationRequested();
        NativeLog.ForgetProblem();

        LoadProgress state = new(progress, cancellation);
        GCHandle stateHandle = GCHandle.Alloc(state);
        byte** names = (byte**)NativeMemory.AllocZeroed((nuint)paths.Count, (nuint)sizeof(byte*));
        nint* devices = null;
        try
        {
            for (int i = 0; i < paths.Count; i++)
            {
                names[i] = (byte*)Marshal.StringToCoTaskMemUTF8(paths[i]);
            }

            LlamaModelParams parameters = LlamaNative.llama_model_default_params();
            parameters.devices = devices = ListOf(settings.Devices);
            parameters.n_gpu_layers = settings.GpuLayers;
            parameters.split_mode = (int)settings.Split;
            parameters.check_tensors = settings.CheckTensors;
            parameters.progress_callback = &OnProgress;
            parameters.progress_callback_user_data = (void*)GCHandle.ToIntPtr(stateHandle);

            ModelHandle handle = LlamaNative.llama_model_load_from_splits(names, (nuint)paths.Count, parameters);
            if (handle.IsInvalid)
            {
                state.Rethrow();
                throw new NativeCallException("llama_model_load_from_splits", $"cannot load {paths[0]}");
            }

            return new LlamaModel(handle);
        }
        finally
        {
            for (int i = 0; i < paths.Count; i++)
            {
                Marshal.FreeCoTaskMem((nint)names[i]);
            }

            NativeMemory.Free(names);
            NativeMemory.Free(devices);
            stateHandle.Free();
        }
    }

    /// <summary>Frees the weights once the last context over them is gone.</summary>
    public void Dispose() => Handle.Dispose();

    /// <summary>The handles of devices and a null after them; null for no list. To be freed.</summary>
    private static nint* ListOf(IReadOnlyList<string>? devices)
    {
        if (devices is null)
        {
            return null;
        }

        nint[] handles = [.. devices.Select(LlamaLibrary.DeviceHandle)];
        nint* list = (nint*)NativeMemory.AllocZeroed((nuint)handles.Length + 1, (nuint)sizeof(nint));
        handles.CopyTo(new Span<nint>(list, handles.Length));
        return list;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NativeBool OnProgress(float fraction, void* userData) =>
        ((LoadProgress)GCHandle.FromIntPtr((nint)userData).Target!).Report(fraction);

    /// <summary>What the progress callback needs; keeps what it throws, since nothing may unwind through C++.</summary>
    private sealed class LoadProgress(Action<float>? report, CancellationToken cancellation)
    {
        private Exception? _problem;

        public bool Report(float fraction)
        {
            try
            {
                report?.Invoke(fraction);
                return !cancellation.IsCancellationRequested;
            }
            catch (Exception problem)
            {
                _problem = problem;
                return false;
            }
        }

        public void Rethrow()
        {
            cancellation.ThrowIfCancellationRequested();
            if (_problem is not null)
            {
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_problem);
            }
        }
    }
}
