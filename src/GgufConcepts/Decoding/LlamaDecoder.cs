using GgufConcepts.Native;

namespace GgufConcepts.Decoding;

/// <summary>The decoder over llama.cpp.</summary>
/// <remarks>
/// Everything that could abort the process is refused here: ids, row counts, sequence numbers, positions, widths, NaN.
/// A lock makes disposal wait for a decode that runs.
/// </remarks>
public sealed partial class LlamaDecoder : IDecoder
{
    private readonly Lock _gate = new();
    private readonly LlamaContext _context;
    private readonly int[] _positions;
    private readonly bool _takesVectors;
    private readonly bool _givesBoth;
    private Outputs _outputs;
    private int _firstOutputRow;
    private bool _disposed;

    /// <summary>Makes a decoder over a loaded model, which it keeps alive.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">Its sizes.</param>
    /// <exception cref="ArgumentException">A size is out of range; the message lists every problem. Or the context is
    /// longer
    /// than the model's table of positions.</exception>
    /// <exception cref="NativeCallException">llama.cpp could not make the context, mostly for lack of
    /// memory.</exception>
    public LlamaDecoder(LlamaModel model, DecoderOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        if (options.FindProblems() is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        }

        if (model.RopeType == LlamaRopeType.None && options.ContextLength > model.TrainedContext)
        {
            // Learned positions are a table, and a row past its end aborts the process.
            throw new ArgumentException(
                $"The context is {options.ContextLength}, but the model has a table of {model.TrainedContext} positions; " +
                "use at most that.",
                nameof(options));
        }

        _takesVectors = model.TakesVectors;
        _givesBoth = model.GivesHiddenBesideLogits;
        int batchSize = Math.Min(options.BatchSize, options.ContextLength);

        // llama.cpp ends the process where cache or batch are below one row a sequence (llama-context.cpp,
        // output_reserve).
        int cells = Math.Max(options.TotalLength ?? (options.ContextLength * options.Sequences), options.Sequences);
        _context = new LlamaContext(model, new LlamaContextSettings(
            cells,
            Math.Max(batchSize, options.Sequences),
            options.Sequences,
            options.Threads ?? ComputeThreads.DefaultFor(model.SizeBytes),
            options.ExactAttention,
            options.CaptureLayers));
        _positions = new int[options.Sequences];
        Info = new DecoderInfo(
            model.EmbeddingWidth,
            model.HiddenWidth,
            model.Vocabulary.Count,
            options.ContextLength,
            options.Sequences,
            Math.Min(batchSize, _context.BatchSize));
    }

    /// <inheritdoc/>
    public DecoderInfo Info { get; }

    /// <inheritdoc/>
    public int OutputCount { get; private set; }

    /// <summary>How often llama.cpp could use its compute graph again instead of building a new one.</summary>
    public int GraphReuses
    {
        get
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                return _context.GraphReuses;
            }
        }
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Logits(int output = 0)
    {
        CheckOutput(output, Outputs.Logits);
        return _context.Logits(_firstOutputRow + output);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Hidden(int output = 0)
    {
        CheckOutput(output, Outputs.Hidden);
        return _context.Hidden(_firstOutputRow + output);
    }

    /// <inheritdoc/>
    public int Position(int sequence)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        CheckSequence(sequence, nameof(sequence));
        return _positions[sequence];
    }

    /// <inheritdoc/>
    public bool TryRewind(int sequence, int position)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            CheckSequence(sequence, nameof(sequence));
            ArgumentOutOfRangeException.ThrowIfNegative(position);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(position, _positions[sequence]);
            if (position == _positions[sequence])
            {
                return true;
            }

            if (!_context.TryRemove(sequence, position))
            {
                return false;
            }

            _positions[sequence] = position;
            return true;
        }
    }

    /// <inheritdoc/>
    public void Fork(int from, int to)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            CheckSequence(from, nameof(from));
            CheckSequence(to, nameof(to));
            if (from == to)
            {
                return;
            }

            _context.TryRemove(to, 0); // a whole sequence can always be removed
            if (_positions[from] > 0)
            {
                _context.Copy(from, to);
            }

            _positions[to] = _positions[from];
        }
    }

    /// <summary>Frees the sequences, once a running decode is done. The model stays.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            OutputCount = 0;
            _context.Dispose();
        }
    }

    private void CheckOutput(int output, Outputs kind)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if ((_outputs & kind) == 0)
        {
            throw new InvalidOperationException($"The last call asked for {_outputs}, not for {kind}.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(output);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(output, OutputCount);
    }

    private void CheckSequence(int sequence, string parameter)
    {
        if ((uint)sequence >= (uint)_positions.Length)
        {
            throw new ArgumentOutOfRangeException(
                parameter, sequence, $"The decoder has sequences 0 to {_positions.Length - 1}.");
        }
    }
}
