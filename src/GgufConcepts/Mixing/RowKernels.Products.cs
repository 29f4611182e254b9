using System.Runtime.CompilerServices;

namespace GgufConcepts.Mixing;

internal static unsafe partial class RowKernels
{
    /// <summary>Adds to <paramref name="product"/> the dot product of a stored row and a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static nuint Dot<TStored, TLanes, TVector>(
        byte* row, float* vector, nuint width, nuint column, ref float product)
        where TStored : struct, IStored<TVector>
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        nuint lanes = (nuint)TLanes.Count;
        TVector zero = TLanes.Create(0f), sumA = zero, sumB = zero, sumC = zero, sumD = zero;
        for (; column + 4 * lanes <= width; column += 4 * lanes)
        {
            TStored.Read(row, column, out TVector a, out TVector b, out TVector c, out TVector d);
            sumA = TLanes.MultiplyAdd(a, TLanes.Load(in *vector, column), sumA);
            sumB = TLanes.MultiplyAdd(b, TLanes.Load(in *vector, column + lanes), sumB);
            sumC = TLanes.MultiplyAdd(c, TLanes.Load(in *vector, column + 2 * lanes), sumC);
            sumD = TLanes.MultiplyAdd(d, TLanes.Load(in *vector, column + 3 * lanes), sumD);
        }

        product += TLanes.SumAcross(TLanes.Add(TLanes.Add(sumA, sumB), TLanes.Add(sumC, sumD)));
        return column;
    }

    /// <summary>The same for four vectors, dequantising once.</summary>
    /// <param name="row">The stored row.</param>
    /// <param name="vectors">Shape [4, width].</param>
    /// <param name="width">Floats in a row.</param>
    /// <param name="column">Where to begin.</param>
    /// <param name="products">Four sums.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static nuint Dot4<TStored, TLanes, TVector>(
        byte* row, float* vectors, nuint width, nuint column, float* products)
        where TStored : struct, IStored<TVector>
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        nuint lanes = (nuint)TLanes.Count;
        float* second = vectors + width, third = second + width, fourth = third + width;
        TVector zero = TLanes.Create(0f);
        TVector even0 = zero, even1 = zero, even2 = zero, even3 = zero;
        TVector odd0 = zero, odd1 = zero, odd2 = zero, odd3 = zero;
        for (; column + 4 * lanes <= width; column += 4 * lanes)
        {
            TStored.Read(row, column, out TVector a, out TVector b, out TVector c, out TVector d);
            nuint atB = column + lanes, atC = atB + lanes, atD = atC + lanes;
            even0 = TLanes.MultiplyAdd(a, TLanes.Load(in *vectors, column), even0);
            even1 = TLanes.MultiplyAdd(a, TLanes.Load(in *second, column), even1);
            even2 = TLanes.MultiplyAdd(a, TLanes.Load(in *third, column), even2);
            even3 = TLanes.MultiplyAdd(a, TLanes.Load(in *fourth, column), even3);
            odd0 = TLanes.MultiplyAdd(b, TLanes.Load(in *vectors, atB), odd0);
            odd1 = TLanes.MultiplyAdd(b, TLanes.Load(in *second, atB), odd1);
            odd2 = TLanes.MultiplyAdd(b, TLanes.Load(in *third, atB), odd2);
            odd3 = TLanes.MultiplyAdd(b, TLanes.Load(in *fourth, atB), odd3);
            even0 = TLanes.MultiplyAdd(c, TLanes.Load(in *vectors, atC), even0);
            even1 = TLanes.MultiplyAdd(c, TLanes.Load(in *second, atC), even1);
            even2 = TLanes.MultiplyAdd(c, TLanes.Load(in *third, atC), even2);
            even3 = TLanes.MultiplyAdd(c, TLanes.Load(in *fourth, atC), even3);
            odd0 = TLanes.MultiplyAdd(d, TLanes.Load(in *vectors, atD), odd0);
            odd1 = TLanes.MultiplyAdd(d, TLanes.Load(in *second, atD), odd1);
            odd2 = TLanes.MultiplyAdd(d, TLanes.Load(in *third, atD), odd2);
            odd3 = TLanes.MultiplyAdd(d, TLanes.Load(in *fourth, atD), odd3);
        }

        products[0] += TLanes.SumAcross(TLanes.Add(even0, odd0));
        products[1] += TLanes.SumAcross(TLanes.Add(even1, odd1));
        products[2] += TLanes.SumAcross(TLanes.Add(even2, odd2));
        products[3] += TLanes.SumAcross(TLanes.Add(even3, odd3));
        return column;
    }

    /// <summary>Adds to <paramref name="squares"/> the sum of the squares of a stored row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static nuint Squares<TStored, TLanes, TVector>(byte* row, nuint width, nuint column, ref float squares)
        where TStored : struct, IStored<TVector>
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        nuint lanes = (nuint)TLanes.Count;
        TVector zero = TLanes.Create(0f), sumA = zero, sumB = zero, sumC = zero, sumD = zero;
        for (; column + 4 * lanes <= width; column += 4 * lanes)
        {
            TStored.Read(row, column, out TVector a, out TVector b, out TVector c, out TVector d);
            sumA = TLanes.MultiplyAdd(a, a, sumA);
            sumB = TLanes.MultiplyAdd(b, b, sumB);
            sumC = TLanes.MultiplyAdd(c, c, sumC);
            sumD = TLanes.MultiplyAdd(d, d, sumD);
        }

        squares += TLanes.SumAcross(TLanes.Add(TLanes.Add(sumA, sumB), TLanes.Add(sumC, sumD)));
        return column;
    }
}
