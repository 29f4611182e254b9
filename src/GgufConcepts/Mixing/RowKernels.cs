using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace GgufConcepts.Mixing;

/// <summary>Kernels over rows as they are stored: dequantising and summing in one go.</summary>
/// <remarks>Each is written once for every storage type and vector width. It does as many columns as four vectors
/// divide and returns the first column left.</remarks>
internal static unsafe partial class RowKernels
{
    private const nuint Line = 64; // bytes that come from memory together

    /// <summary><c>destination[j] = scale * sum over k of weights[k] * row[ids[k]][j]</c>: the operations of
    /// <see cref="RowBlend"/> in its order, so the same result to the bit.</summary>
    /// <remarks>Where it adds, what the destination holds is added before scaling. Rows of the next call, if any, are
    /// asked for meanwhile, line by line: the walk down the columns of many rows is none that processors
    /// foresee.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static nuint Blend<TStored, TLanes, TVector>(
        in StoredRows rows,
        ReadOnlySpan<int> ids,
        ReadOnlySpan<float> weights,
        ReadOnlySpan<int> next,
        bool adds,
        float scale,
        Span<float> destination,
        nuint column)
        where TStored : struct, IStored<TVector>
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        fixed (int* id = ids)
        fixed (int* soon = next)
        fixed (float* weight = weights)
        fixed (float* target = destination)
        {
            byte* first = rows.First;
            long rowBytes = rows.RowBytes;
            int count = ids.Length;
            nuint lanes = (nuint)TLanes.Count, width = (nuint)destination.Length;
            nuint chunkBytes = ((nuint)rowBytes * 4 * lanes + width - 1) / width; // rounded up: no line is passed over
            nuint line = column / (4 * lanes) * chunkBytes, end = line; // of the next rows
            bool looksAhead = Sse.IsSupported && next.Length >= count;
            for (; column + 4 * lanes <= width; column += 4 * lanes)
            {
                nuint from = line;
                end += chunkBytes;
                while (looksAhead && line < end)
                {
                    line += Line;
                }

                TVector factor = TLanes.Create(weight[0]);
                TStored.Read(
                    first + id[0] * rowBytes, column, out TVector a, out TVector b, out TVector c, out TVector d);
                TVector sumA = TLanes.Multiply(factor, a);
                TVector sumB = TLanes.Multiply(factor, b);
                TVector sumC = TLanes.Multiply(factor, c);
                TVector sumD = TLanes.Multiply(factor, d);
                if (adds)
                {
                    sumA = TLanes.Add(sumA, TLanes.Load(in *target, column));
                    sumB = TLanes.Add(sumB, TLanes.Load(in *target, column + lanes));
                    sumC = TLanes.Add(sumC, TLanes.Load(in *target, column + 2 * lanes));
                    sumD = TLanes.Add(sumD, TLanes.Load(in *target, column + 3 * lanes));
                }

                if (from < line)
                {
                    Fetch(first + soon[0] * rowBytes, from, line);
                }

                for (int k = 1; k < count; k++)
                {
                    if (from < line)
                    {
                        Fetch(first + soon[k] * rowBytes, from, line);
                    }

                    factor = TLanes.Create(weight[k]);
                    TStored.Read(first + id[k] * rowBytes, column, out a, out b, out c, out d);
                    sumA = TLanes.MultiplyAdd(factor, a, sumA);
                    sumB = TLanes.MultiplyAdd(factor, b, sumB);
                    sumC = TLanes.MultiplyAdd(factor, c, sumC);
                    sumD = TLanes.MultiplyAdd(factor, d, sumD);
                }

                TVector all = TLanes.Create(scale); // times 1 changes nothing
                TLanes.Store(TLanes.Multiply(sumA, all), ref *target, column);
                TLanes.Store(TLanes.Multiply(sumB, all), ref *target, column + lanes);
                TLanes.Store(TLanes.Multiply(sumC, all), ref *target, column + 2 * lanes);
                TLanes.Store(TLanes.Multiply(sumD, all), ref *target, column + 3 * lanes);
            }

            return column;
        }
    }

    /// <summary>The columns that no vector divides.</summary>
    internal static void BlendTail<TStored>(
        in StoredRows rows,
        ReadOnlySpan<int> ids,
        ReadOnlySpan<float> weights,
        bool adds,
        float scale,
        Span<float> destination,
        nuint column)
        where TStored : struct, IStored
    {
        for (; column < (nuint)destination.Length; column++)
        {
            float sum = weights[0] * TStored.At(rows.Row(ids[0]), column);
            for (int k = 1; k < ids.Length; k++)
            {
                sum = float.MultiplyAddEstimate(weights[k], TStored.At(rows.Row(ids[k]), column), sum);
            }

            destination[(int)column] = (adds ? sum + destination[(int)column] : sum) * scale;
        }
    }

    /// <summary>Asks for lines to be brought nearer. They may lie beyond what may be read: asking never
    /// fails.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch(byte* row, nuint from, nuint to)
    {
        for (; from < to; from += Line)
        {
            Sse.Prefetch0(row + from);
        }
    }
}
