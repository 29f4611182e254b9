using GgufConcepts.Native;

namespace GgufConcepts.Decoding;

/// <summary>A decoder over some llama.cpp: keeps the positions, and refuses what could end the process.</summary>
/// <remarks>
/// Ids, row counts, sequence numbers, positions, widths and NaN are checked here, once for every backend; what derives from
/// it only hands checked rows on. A lock makes disposal wait for a decode that runs.
/// </remarks>
public abstract partial class CheckedDecoder : IDecoder
{
    private readonly int[] _positions;
    private Outputs _outputs;
    private bool _disposed;

    /// <summary>Makes it over empty sequences.</summary>
    /// <param name="info">Its fixed sizes.</param>
    protected CheckedDecoder(DecoderInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        Info = info;
        _positions = new int[info.SequenceCount];
    }

    /// <inheritdoc/>
    public DecoderInfo Info { get; }

    /// <inheritdoc/>
    public int OutputCount { get; private set; }

    /// <summary>Held by every call; not by the reading of outputs, which belong to one caller.</summary>
    protected Lock Gate { get; } = new();

    /// <summary>Row of the last batch that is the first output.</summary>
    protected int FirstOutputRow { get; private set; }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Logits(int output = 0)
    {
        CheckOutput(output, Outputs.Logits);
        return ReadLogits(FirstOutputRow + output);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Hidden(int output = 0)
    {
        CheckOutput(output, Outputs.Hidden);
        return ReadHidden(FirstOutputRow + output);
    }

    /// <inheritdoc/>
    public int Position(int sequence)
    {
        CheckOpen();
        CheckSequence(sequence, nameof(sequence));
        return _positions[sequence];
    }

    /// <inheritdoc/>
    public bool TryRewind(int sequence, int position)
    {
        lock (Gate)
        {
            CheckOpen();
            CheckSequence(sequence, nameof(sequence));
            ArgumentOutOfRangeException.ThrowIfNegative(position);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(position, _positions[sequence]);
            if (position == _positions[sequence])
            {
                return true;
            }

            if (!TryRemove(sequence, position))
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
        lock (Gate)
        {
            CheckOpen();
            CheckSequence(from, nameof(from));
            CheckSequence(to, nameof(to));
            if (from == to)
            {
                return;
            }

            TryRemove(to, 0); // a whole sequence can always be removed
            if (_positions[from] > 0)
            {
                Copy(from, to);
            }

            _positions[to] = _positions[from];
        }
    }

    /// <summary>Frees the sequences, once a running decode is done. The model stays.</summary>
    public void Dispose()
    {
        lock (Gate)
        {
            if (!_disposed)
            {
                _disposed = true;
                OutputCount = 0;
                Free();
            }
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Refuses sizes that a backend must not see.</summary>
    /// <param name="options">The sizes.</param>
    /// <param name="positionTable">Rows of the model's table of learned positions; null where it has none.</param>
    /// <exception cref="ArgumentException">A size is out of range; the message lists every problem. Or the context is longer
    /// than the table.</exception>
    protected static void Check(DecoderOptions options, int? positionTable)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.FindProblems() is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        }

        if (options.ContextLength > positionTable)
        {
            // A row past the end of the table aborts the process.
            throw new ArgumentException(
                $"The context is {options.ContextLength}, but the model has a table of {positionTable} positions; " +
                "use at most that.",
                nameof(options));
        }
    }

    /// <summary>Begins a batch of tokens or of vectors.</summary>
    protected abstract void BeginBatch(bool ofVectors);

    /// <summary>Adds a token to a batch of tokens.</summary>
    protected abstract void Add(int token, int position, int sequence, bool output);

    /// <summary>Adds a vector of <see cref="DecoderInfo.VectorWidth"/> to a batch of vectors.</summary>
    protected abstract void Add(ReadOnlySpan<float> vector, int position, int sequence, bool output);

    /// <summary>Decodes the batch.</summary>
    /// <param name="rows">Rows in it.</param>
    /// <param name="outputs">What it shall leave behind.</param>
    /// <param name="cancellation">Aborts the computation.</param>
    protected abstract DecodeStatus Decode(int rows, Outputs outputs, CancellationToken cancellation);

    /// <summary>Logits of a row of the last batch, shape [vocabulary], in place.</summary>
    protected abstract ReadOnlySpan<float> ReadLogits(int row);

    /// <summary>Hidden state of a row of the last batch, in place.</summary>
    protected abstract ReadOnlySpan<float> ReadHidden(int row);

    /// <summary>Forgets a sequence from a position on. False where the model cannot cut it there.</summary>
    protected abstract bool TryRemove(int sequence, int fromPosition);

    /// <summary>Makes an empty sequence a copy of another.</summary>
    protected abstract void Copy(int from, int to);

    /// <summary>Frees what the backend holds; called once.</summary>
    protected abstract void Free();

    /// <summary>Throws where it is disposed.</summary>
    protected void CheckOpen() => ObjectDisposedException.ThrowIf(_disposed, this);

    private void CheckOutput(int output, Outputs kind)
    {
        CheckOpen();
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
