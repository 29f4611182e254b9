using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GgufConcepts.Mixing;

/// <summary>The weighted sum of all rows of a table, on all processors.</summary>
/// <remarks>
/// <para>Weights of less than <see cref="Least"/> of the largest are left out, which moves the result by no more than
/// rows x 1e-9 x largest weight x longest row.</para>
/// <para>Floats add up 64 rows, 8 and 8, so that each product is rounded 16 times at most: within 16 x 6e-8 of the
/// sum of all |weight x number|. Doubles add up the rest. Parts are fixed by how many weights count and added in their
/// order, so the result is the same whatever the number of processors.</para>
/// <para>Made once and used at every step; only the first allocates. One caller at a time.</para>
/// </remarks>
internal sealed unsafe class TableSum : IPartedJob
{
    public const float Least = 1e-9f;

    private const int MostParts = 64;
    private const int FewestRows = 128; // in a part: less is not worth waking a thread for
    private const int BlockRows = 64;   // summed in floats
    private const int Together = 8;     // rows in one pass over the sums; the first cache holds the next ones too

    private readonly ParallelParts _parts;
    private readonly int _width;
    private readonly float[] _sums;     // [part, width] of the block at hand
    private readonly double[] _totals;  // [part, width]
    private readonly float[] _scratch;  // [part, width]
    private readonly double[] _whole;
    private int[] _ids = [];            // whose weights count
    private StoredRows _rows;
    private float* _weights;
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
        if (_ids.Length < weights.Length)
        {
            _ids = new int[weights.Length];
        }

        _rows = rows;
        _count = Gather(weights, _ids);
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
            TensorPrimitives.Add(whole, _totals.AsSpan(part * _width, _width), whole);
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
        ReadOnlySpan<int> ids = _ids.AsSpan(part * _partRows, Math.Min(_partRows, _count - part * _partRows));
        Span<float> weights = stackalloc float[Together];
        totals.Clear();
        sums.Clear();
        for (int at = 0; at < ids.Length; at += Together)
        {
            ReadOnlySpan<int> now = ids.Slice(at, Math.Min(Together, ids.Length - at)), next = ids[(at + now.Length)..];
            for (int k = 0; k < now.Length; k++)
            {
                weights[k] = _weights[now[k]];
            }

            _rows.Add(now, weights[..now.Length], next, sums, scratch);
            if ((at + Together) % BlockRows == 0 || next.IsEmpty)
            {
                AddTo(totals, sums);
                sums.Clear();
            }
        }
    }

    /// <summary>Lists the rows whose weights count.</summary>
    /// <returns>How many.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Gather(ReadOnlySpan<float> weights, Span<int> ids)
    {
        float cut = weights.IsEmpty ? 0 : Math.Abs(TensorPrimitives.MaxMagnitude(weights)) * Least;
        Vector<float> cuts = new(cut);
        ref float first = ref MemoryMarshal.GetReference(weights);
        int count = 0;
        for (int id = 0; id < weights.Length;)
        {
            int end = Math.Min(id + Vector<float>.Count, weights.Length);
            if (end - id == Vector<float>.Count
                && Vector.LessThanOrEqualAll(Vector.Abs(Vector.LoadUnsafe(ref first, (nuint)id)), cuts))
            {
                id = end;
            }

            for (; id < end; id++)
            {
                ids[count] = id;
                count += Math.Abs(weights[id]) <= cut ? 0 : 1; // NaN counts: it is to be seen
            }
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddTo(Span<double> totals, ReadOnlySpan<float> sums)
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
    }
}
