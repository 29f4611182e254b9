using System.Numerics.Tensors;
using GgufConcepts.Gguf;
using GgufConcepts.Mixing;
using GgufConcepts.Strategies;

namespace GgufConcepts.Models;

/// <summary>Makes input vectors out of tokens: embedding rows, mixed and scaled as the model wants them.</summary>
/// <remarks>Holds scratch for the rows of one mixture; one caller at a time.</remarks>
public sealed class InputEmbeddings : IInputSpace
{
    private readonly EmbeddingTable _table;
    private readonly float _scale;
    private readonly Lazy<IRealignment> _realignment;
    private readonly float[] _scratch;
    private TableSum? _sum;
    private float[]? _meanRow;

    /// <summary>Makes it for one caller.</summary>
    /// <param name="table">The rows of <c>token_embd.weight</c>.</param>
    /// <param name="scale">What the model multiplies token rows with, from the parity probe.</param>
    public InputEmbeddings(EmbeddingTable table, float scale)
        : this(table, scale, null)
    {
    }

    /// <param name="table">The rows.</param>
    /// <param name="scale">What the model multiplies token rows with.</param>
    /// <param name="realignment">Shared by all callers; null where there is no output head to undo.</param>
    internal InputEmbeddings(EmbeddingTable table, float scale, Lazy<IRealignment>? realignment)
    {
        ArgumentNullException.ThrowIfNull(table);
        if (!(scale > 0 && float.IsFinite(scale)))
        {
            throw new ArgumentOutOfRangeException(nameof(scale), scale, "The scale must be finite and above 0.");
        }

        _table = table;
        _scale = scale;
        _realignment = realignment ?? new Lazy<IRealignment>(
            () => throw new ConceptInputException("There is no output head to realign hidden states with."));
        _scratch = StoredKernels.For(table.Type) is null ? new float[ConceptToken.Capacity * table.Width] : [];
    }

    /// <summary>Numbers in one vector.</summary>
    public int Width => _table.Width;

    /// <inheritdoc/>
    public double MeanNorm => _scale * EmbeddingStatistics.Measure(_table).MeanNorm;

    /// <inheritdoc/>
    public double RootMeanSquare => _scale * EmbeddingStatistics.Measure(_table).RootMeanSquare;

    /// <inheritdoc/>
    public IRealignment Realignment => _realignment.Value;

    /// <summary>The vector that stands for one token.</summary>
    public void Row(int id, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)_table.RowCount, nameof(id));
        Mix([id], [1f], destination); // times 1 is exact
    }

    /// <summary>The mean of the vectors of all tokens but some: a vector that says nothing of any.</summary>
    /// <param name="except">The tokens left out, always the same ones; its size is the vocabulary's.</param>
    /// <returns>Shape [width]. One pass over the table at the first call.</returns>
    public ReadOnlySpan<float> MeanRow(TokenMask except)
    {
        ArgumentNullException.ThrowIfNull(except);
        if (except.Size > _table.RowCount || except.Count == except.Size)
        {
            throw new ArgumentException(
                $"{except.Count} of {except.Size} tokens are left out of a table of {_table.RowCount}; leave one in.", nameof(except));
        }

        return _meanRow ??= Mean();

        float[] Mean()
        {
            double[] sum = new double[Width];
            float[] row = new float[Width];
            for (int id = 0; id < except.Size; id++)
            {
                if (!except.Contains(id))
                {
                    Row(id, row);
                    for (int i = 0; i < row.Length; i++)
                    {
                        sum[i] += row[i];
                    }
                }
            }

            return [.. sum.Select(value => (float)(value / (except.Size - except.Count)))];
        }
    }

    /// <summary>The vectors that stand for tokens, shape [ids, width].</summary>
    public float[] Rows(ReadOnlySpan<int> ids)
    {
        float[] vectors = new float[checked(ids.Length * Width)];
        for (int i = 0; i < ids.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)ids[i], (uint)_table.RowCount, nameof(ids));
            Row(ids[i], vectors.AsSpan(i * Width, Width));
        }

        return vectors;
    }

    /// <summary>A vector made of unscaled rows, as the model wants it.</summary>
    public float[] Scaled(ReadOnlySpan<float> vector)
    {
        float[] scaled = vector.ToArray();
        Scale(scaled);
        return scaled;
    }

    /// <summary>The concept vector: <c>scale * sum over i of weights[i] * E[ids[i]]</c>.</summary>
    /// <param name="ids">The tokens, at most <see cref="ConceptToken.Capacity"/>.</param>
    /// <param name="weights">One weight a token.</param>
    /// <param name="destination">Receives the vector, shape [width].</param>
    public void Mix(ReadOnlySpan<int> ids, ReadOnlySpan<float> weights, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ids.Length, ConceptToken.Capacity, nameof(ids));
        if (destination.Overlaps(weights))
        {
            throw new ArgumentException("The destination overlaps the weights; give it memory of its own.", nameof(destination));
        }

        using MappedFile.Lease lease = _table.Borrow(out StoredRows rows);
        rows.Blend(ids, weights, _scale, destination, _scratch);
    }

    /// <inheritdoc/>
    /// <remarks>How near: see <see cref="TableSum"/>.</remarks>
    public void MixAll(ReadOnlySpan<float> weights, Span<float> destination)
    {
        if (destination.Overlaps(weights))
        {
            throw new ArgumentException("The destination overlaps the weights; give it memory of its own.", nameof(destination));
        }

        _sum ??= new TableSum(Width, Environment.ProcessorCount);
        using MappedFile.Lease lease = _table.Borrow(out StoredRows rows);
        _sum.Sum(in rows, weights, _scale, destination);
    }

    private void Scale(Span<float> vector)
    {
        if (_scale != 1f)
        {
            TensorPrimitives.Multiply(vector, _scale, vector);
        }
    }
}
