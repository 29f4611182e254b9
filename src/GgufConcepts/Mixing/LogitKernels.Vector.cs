using System.Runtime.CompilerServices;

namespace GgufConcepts.Mixing;

internal static partial class LogitKernels
{
    /// <summary>Blocks whose maximum is this far below the top, in units of T, add nothing that matters.</summary>
    internal const float Cut = 30f;

    /// <summary>Blocks whose maximum is this far below the top, in units of T, may be added up coarsely.</summary>
    internal const float CoarseCut = 25f;

    internal const int BlocksPerPartial = 64; // 4,096 tokens
    private const int BlocksPerFlush = 1;     // a lane: 32 float additions, of pairs, then on to double

    // The inner loops hold no calls: across a call every vector register would go through memory.

    /// <returns>A sum of everything: NaN if any value is, which maxima would lose.</returns>
    private static float FindMaxima<TLanes, TVector>(LogitBlocks blocks, Span<float> maxima)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        float check = 0f;
        for (int block = 0, run; block < maxima.Length; block += run)
        {
            ref readonly float values = ref blocks.At(block, maxima.Length, out run);
            check += FindMaximaOfRun<TLanes, TVector>(in values, maxima.Slice(block, run));
        }

        return check;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float FindMaximaOfRun<TLanes, TVector>(ref readonly float values, Span<float> maxima)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        TVector check = TLanes.Create(0f);
        for (int block = 0; block < maxima.Length; block++)
        {
            nuint at = (nuint)block * LogitBlocks.Size;
            TVector largest = TLanes.Create(float.NegativeInfinity);
            for (nuint end = at + LogitBlocks.Size; at < end; at += 4 * (nuint)TLanes.Count)
            {
                TVector a = TLanes.Load(in values, at);
                TVector b = TLanes.Load(in values, at + (nuint)TLanes.Count);
                TVector c = TLanes.Load(in values, at + 2 * (nuint)TLanes.Count);
                TVector d = TLanes.Load(in values, at + 3 * (nuint)TLanes.Count);
                largest = TLanes.Max(largest, TLanes.Max(TLanes.Max(a, b), TLanes.Max(c, d)));
                check = TLanes.Add(check, TLanes.Add(TLanes.Add(a, b), TLanes.Add(c, d)));
            }

            maxima[block] = TLanes.MaxAcross(largest);
        }

        return TLanes.SumAcross(check);
    }

    private static SoftmaxSums Sum<TLanes, TVector>(
        LogitBlocks blocks, ReadOnlySpan<float> maxima, float maximum, float temperature, Span<double> partials)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        float scale = ScaleFor(temperature);
        float skipBelow = maximum - Cut * temperature, coarseBelow = maximum - CoarseCut * temperature;
        double z = 0, s = 0;
        for (int partial = 0; partial < partials.Length; partial++)
        {
            partials[partial] = 0;
            int end = Math.Min((partial + 1) * BlocksPerPartial, maxima.Length);
            for (int block = partial * BlocksPerPartial, run; block < end; block += run)
            {
                int flush = Math.Min(block + BlocksPerFlush * TLanes.Count, end);
                ref readonly float values = ref blocks.At(block, flush, out run);
                (float runZ, float runS) = SumRun<TLanes, TVector>(
                    in values, maxima.Slice(block, run), maximum, scale, skipBelow, coarseBelow);
                partials[partial] += runZ;
                s += runS;
            }

            z += partials[partial];
        }

        return new(z, s * Math.Log(2));
    }

    /// <summary>e^d = 2^y with y = (l - maximum) log2(e) / T; a tiny T must not make 0 x infinity.</summary>
    private static float ScaleFor(float temperature) =>
        (float)Math.Min(1 / (Math.Log(2) * temperature), float.MaxValue);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (float Z, float S) SumRun<TLanes, TVector>(
        ref readonly float values, ReadOnlySpan<float> maxima, float maximum, float scale,
        float skipBelow, float coarseBelow)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        TVector top = TLanes.Create(maximum);
        TVector scales = TLanes.Create(scale);
        TVector z = TLanes.Create(0f), s = z;
        for (int block = 0; block < maxima.Length; block++)
        {
            if (maxima[block] < skipBelow)
            {
                continue;
            }

            bool coarse = maxima[block] < coarseBelow;
            nuint at = (nuint)block * LogitBlocks.Size;
            for (nuint end = at + LogitBlocks.Size; at < end; at += 2 * (nuint)TLanes.Count)
            {
                TVector l0 = TLanes.Load(in values, at);
                TVector l1 = TLanes.Load(in values, at + (nuint)TLanes.Count);
                TVector y0 = TLanes.Multiply(TLanes.Subtract(l0, top), scales), e0;
                TVector y1 = TLanes.Multiply(TLanes.Subtract(l1, top), scales), e1;
                if (coarse)
                {
                    e0 = CoarseExp2<TLanes, TVector>(ref y0);
                    e1 = CoarseExp2<TLanes, TVector>(ref y1);
                }
                else
                {
                    e0 = Exp2<TLanes, TVector>(ref y0);
                    e1 = Exp2<TLanes, TVector>(ref y1);
                }

                z = TLanes.Add(z, TLanes.Add(e0, e1));
                s = TLanes.Add(s, TLanes.MultiplyAdd(y0, e0, TLanes.Multiply(y1, e1)));
            }
        }

        return (TLanes.SumAcross(z), TLanes.SumAcross(s));
    }

    /// <summary>2^y for y from -125 to 0, within 3e-7 relative; exactly 1 at 0. Lower y are raised to -125.</summary>
    /// <remarks>y = n + f with n the nearest integer; 2^f on -0.5..0.5 by the polynomial of degree 5 with the smallest
    /// relative error among those that are 1 at 0 (1.1e-7 with these float coefficients); 2^n by adding to the
    /// exponent.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector Exp2<TLanes, TVector>(ref TVector y)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        TVector rounder = TLanes.Create(12582912f); // 1.5 x 2^23: adding it leaves n in the low bits
        y = TLanes.Max(y, TLanes.Create(-125f));
        TVector shifted = TLanes.Add(y, rounder);
        TVector f = TLanes.Subtract(y, TLanes.Subtract(shifted, rounder)); // exact
        TVector p = TLanes.Create(0.00132647273f);
        p = TLanes.MultiplyAdd(p, f, TLanes.Create(0.00967151299f));
        p = TLanes.MultiplyAdd(p, f, TLanes.Create(0.0555073358f));
        p = TLanes.MultiplyAdd(p, f, TLanes.Create(0.240222424f));
        p = TLanes.MultiplyAdd(p, f, TLanes.Create(0.693147004f));
        p = TLanes.MultiplyAdd(p, f, TLanes.Create(1f));
        return TLanes.ScaleByPowerOf2(p, shifted);
    }

    /// <summary>2^y for y from -125 to 0, within 4%, and right on average over y. Lower y are raised to -125.</summary>
    /// <remarks>The number whose bits are 2^23 (n + f + 127) is 2^n (1 + f): a straight line between powers of two (N. N.
    /// Schraudolph, "A Fast, Compact Approximation of the Exponential Function", 1999). The line lies above 2^y by a
    /// factor of 1.0407 on average, whose log2 the offset takes off.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector CoarseExp2<TLanes, TVector>(ref TVector y)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        y = TLanes.Max(y, TLanes.Create(-125f));
        return TLanes.FromBits(TLanes.MultiplyAdd(y, TLanes.Create(8388608f), TLanes.Create(1064870592f)));
    }
}
