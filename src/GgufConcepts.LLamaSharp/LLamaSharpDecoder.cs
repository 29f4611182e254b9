using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GgufConcepts.Decoding;
using GgufConcepts.Native;
using LLama.Exceptions;
using LLama.Native;

namespace GgufConcepts.LLamaSharp;

/// <summary>The decoder over LLamaSharp.</summary>
internal sealed unsafe class LLamaSharpDecoder : CheckedDecoder
{
    private const int OutputsABatchMayNote = 4096;

    private readonly LLamaSharpWeights _weights;
    private readonly SafeLLamaContextHandle _context;
    private readonly LLamaBatch _tokens = new();
    private LLamaBatchEmbeddings _vectors;
    private int _noted;
    private bool _ofVectors;
    private bool _hidden;
    private GCHandle _self;
    private CancellationToken _cancellation;

    /// <param name="weights">The weights, which it keeps alive.</param>
    /// <param name="options">Its sizes.</param>
    /// <exception cref="ArgumentException">A size is out of range.</exception>
    /// <exception cref="ConceptInputException">The states between layers are asked for, which LLamaSharp does not
    /// show.</exception>
    /// <exception cref="NativeCallException">There is no memory for it.</exception>
    public LLamaSharpDecoder(LLamaSharpWeights weights, DecoderOptions options)
        : this(weights, options, Create(weights, options))
    {
    }

    private LLamaSharpDecoder(LLamaSharpWeights weights, DecoderOptions options, SafeLLamaContextHandle context)
        : base(new DecoderInfo(
            weights.EmbeddingWidth,
            weights.EmbeddingWidth,
            weights.Vocabulary.Count,
            options.ContextLength,
            options.Sequences,
            Math.Min(options.RowsPerBatch, (int)context.BatchSize))
        {
            TakesVectors = ArchitectureLimits.TakesVectors(weights.Architecture, (LlamaRopeType)weights.Handle.RopeType),
            GivesHiddenBesideLogits = ArchitectureLimits.GivesHiddenBesideLogits(weights.Architecture),
        })
    {
        _weights = weights;
        _context = context;
        _vectors = new LLamaBatchEmbeddings(Info.VectorWidth);
        _self = GCHandle.Alloc(this, GCHandleType.Weak);
        NativeApi.llama_set_abort_callback(
            context, (nint)(delegate* unmanaged[Cdecl]<void*, byte>)&OnAbortAsked, GCHandle.ToIntPtr(_self));
    }

    /// <inheritdoc/>
    protected override void BeginBatch(bool ofVectors)
    {
        _ofVectors = ofVectors;
        if (!ofVectors)
        {
            _tokens.Clear();
        }
        else if (_noted < OutputsABatchMayNote)
        {
            _vectors.Clear();
        }
        else
        {
            _vectors = new LLamaBatchEmbeddings(Info.VectorWidth); // Clear keeps a note of every output there ever was
            _noted = 0;
        }
    }

    /// <inheritdoc/>
    protected override void Add(int token, int position, int sequence, bool output) =>
        _tokens.Add(token, position, (LLamaSeqId)sequence, output);

    /// <inheritdoc/>
    protected override void Add(ReadOnlySpan<float> vector, int position, int sequence, bool output)
    {
        _vectors.Add(vector, position, (LLamaSeqId)sequence, output);
        _noted += output ? 1 : 0;
    }

    /// <inheritdoc/>
    protected override DecodeStatus Decode(int rows, Outputs outputs, CancellationToken cancellation)
    {
        bool hidden = (outputs & Outputs.Hidden) != 0;
        if (hidden != _hidden) // rebuilds the graph: only when it changes
        {
            _context.SetEmbeddings(hidden);
            _hidden = hidden;
        }

        _cancellation = cancellation;
        try
        {
            return (DecodeStatus)(_ofVectors ? _context.Decode(_vectors) : _context.Decode(_tokens)); // llama_decode's own numbers
        }
        finally
        {
            _cancellation = default;
        }
    }

    /// <inheritdoc/>
    protected override ReadOnlySpan<float> ReadLogits(int row) => _context.GetLogitsIth(row);

    /// <inheritdoc/>
    protected override ReadOnlySpan<float> ReadHidden(int row) => _context.GetEmbeddingsIth(row);

    /// <inheritdoc/>
    /// <remarks>LLamaSharp drops what llama.cpp answers, so the sequence is looked at.</remarks>
    protected override bool TryRemove(int sequence, int fromPosition)
    {
        LLamaSeqId id = (LLamaSeqId)sequence;
        _context.MemorySequenceRemove(id, fromPosition, -1);
        return _context.MemorySequenceMaxPosition(id).Value < fromPosition;
    }

    /// <inheritdoc/>
    protected override void Copy(int from, int to) =>
        _context.MemorySequenceCopy((LLamaSeqId)from, (LLamaSeqId)to, -1, -1);

    /// <inheritdoc/>
    protected override void Free()
    {
        _context.Dispose();
        _self.Free();
        _weights.Release();
    }

    private static SafeLLamaContextHandle Create(LLamaSharpWeights weights, DecoderOptions options)
    {
        Check(options, weights.Handle.RopeType == LLamaRopeType.None ? weights.TrainedContext : null);
        if (options.CaptureLayers)
        {
            throw new ConceptInputException("LLamaSharp does not show the states between layers.");
        }

        LLamaContextParams parameters = LLamaContextParams.Default();
        parameters.n_ctx = (uint)options.Cells;
        parameters.n_batch = (uint)Math.Max(options.RowsPerBatch, options.Sequences);
        parameters.n_ubatch = parameters.n_batch;
        parameters.n_seq_max = (uint)options.Sequences;
        parameters.n_threads = options.Threads ?? parameters.n_threads;
        parameters.n_threads_batch = parameters.n_threads;
        if (options.ExactAttention)
        {
            parameters.type_k = GGMLType.GGML_TYPE_F32;
            parameters.type_v = GGMLType.GGML_TYPE_F32;
            parameters.llama_flash_attn_type = LLamaFlashAttentionType.LLAMA_FLASH_ATTENTION_TYPE_DISABLED;
        }

        parameters.llama_pooling_type = LLamaPoolingType.None;
        parameters.kv_unified = true; // one stream: forking a sequence copies nothing
        parameters.no_perf = true;

        NativeLog.ForgetProblem();
        weights.Hold();
        try
        {
            SafeLLamaContextHandle context = SafeLLamaContextHandle.Create(weights.Handle, parameters);
            return context.IsInvalid // which LLamaSharp does not look at
                ? throw new NativeCallException("llama_init_from_model", $"n_ctx = {parameters.n_ctx}")
                : context;
        }
        catch (RuntimeError problem)
        {
            weights.Release();
            throw new NativeCallException("llama_init_from_model", problem.Message);
        }
        catch
        {
            weights.Release();
            throw;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte OnAbortAsked(void* self) =>
        GCHandle.FromIntPtr((nint)self).Target is LLamaSharpDecoder { _cancellation.IsCancellationRequested: true }
            ? (byte)1
            : (byte)0;
}
