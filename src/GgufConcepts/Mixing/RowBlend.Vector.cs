using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GgufConcepts.Mixing;

public static partial class RowBlend
{
    /// <summary>Blends as many columns as this width divides.</summary>
    /// <returns>The first column left.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Blend<TLanes, TVector>(
        ReadOnlySpan<float> rows, ReadOnlySpan<float> weights, Span<float> destination, int column)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref readonly float source = ref MemoryMarshal.GetReference(rows);
        ref float target = ref MemoryMarshal.GetReference(destination);
        nuint width = (nuint)destination.Length;

        // Four vectors abreast: four independent chains of additions, and each weight is spread over the lanes once.
        for (; column <= destination.Length - 4 * TLanes.Count; column += 4 * TLanes.Count)
        {
            nuint at0 = (nuint)column;
            nuint at1 = at0 + (nuint)TLanes.Count, at2 = at1 + (nuint)TLanes.Count, at3 = at2 + (nuint)TLanes.Count;
            TVector weight = TLanes.Create(weights[0]);
            TVector sum0 = TLanes.Multiply(weight, TLanes.Load(in source, at0));
            TVector sum1 = TLanes.Multiply(weight, TLanes.Load(in source, at1));
            TVector sum2 = TLanes.Multiply(weight, TLanes.Load(in source, at2));
            TVector sum3 = TLanes.Multiply(weight, TLanes.Load(in source, at3));
            for (int row = 1; row < weights.Length; row++)
            {
                nuint start = (nuint)row * width;
                weight = TLanes.Create(weights[row]);
                sum0 = TLanes.MultiplyAdd(weight, TLanes.Load(in source, start + at0), sum0);
                sum1 = TLanes.MultiplyAdd(weight, TLanes.Load(in source, start + at1), sum1);
                sum2 = TLanes.MultiplyAdd(weight, TLanes.Load(in source, start + at2), sum2);
                sum3 = TLanes.MultiplyAdd(weight, TLanes.Load(in source, start + at3), sum3);
            }

            TLanes.Store(sum0, ref target, at0);
            TLanes.Store(sum1, ref target, at1);
            TLanes.Store(sum2, ref target, at2);
            TLanes.Store(sum3, ref target, at3);
        }

        for (; column <= destination.Length - TLanes.Count; column += TLanes.Count)
        {
            TVector sum = TLanes.Multiply(TLanes.Create(weights[0]), TLanes.Load(in source, (nuint)column));
            for (int row = 1; row < weights.Length; row++)
            {
                nuint at = (nuint)row * width + (nuint)column;
                sum = TLanes.MultiplyAdd(TLanes.Create(weights[row]), TLanes.Load(in source, at), sum);
            }

            TLanes.Store(sum, ref target, (nuint)column);
        }

        return column;
    }
}
