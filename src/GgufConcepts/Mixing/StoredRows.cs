using System.Numerics.Tensors;
using GgufConcepts.Native;

namespace GgufConcepts.Mixing;

/// <summary>Rows of a matrix as they are stored, in memory that whoever made this keeps alive.</summary>
/// <remarks>Scratch is for types that <see cref="StoredKernels"/> does not know; for the others it may be
/// empty.</remarks>
internal readonly unsafe struct StoredRows
{
    private readonly StoredKernels? _kernels;

    /// <param name="type">How numbers are stored.</param>
    /// <param name="first">The first row, at any alignment.</param>
    /// <param name="rowBytes">From one row to the next.</param>
    /// <param name="width">Numbers in a row: whole blocks of the type.</param>
    /// <param name="count">How many rows.</param>
    public StoredRows(GgmlType type, byte* first, long rowBytes, int width, int count)
    {
        _kernels = StoredKernels.For(type);
        Type = type;
        First = first;
        RowBytes = rowBytes;
        Width = width;
        Count = count;
    }

    public GgmlType Type { get; }

    public byte* First { get; }

    public long RowBytes { get; }

    public int Width { get; }

    public int Count { get; }

    public byte* Row(int id) => First + id * RowBytes;

    /// <summary>Reads one row as floats, as ggml does.</summary>
    public void CopyRow(int id, Span<float> destination) =>
        GgmlTypes.Dequantize(Type, new ReadOnlySpan<byte>(Row(id), checked((int)RowBytes)), destination);

    /// <summary>Computes <c>destination[j] = scale * sum over k of weights[k] * row[ids[k]][j]</c>.</summary>
    /// <param name="ids">Rows, at least one.</param>
    /// <param name="weights">One weight a row.</param>
    /// <param name="scale">Multiplies the whole.</param>
    /// <param name="destination">Receives the sum, shape [<see cref="Width"/>].</param>
    /// <param name="scratch">Room for the rows, shape [ids, <see cref="Width"/>].</param>
    /// <remarks>To the bit what <see cref="RowBlend"/> makes of the dequantised rows, then multiplied: it does not
    /// matter how a table is stored.</remarks>
    /// <exception cref="ArgumentException">No such row, or shapes disagree.</exception>
    public void Blend(
        ReadOnlySpan<int> ids, ReadOnlySpan<float> weights, float scale, Span<float> destination, Span<float> scratch)
    {
        Check(ids, weights, destination);
        if (_kernels is { } kernels)
        {
            kernels.Blend(in this, ids, weights, [], adds: false, scale, destination);
            return;
        }

        for (int k = 0; k < ids.Length; k++)
        {
            CopyRow(ids[k], scratch.Slice(k * Width, Width));
        }

        RowBlend.Blend(scratch[..(ids.Length * Width)], weights, destination);
        TensorPrimitives.Multiply(destination, scale, destination);
    }

    /// <summary>Adds the weighted sum of rows: <c>sums[j] += sum over k of weights[k] * row[ids[k]][j]</c>.</summary>
    /// <param name="ids">Rows, at least one.</param>
    /// <param name="weights">One weight a row.</param>
    /// <param name="next">Rows that will be wanted next; they are asked for meanwhile, if there are as many.</param>
    /// <param name="sums">Shape [<see cref="Width"/>].</param>
    /// <param name="scratch">Room for one row.</param>
    /// <exception cref="ArgumentException">No such row, or shapes disagree.</exception>
    public void Add(
        ReadOnlySpan<int> ids,
        ReadOnlySpan<float> weights,
        ReadOnlySpan<int> next,
        Span<float> sums,
        Span<float> scratch)
    {
        Check(ids, weights, sums);
        if (_kernels is { } kernels)
        {
            kernels.Blend(in this, ids, weights, next, adds: true, 1f, sums);
            return;
        }

        for (int k = 0; k < ids.Length; k++)
        {
            CopyRow(ids[k], scratch);
            TensorPrimitives.MultiplyAdd(scratch, weights[k], sums, sums);
        }
    }

    /// <summary>Computes the dot product of a row with each of some vectors.</summary>
    /// <param name="id">The row.</param>
    /// <param name="vectors">Shape [products, <see cref="Width"/>].</param>
    /// <param name="products">Receives one product a vector; float32 sums, equal for equal rows.</param>
    /// <param name="scratch">Room for one row.</param>
    public void Dot(int id, ReadOnlySpan<float> vectors, Span<float> products, Span<float> scratch)
    {
        if (_kernels is { } kernels)
        {
            kernels.Dot(Row(id), Width, vectors, products);
            return;
        }

        CopyRow(id, scratch);
        fixed (float* row = scratch)
        {
            StoredKernels.Floats.Dot((byte*)row, Width, vectors, products);
        }
    }

    /// <summary>The sum of the squares of a row's numbers.</summary>
    /// <param name="id">The row.</param>
    /// <param name="scratch">Room for one row.</param>
    public float SumOfSquares(int id, Span<float> scratch)
    {
        if (_kernels is { } kernels)
        {
            return kernels.SumOfSquares(Row(id), Width);
        }

        CopyRow(id, scratch);
        return TensorPrimitives.SumOfSquares<float>(scratch);
    }

    private void Check(ReadOnlySpan<int> ids, ReadOnlySpan<float> weights, Span<float> destination)
    {
        if (ids.IsEmpty || ids.Length != weights.Length)
        {
            throw new ArgumentException(
                $"{weights.Length} weights for {ids.Length} rows; give one each.", nameof(weights));
        }

        if (destination.Length != Width)
        {
            throw new ArgumentException($"{destination.Length} floats for a row of {Width}.", nameof(destination));
        }

        foreach (int id in ids)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)Count, nameof(ids));
        }
    }
}
