using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GgufConcepts.Native;

/// <summary>How to make a context.</summary>
/// <param name="ContextSize">Cells of the key/value cache, shared by all sequences.</param>
/// <param name="BatchSize">Most rows of one decode.</param>
/// <param name="SequenceCount">Sequences, numbered from 0.</param>
/// <param name="Threads">Threads that compute.</param>
/// <param name="ExactAttention">Keeps keys and values as F32 and leaves fused attention off, which rounds to
/// F16.</param>
/// <param name="CaptureLayers">Makes <see cref="LlamaContext.Layers"/>; each layer is then computed by itself.</param>
internal readonly record struct LlamaContextSettings(
    int ContextSize,
    int BatchSize,
    int SequenceCount,
    int Threads,
    bool ExactAttention = false,
    bool CaptureLayers = false);

/// <summary>One mutable state over a model: its sequences and the outputs of the last decode. One caller at a
/// time.</summary>
/// <remarks>
/// The thin layer: it owns handles and buffers and turns spans into pointers. Ids, widths, positions and counts are the
/// caller's to check (<c>Decoding</c> does); a wrong one can abort the process.
/// </remarks>
internal sealed unsafe class LlamaContext : IDisposable
{
    private static long s_decodes;

    private readonly ContextHandle _handle;
    private readonly BatchBuffer _batch;
    private readonly nint _memory;
    private readonly int _vocabularySize;
    private readonly int _hiddenWidth;
    private GCHandle _self;
    private CancellationToken _cancellation;
    private bool _hidden;

    /// <summary>Makes a context.</summary>
    /// <exception cref="NativeCallException">llama.cpp refused, mostly for lack of memory.</exception>
    public LlamaContext(LlamaModel model, LlamaContextSettings settings)
    {
        ArgumentNullException.ThrowIfNull(model);
        NativeLog.ForgetProblem();
        _self = GCHandle.Alloc(this, GCHandleType.Weak);
        _vocabularySize = model.Vocabulary.Count;
        _hiddenWidth = model.HiddenWidth;

        LlamaContextParams parameters = LlamaNative.llama_context_default_params();
        parameters.n_ctx = (uint)settings.ContextSize;
        parameters.n_batch = (uint)settings.BatchSize;
        parameters.n_ubatch = (uint)settings.BatchSize;
        parameters.n_seq_max = (uint)settings.SequenceCount;
        parameters.n_outputs_max_per_seq = 0; // as many as the batch has rows: whole prompts may be asked for
        parameters.n_threads = settings.Threads;
        parameters.n_threads_batch = settings.Threads;
        if (settings.ExactAttention)
        {
            parameters.type_k = GgmlType.F32;
            parameters.type_v = GgmlType.F32;
            parameters.flash_attn_type = LlamaFlashAttnType.Disabled;
        }

        parameters.pooling_type = LlamaPoolingType.None;
        parameters.kv_unified = true; // one stream: forking a sequence copies nothing
        parameters.no_perf = true;
        parameters.abort_callback = &OnAbortAsked;
        parameters.abort_callback_data = (void*)GCHandle.ToIntPtr(_self);
        if (settings.CaptureLayers)
        {
            Layers = new LayerCapture(model.LayerCount, model.EmbeddingWidth);
            parameters.cb_eval = &OnEvaluate;
            parameters.cb_eval_user_data = (void*)GCHandle.ToIntPtr(_self);
        }

        try
        {
            _handle = ContextHandle.Create(model.Handle, parameters);
        }
        catch
        {
            _self.Free();
            throw;
        }

        _memory = LlamaNative.llama_get_memory(_handle);
        ContextSize = (int)LlamaNative.llama_n_ctx(_handle);
        BatchSize = (int)LlamaNative.llama_n_batch(_handle);
        bool multiPosition = model.RopeType is LlamaRopeType.Mrope or LlamaRopeType.Imrope;
        _batch = new BatchBuffer(BatchSize, model.InputWidth, multiPosition);
    }

    /// <summary>Cells of the cache, as llama.cpp rounded them.</summary>
    public int ContextSize { get; }

    /// <summary>Most rows of one decode.</summary>
    public int BatchSize { get; }

    /// <summary>The states after each layer; null unless the settings ask for them.</summary>
    public LayerCapture? Layers { get; }

    /// <summary>How often a compute graph could be used again (<c>llama_perf_context</c>).</summary>
    public int GraphReuses => LlamaNative.llama_perf_context(_handle).n_reused;

    /// <summary>Begins a batch of tokens or of vectors.</summary>
    public void BeginBatch(bool ofVectors) => _batch.Begin(ofVectors);

    /// <summary>Adds a token to a batch of tokens.</summary>
    public void Add(int token, int position, int sequence, bool output) => _batch.Add(token, position, sequence, output);

    /// <summary>Adds a vector to a batch of vectors; a shorter one is filled up with zeros.</summary>
    public void Add(ReadOnlySpan<float> vector, int position, int sequence, bool output) =>
        _batch.Add(vector, position, sequence, output);

    /// <summary>Decodes of this process that have ended, in all contexts: grows as long as llama.cpp gets on.</summary>
    public static long DecodeCount => Volatile.Read(ref s_decodes);

    /// <summary>Decodes the batch.</summary>
    /// <param name="hidden">Whether hidden states are wanted; every row is then an output.</param>
    /// <param name="cancellation">Aborts the computation between two graph nodes (on the processor).</param>
    public DecodeStatus Decode(bool hidden, CancellationToken cancellation)
    {
        if (hidden != _hidden) // rebuilds the graph: only when it changes
        {
            LlamaNative.llama_set_embeddings(_handle, hidden);
            _hidden = hidden;
        }

        _cancellation = cancellation;
        try
        {
            return LlamaNative.llama_decode(_handle, _batch.Finish());
        }
        finally
        {
            _cancellation = default;
            Interlocked.Increment(ref s_decodes);
        }
    }

    /// <summary>Logits of a row of the last batch, shape [vocabulary]; empty where the row was no output.</summary>
    /// <remarks>Valid until the next decode or disposal.</remarks>
    public ReadOnlySpan<float> Logits(int row)
    {
        float* logits = LlamaNative.llama_get_logits_ith(_handle, row);
        return logits == null ? default : new ReadOnlySpan<float>(logits, _vocabularySize);
    }

    /// <summary>Hidden state after the final norm of a row of the last batch; empty where the row was no
    /// output.</summary>
    /// <remarks>Valid until the next decode or disposal.</remarks>
    public ReadOnlySpan<float> Hidden(int row)
    {
        float* hidden = LlamaNative.llama_get_embeddings_ith(_handle, row);
        return hidden == null ? default : new ReadOnlySpan<float>(hidden, _hiddenWidth);
    }

    /// <summary>Forgets a sequence from a position on. False where the model cannot cut it there.</summary>
    public bool TryRemove(int sequence, int fromPosition) =>
        LlamaNative.llama_memory_seq_rm(_memory, sequence, fromPosition, -1);

    /// <summary>Makes an empty sequence a copy of another.</summary>
    public void Copy(int from, int to) => LlamaNative.llama_memory_seq_cp(_memory, from, to, -1, -1);

    /// <summary>The last position a sequence holds, or -1.</summary>
    public int LastPosition(int sequence) => LlamaNative.llama_memory_seq_pos_max(_memory, sequence);

    /// <summary>Frees the context. The model stays.</summary>
    public void Dispose()
    {
        if (!_handle.IsClosed)
        {
            _handle.Dispose();
            _batch.Dispose();
            _self.Free();
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NativeBool OnEvaluate(nint tensor, NativeBool ask, void* self) =>
        GCHandle.FromIntPtr((nint)self).Target is LlamaContext { Layers: { } layers } ? layers.Evaluate(tensor, ask) : !ask;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NativeBool OnAbortAsked(void* self) =>
        GCHandle.FromIntPtr((nint)self).Target is LlamaContext context && context._cancellation.IsCancellationRequested;
}
