namespace GgufConcepts.Mixing;

/// <summary>Kernels over rows as they are stored: dequantising and summing in one go.</summary>
/// <remarks>Each is written once for every storage type and vector width. It does as many columns as four vectors
/// divide and returns the first column left.</remarks>
internal static unsafe partial class RowKernels
{
    /// <summary><c>destination[j] = scale * sum over k of weights[k] * row[ids[k]][j]</c>: the operations of
    /// <see cref="RowBlend"/> in its order, so the same result to the bit.</summary>
    internal static nuint Blend<TStored, TLanes, TVector>(
        in StoredRows rows,
        ReadOnlySpan<int> ids,
        ReadOnlySpan<float> weights,
        float scale,
        Span<float> destination,
        nuint column)
        where TStored : struct, IStored<TVector>
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        fixed (int* id = ids)
        fixed (float* weight = weights)
        fixed (float* target = destination)
        {
            byte* first = rows.First;
            long rowBytes = rows.RowBytes;
            int count = ids.Length;
            nuint lanes = (nuint)TLanes.Count, width = (nuint)destination.Length;
            for (; column + 4 * lanes <= width; column += 4 * lanes)
            {
                TVector factor = TLanes.Create(weight[0]);
                TStored.Read(
                    first + id[0] * rowBytes, column, out TVector a, out TVector b, out TVector c, out TVector d);
                TVector sumA = TLanes.Multiply(factor, a);
                TVector sumB = TLanes.Multiply(factor, b);
                TVector sumC = TLanes.Multiply(factor, c);
                TVector sumD = TLanes.Multiply(factor, d);
                for (int k = 1; k < count; k++)
                {
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

            destination[(int)column] = sum * scale;
        }
    }

    /// <summary><c>sums[j] += sum over k of weights[k] * row[ids[k]][j]</c>.</summary>
    internal static nuint Add<TStored, TLanes, TVector>(
        in StoredRows rows, ReadOnlySpan<int> ids, ReadOnlySpan<float> weights, Span<float> sums, nuint column)
        where TStored : struct, IStored<TVector>
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        fixed (int* id = ids)
        fixed (float* weight = weights)
        fixed (float* target = sums)
        {
            byte* first = rows.First;
            long rowBytes = rows.RowBytes;
            int count = ids.Length;
            nuint lanes = (nuint)TLanes.Count, width = (nuint)sums.Length;
            for (; column + 4 * lanes <= width; column += 4 * lanes)
            {
                TVector sumA = TLanes.Load(in *target, column);
                TVector sumB = TLanes.Load(in *target, column + lanes);
                TVector sumC = TLanes.Load(in *target, column + 2 * lanes);
                TVector sumD = TLanes.Load(in *target, column + 3 * lanes);
                for (int k = 0; k < count; k++)
                {
                    TVector factor = TLanes.Create(weight[k]);
                    TStored.Read(
                        first + id[k] * rowBytes, column, out TVector a, out TVector b, out TVector c, out TVector d);
                    sumA = TLanes.MultiplyAdd(factor, a, sumA);
                    sumB = TLanes.MultiplyAdd(factor, b, sumB);
                    sumC = TLanes.MultiplyAdd(factor, c, sumC);
                    sumD = TLanes.MultiplyAdd(factor, d, sumD);
                }

                TLanes.Store(sumA, ref *target, column);
                TLanes.Store(sumB, ref *target, column + lanes);
                TLanes.Store(sumC, ref *target, column + 2 * lanes);
                TLanes.Store(sumD, ref *target, column + 3 * lanes);
            }

            return column;
        }
    }

    /// <summary>The columns that no vector divides.</summary>
    internal static void AddTail<TStored>(
        in StoredRows rows, ReadOnlySpan<int> ids, ReadOnlySpan<float> weights, Span<float> sums, nuint column)
        where TStored : struct, IStored
    {
        for (; column < (nuint)sums.Length; column++)
        {
            float sum = sums[(int)column];
            for (int k = 0; k < ids.Length; k++)
            {
                sum = float.MultiplyAddEstimate(weights[k], TStored.At(rows.Row(ids[k]), column), sum);
            }

            sums[(int)column] = sum;
        }
    }
}
