using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GgufConcepts.Mixing;

/// <summary>The weighted sum of all rows of a table, on all processors.</summary>
/// <remarks>
/// <para>Weights of less than <see cref="Least"/> of the largest are left out, which moves the result by no more than
/// rows x 1e-9 x largest weight x longest row.</para>
/// <para>Floats add up 64 rows, within 66 x 6e-8 of the sum of their |weight x number|; doubles add up the rest. Parts
/// and blocks are fixed by the number of rows and added in their order, so the result is the same whatever the number
/// of processors.</para>
/// <para>Made once and used at every step without allocating; one caller at a time.</para>
/// </remarks>
internal sealed unsafe class TableSum : IPartedJob
{
    public const float Least = 1e-9f;

    private const int MostParts = 64;
    private const int FewestRows = 256; // in a part: less is not worth waking a thread for
    private const int Together = 8;     // rows in one pass over the sums, which stay in registers meanwhile
    private const int BlockRows = 64;   // summed in floats

    private readonly ParallelParts _parts;
    private readonly int _width;
    private readonly float[] _sums;     // [part, width] of the block at hand
    private readonly double[] _totals;  // [part, width]
    private readonly float[] _scratch;  // [part, width]
    private readonly double[] _whole;
    private readonly bool[] _empty;
    private StoredRows _rows;
    private float* _weights;
    private float _cut;
    private int _count;
    private int _partRows;

    /// <param name="width">Numbers in a row.</param>
    /// <param name="processors">Most to use.</param>
    public TableSum(int width, int processors)
    {
        _width = width;
        _parts = new ParallelParts(this, processors);
        _sums = new float[MostParts * width];
        _totals = new double[MostParts * width];
        _scratch = new float[MostParts * width];
        _whole = new double[width];
        _empty = new bool[MostParts];
    }

    /// <summary>Computes <c>destination[j] = scale * sum over i of weights[i] * row[i][j]</c>.</summary>
    /// <param name="rows">The table.</param>
    /// <param name="weights">One weight for each of its first rows; NaN reaches the result.</param>
    /// <param name="scale">Multiplies the whole.</param>
    /// <param name="destination">Receives the sum, shape [width].</param>
    public void Sum(in StoredRows rows, ReadOnlySpan<float> weights, float scale, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(weights.Length, rows.Count, nameof(weights));
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length, _width, nameof(destination));
        _rows = rows;
        _count = weights.Length;
        _cut = weights.IsEmpty ? 0 : Math.Abs(TensorPrimitives.MaxMagnitude(weights)) * Least;
        _partRows = Math.Max(FewestRows, (_count + MostParts - 1) / MostParts);
        int parts = (_count + _partRows - 1) / _partRows;
        fixed (float* first = weights)
        {
            _weights = first;
            _parts.Run(parts);
            _weights = null;
        }

        Span<double> whole = _whole;
        whole.Clear();
        for (int part = 0; part < parts; part++)
        {
            if (!_empty[part])
            {
                TensorPrimitives.Add(whole, _totals.AsSpan(part * _width, _width), whole);
            }
        }

        for (int j = 0; j < destination.Length; j++)
        {
            destination[j] = (float)whole[j] * scale;
        }
    }

    void IPartedJob.Run(int part)
    {
        Span<double> totals = _totals.AsSpan(part * _width, _width);
        Span<float> sums = _sums.AsSpan(part * _width, _width), scratch = _scratch.AsSpan(part * _width, _width);
        Span<int> ids = stackalloc int[Together];
        Span<float> weights = stackalloc float[Together];
        int gathered = 0, summed = 0, end = Math.Min((part + 1) * _partRows, _count);
        totals.Clear();
        sums.Clear();
        _empty[part] = true;
        for (int id = Next(part * _partRows, end); id < end; id = Next(id + 1, end))
        {
            _empty[part] = false;
            (ids[gathered], weights[gathered]) = (id, _weights[id]);
            if (++gathered < Together)
            {
                continue;
            }

            _rows.Add(ids, weights, sums, scratch);
            (gathered, summed) = (0, summed + Together);
            if (summed == BlockRows)
            {
                Flush(sums, totals);
                summed = 0;
            }
        }

        if (gathered > 0)
        {
            _rows.Add(ids[..gathered], weights[..gathered], sums, scratch);
        }

        Flush(sums, totals);
    }

    /// <summary>The next row whose weight counts.</summary>
    private int Next(int id, int end)
    {
        Vector<float> cut = new(_cut);
        while (id <= end - Vector<float>.Count
            && Vector.LessThanOrEqualAll(Vector.Abs(Vector.Load(_weights + id)), cut))
        {
            id += Vector<float>.Count;
        }

        while (id < end && Math.Abs(_weights[id]) <= _cut) // not so for NaN, which is to be seen
        {
            id++;
        }

        return id;
    }

    private static void Flush(Span<float> sums, Span<double> totals)
    {
        ref float sum = ref MemoryMarshal.GetReference(sums);
        ref double total = ref MemoryMarshal.GetReference(totals);
        int j = 0;
        for (; j <= sums.Length - Vector<float>.Count; j += Vector<float>.Count)
        {
            Vector.Widen(Vector.LoadUnsafe(ref sum, (nuint)j), out Vector<double> low, out Vector<double> high);
            nuint at = (nuint)j, next = at + (nuint)Vector<double>.Count;
            (Vector.LoadUnsafe(ref total, at) + low).StoreUnsafe(ref total, at);
            (Vector.LoadUnsafe(ref total, next) + high).StoreUnsafe(ref total, next);
        }

        for (; j < sums.Length; j++)
        {
            Unsafe.Add(ref total, j) += Unsafe.Add(ref sum, j);
        }

        sums.Clear();
    }
}
