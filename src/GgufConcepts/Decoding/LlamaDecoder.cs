using GgufConcepts.Native;

namespace GgufConcepts.Decoding;

/// <summary>The decoder over llama.cpp.</summary>
public sealed partial class LlamaDecoder : CheckedDecoder
{
    private readonly LlamaContext _context;

    /// <summary>Makes a decoder over a loaded model, which it keeps alive.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">Its sizes.</param>
    /// <exception cref="ArgumentException">A size is out of range; the message lists every problem. Or the context is
    /// longer than the model's table of positions.</exception>
    /// <exception cref="NativeCallException">llama.cpp could not make the context, mostly for lack of memory.</exception>
    internal LlamaDecoder(LlamaModel model, DecoderOptions options)
        : this(model, options, Create(model, options))
    {
    }

    private LlamaDecoder(LlamaModel model, DecoderOptions options, LlamaContext context)
        : base(new DecoderInfo(
            model.EmbeddingWidth,
            model.HiddenWidth,
            model.Vocabulary.Count,
            options.ContextLength,
            options.Sequences,
            Math.Min(options.RowsPerBatch, context.BatchSize))
        {
            TakesVectors = model.TakesVectors,
            GivesHiddenBesideLogits = model.GivesHiddenBesideLogits,
        })
    {
        _context = context;
    }

    /// <summary>How often llama.cpp could use its compute graph again instead of building a new one.</summary>
    public int GraphReuses
    {
        get
        {
            lock (Gate)
            {
                CheckOpen();
                return _context.GraphReuses;
            }
        }
    }

    /// <inheritdoc/>
    protected override void BeginBatch(bool ofVectors) => _context.BeginBatch(ofVectors);

    /// <inheritdoc/>
    protected override void Add(int token, int position, int sequence, bool output) =>
        _context.Add(token, position, sequence, output);

    /// <inheritdoc/>
    protected override void Add(ReadOnlySpan<float> vector, int position, int sequence, bool output) =>
        _context.Add(vector, position, sequence, output);

    /// <inheritdoc/>
    protected override DecodeStatus Decode(int rows, Outputs outputs, CancellationToken cancellation)
    {
        _context.Layers?.Expect(outputs == Outputs.None ? 0 : rows);
        return _context.Decode((outputs & Outputs.Hidden) != 0, cancellation);
    }

    /// <inheritdoc/>
    protected override ReadOnlySpan<float> ReadLogits(int row) => _context.Logits(row);

    /// <inheritdoc/>
    protected override ReadOnlySpan<float> ReadHidden(int row) => _context.Hidden(row);

    /// <inheritdoc/>
    protected override bool TryRemove(int sequence, int fromPosition) => _context.TryRemove(sequence, fromPosition);

    /// <inheritdoc/>
    protected override void Copy(int from, int to) => _context.Copy(from, to);

    /// <inheritdoc/>
    protected override void Free() => _context.Dispose();

    private static LlamaContext Create(LlamaModel model, DecoderOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        Check(options, model.RopeType == LlamaRopeType.None ? model.TrainedContext : null);
        return new LlamaContext(model, new LlamaContextSettings(
            options.Cells,
            Math.Max(options.RowsPerBatch, options.Sequences),
            options.Sequences,
            options.Threads ?? ComputeThreads.DefaultFor(model.SizeBytes),
            options.ExactAttention,
            options.CaptureLayers));
    }
}
