using System.Numerics.Tensors;
using GgufConcepts.Gguf;
using GgufConcepts.Mixing;
using GgufConcepts.Strategies;

namespace GgufConcepts.Models;

/// <summary>Makes input vectors out of tokens: embedding rows, mixed and scaled as the model wants them.</summary>
/// <remarks>Holds scratch for the rows of one mixture; one caller at a time.</remarks>
public sealed class InputEmbeddings : IInputSpace
{
    /// <summary>Weights below this are left out of a sum over all rows: those of a million tokens together weigh less
    /// than float rounding.</summary>
    private const float Least = 1e-13f;

    private readonly EmbeddingTable _table;
    private readonly float _scale;
    private readonly Lazy<EmbeddingStatistics> _statistics;
    private readonly Lazy<IRealignment> _realignment;
    private readonly float[] _rows;
    private double[]? _sum;
    private float[]? _meanRow;

    /// <summary>Makes it for one caller.</summary>
    /// <param name="table">The rows of <c>token_embd.weight</c>.</param>
    /// <param name="scale">What the model multiplies token rows with, from the parity probe.</param>
    public InputEmbeddings(EmbeddingTable table, float scale)
        : this(table, scale, new Lazy<EmbeddingStatistics>(() => EmbeddingStatistics.Measure(table)), null)
    {
    }

    /// <param name="table">The rows.</param>
    /// <param name="scale">What the model multiplies token rows with.</param>
    /// <param name="statistics">Of the table, shared by all callers.</param>
    /// <param name="realignment">Shared by all callers; null where there is no output head to undo.</param>
    internal InputEmbeddings(
        EmbeddingTable table, float scale, Lazy<EmbeddingStatistics> statistics, Lazy<IRealignment>? realignment)
    {
        ArgumentNullException.ThrowIfNull(table);
        _table = table;
        _scale = scale;
        _statistics = statistics;
        _realignment = realignment ?? new Lazy<IRealignment>(
            () => throw new ConceptInputException("There is no output head to realign hidden states with."));
        _rows = new float[ConceptToken.Capacity * table.Width];
    }

    /// <summary>Numbers in one vector.</summary>
    public int Width => _table.Width;

    /// <inheritdoc/>
    public double MeanNorm => _scale * _statistics.Value.MeanNorm;

    /// <inheritdoc/>
    public double RootMeanSquare => _scale * _statistics.Value.RootMeanSquare;

    /// <inheritdoc/>
    public IRealignment Realignment => _realignment.Value;

    /// <summary>The vector that stands for one token.</summary>
    public void Row(int id, Span<float> destination)
    {
        _table.CopyRow(id, destination);
        Scale(destination);
    }

    /// <summary>The mean of the vectors of all tokens but some: a vector that says nothing of any.</summary>
    /// <param name="except">The tokens left out, always the same ones; its size is the vocabulary's.</param>
    /// <returns>Shape [width]. One pass over the table at the first call.</returns>
    public ReadOnlySpan<float> MeanRow(TokenMask except)
    {
        ArgumentNullException.ThrowIfNull(except);
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
        float[] vectors = new float[ids.Length * Width];
        for (int i = 0; i < ids.Length; i++)
        {
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
        Span<float> rows = _rows.AsSpan(0, ids.Length * Width);
        for (int i = 0; i < ids.Length; i++)
        {
            _table.CopyRow(ids[i], rows.Slice(i * Width, Width));
        }

        RowBlend.Blend(rows, weights, destination);
        Scale(destination);
    }

    /// <inheritdoc/>
    /// <remarks>Blocks of rows go through <see cref="RowBlend"/>, and the blocks' sums are added in double.</remarks>
    public void MixAll(ReadOnlySpan<float> weights, Span<float> destination)
    {
        Span<double> sum = _sum ??= new double[Width];
        sum.Clear();
        Span<int> ids = stackalloc int[ConceptToken.Capacity];
        Span<float> block = stackalloc float[ConceptToken.Capacity];
        int count = 0;
        for (int id = 0; id < weights.Length; id++)
        {
            if (weights[id] > Least)
            {
                (ids[count], block[count]) = (id, weights[id]);
                count++;
            }

            if (count == ids.Length || (count > 0 && id == weights.Length - 1))
            {
                Mix(ids[..count], block[..count], destination);
                for (int j = 0; j < sum.Length; j++)
                {
                    sum[j] += destination[j];
                }

                count = 0;
            }
        }

        for (int j = 0; j < sum.Length; j++)
        {
            destination[j] = (float)sum[j];
        }
    }

    private void Scale(Span<float> vector)
    {
        if (_scale != 1f)
        {
            TensorPrimitives.Multiply(vector, _scale, vector);
        }
    }
}
