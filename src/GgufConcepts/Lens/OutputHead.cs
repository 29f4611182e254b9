using System.Numerics.Tensors;
using System.Runtime.ExceptionServices;
using GgufConcepts.Gguf;
using GgufConcepts.Native;

namespace GgufConcepts.Lens;

/// <summary>The end of a model, apart from the rest: the final norm and the output matrix, which make logits of a
/// state.</summary>
/// <remarks>
/// One pass over the matrix whatever the number of states: rows are dequantised in blocks, on all processors, and never
/// all at once. Stateless; any thread. Whether this is what the model itself does is checked where it is used.
/// </remarks>
internal sealed partial class OutputHead
{
    private const int BlockRows = 64;
    private const int MostParts = 64; // fixed, so that the result does not depend on the number of processors

    private readonly OutputNorm _norm;
    private readonly GgufTensor _rows;
    private readonly float[]? _bias;
    private readonly float _scale;
    private readonly float _cap;

    /// <summary>Finds the head in a model's files.</summary>
    /// <param name="file">The model.</param>
    /// <param name="vocabularySize">Logits in one row; the matrix may have more rows.</param>
    /// <exception cref="ConceptInputException">There is none that can be read.</exception>
    public OutputHead(GgufModelFile file, int vocabularySize)
    {
        _rows = file.Find("output.weight") ?? file.Find("token_embd.weight") // where both are one matrix
            ?? throw new ConceptInputException($"{file.Paths[0]} holds no output matrix; a lens needs a language model.");
        if (_rows.RowCount < vocabularySize || _rows.Width > 1 << 20 || !GgmlTypes.CanDequantize(_rows.Type))
        {
            throw new ConceptInputException(
                $"{_rows} in {_rows.Path} cannot be read as the output matrix of {vocabularySize} tokens; use another file of the model.");
        }

        file.Metadata.TryGetString("general.architecture", out string architecture);
        Width = (int)_rows.Width;
        VocabularySize = vocabularySize;
        _norm = OutputNorm.Read(file, architecture, Width);
        _bias = OutputNorm.Vector(file, "output.bias", vocabularySize);
        _scale = Scale(file, architecture);
        _cap = Cap(file, architecture);
    }

    /// <summary>Numbers in a state.</summary>
    public int Width { get; }

    /// <summary>Logits in a row.</summary>
    public int VocabularySize { get; }

    /// <summary>How the matrix is stored.</summary>
    public GgmlType Type => _rows.Type;

    /// <summary>What llama.cpp's processor code rounds a state to before it multiplies with the matrix
    /// (<c>vec_dot_type</c> in ggml-cpu); null where it does not, or where it cannot be done from here.</summary>
    /// <remarks>Without this its probabilities and ours part in the fourth place, with quantised matrices in the
    /// second.
    /// Graphics cards do not round all of these.</remarks>
    public GgmlType? Rounds => Type switch
    {
        GgmlType.F16 or GgmlType.BF16 => Type,
        GgmlType.Q4_0 or GgmlType.Q5_0 or GgmlType.Q8_0 or GgmlType.IQ4_NL => GgmlType.Q8_0,
        _ => null,
    };

    /// <summary>Reads states: what each would say if the model ended here.</summary>
    /// <param name="states">Shape [count, width], before the final norm.</param>
    /// <param name="count">How many.</param>
    /// <param name="kept">Likeliest tokens to keep of each.</param>
    /// <param name="rounds">Whether to round states first, see <see cref="Rounds"/>.</param>
    /// <param name="followed">Tokens whose place is wanted, for each state.</param>
    /// <param name="whole">For each state room for all its logits, or null where they are not wanted.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    public LogitTally[] Read(
        ReadOnlySpan<float> states,
        int count,
        int kept,
        bool rounds,
        IReadOnlyList<int[]> followed,
        IReadOnlyList<float[]?> whole,
        CancellationToken cancellation = default)
    {
        float[] normed = Normalise(states, count, rounds);
        float[][] bars = [.. followed.Select((ids, state) => FollowedLogits(normed, state, ids))];
        int blocks = (VocabularySize + BlockRows - 1) / BlockRows;
        int parts = Math.Min(blocks, MostParts);
        LogitTally[][] partial = new LogitTally[parts][];
        try
        {
            Parallel.For(
                0,
                parts,
                new ParallelOptions { CancellationToken = cancellation },
                () => (Rows: new float[BlockRows * Width], Logits: new float[BlockRows]),
                (part, _, own) =>
                {
                    LogitTally[] tallies = NewTallies();
                    for (long block = (long)blocks * part / parts; block < (long)blocks * (part + 1) / parts; block++)
                    {
                        cancellation.ThrowIfCancellationRequested();
                        Visit((int)block, own.Rows, own.Logits, tallies);
                    }

                    partial[part] = tallies;
                    return own;
                },
                _ => { });
        }
        catch (AggregateException problem)
        {
            ExceptionDispatchInfo.Throw(problem.InnerExceptions[0]); // as if there were one thread
        }

        foreach (LogitTally[] later in partial.Skip(1)) // in order: the sums are the same whoever was first
        {
            for (int state = 0; state < count; state++)
            {
                partial[0][state].Add(later[state]);
            }
        }

        return partial[0];

        LogitTally[] NewTallies() =>
            [.. Enumerable.Range(0, count).Select(state => new LogitTally(kept, followed[state], bars[state]))];

        void Visit(int block, float[] rows, float[] logits, LogitTally[] own)
        {
            int first = block * BlockRows;
            int length = Math.Min(BlockRows, VocabularySize - first);
            for (int row = 0; row < length; row++)
            {
                _rows.CopyRow(first + row, rows.AsSpan(row * Width, Width));
            }

            for (int state = 0; state < own.Length; state++)
            {
                ReadOnlySpan<float> normedState = normed.AsSpan(state * Width, Width);
                for (int row = 0; row < length; row++)
                {
                    logits[row] = Logit(first + row, rows.AsSpan(row * Width, Width), normedState);
                }

                own[state].Add(logits.AsSpan(0, length), first);
                if (whole[state] is { } target)
                {
                    logits.AsSpan(0, length).CopyTo(target.AsSpan(first));
                }
            }
        }
    }

    private float[] Normalise(ReadOnlySpan<float> states, int count, bool rounds)
    {
        float[] normed = new float[count * Width];
        for (int state = 0; state < count; state++)
        {
            _norm.Apply(states.Slice(state * Width, Width), normed.AsSpan(state * Width, Width));
            if (rounds)
            {
                Round(normed.AsSpan(state * Width, Width));
            }
        }

        return normed;
    }

    private void Round(Span<float> normed)
    {
        if (Rounds is { } rounded)
        {
            (int blockLength, int blockBytes) = GgmlTypes.Layout(rounded);
            Span<byte> stored = new byte[normed.Length / blockLength * blockBytes];
            GgmlTypes.Quantize(rounded, normed, 1, stored);
            GgmlTypes.Dequantize(rounded, stored, normed);
        }
    }

    private float[] FollowedLogits(float[] normed, int state, int[] ids)
    {
        float[] row = new float[Width];
        float[] logits = new float[ids.Length];
        for (int i = 0; i < ids.Length; i++)
        {
            _rows.CopyRow(ids[i], row);
            logits[i] = Logit(ids[i], row, normed.AsSpan(state * Width, Width)); // to the bit what the pass will find
        }

        return logits;
    }

    private float Logit(int id, ReadOnlySpan<float> row, ReadOnlySpan<float> normed)
    {
        float logit = (TensorPrimitives.Dot(row, normed) + (_bias is null ? 0f : _bias[id])) * _scale;
        return _cap > 0f ? _cap * MathF.Tanh(logit / _cap) : logit;
    }

    /// <summary>Granite and MiniCPM divide by the scale, the others multiply with it (<c>src/models</c> of
    /// llama.cpp).</summary>
    private static float Scale(GgufModelFile file, string architecture)
    {
        if (!file.Metadata.TryGetFloat($"{architecture}.logit_scale", out double scale) || scale == 0)
        {
            return 1f;
        }

        bool divides = architecture.StartsWith("granite", StringComparison.Ordinal) || architecture == "minicpm";
        return (float)(divides ? 1 / scale : scale);
    }

    private static float Cap(GgufModelFile file, string architecture) =>
        file.Metadata.TryGetFloat($"{architecture}.final_logit_softcapping", out double cap) ? (float)cap
        : architecture is "gemma2" or "gemma3n" ? 30f // llama.cpp's default
        : 0f;
}
