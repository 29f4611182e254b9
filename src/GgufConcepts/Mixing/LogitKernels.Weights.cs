using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GgufConcepts.Mixing;

internal static partial class LogitKernels
{
    internal const int TokensPerPartial = BlocksPerPartial * LogitBlocks.Size;
    private const int TokensPerFlush = 1024;

    /// <summary>Writes e^d of every token, with d = (l - maximum) / T; 0 where it is masked or below 2^-125.</summary>
    /// <param name="blocks">The logits and the mask.</param>
    /// <param name="maximum">The largest logit that is not masked, finite.</param>
    /// <param name="temperature">Greater than 0.</param>
    /// <param name="weights">Receives one number a token.</param>
    /// <returns>Their sum, within 1e-6 relative.</returns>
    /// <remarks>l - maximum, 1 / T and their product round once each, which makes y = d log2(e) wrong by 3 x 2^-24 |y|
    /// and e^d by 3 x 2^-24 |d| relative; the exponential adds 3e-7.</remarks>
    public static double Exponentiate(LogitBlocks blocks, float maximum, float temperature, Span<float> weights)
    {
        Debug.Assert(weights.Length == blocks.Logits.Length);
        return Vector512.IsHardwareAccelerated
            ? Exponentiate<Lanes512, Vector512<float>>(blocks, maximum, temperature, weights)
            : Vector256.IsHardwareAccelerated
            ? Exponentiate<Lanes256, Vector256<float>>(blocks, maximum, temperature, weights)
            : Vector128.IsHardwareAccelerated
            ? Exponentiate<Lanes128, Vector128<float>>(blocks, maximum, temperature, weights)
            : Exponentiate<Lanes1, float>(blocks, maximum, temperature, weights);
    }

    /// <summary>Sums the weights of the tokens whose logit is at or above each of three bars.</summary>
    /// <param name="logits">The logits.</param>
    /// <param name="weights">One a token, 0 to 1.</param>
    /// <param name="low">A bar; so are the others.</param>
    /// <param name="middle">The second.</param>
    /// <param name="high">The third.</param>
    /// <returns>The sums, each within 1024 / lanes x 2^-24 relative: that many float additions a lane before double
    /// takes over.</returns>
    public static (double Low, double Middle, double High) SumAtLeast(
        ReadOnlySpan<float> logits, ReadOnlySpan<float> weights, float low, float middle, float high)
    {
        (double Low, double Middle, double High) sums = default;
        for (int start = 0; start < logits.Length; start += TokensPerFlush)
        {
            int length = Math.Min(TokensPerFlush, logits.Length - start);
            (float l, float m, float h) = SumRunAtLeast(
                logits.Slice(start, length), weights.Slice(start, length), low, middle, high);
            sums = (sums.Low + l, sums.Middle + m, sums.High + h);
        }

        return sums;
    }

    /// <summary>Multiplies every number in place.</summary>
    /// <returns>The sum of the products, added up in double precision.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Scale(Span<float> values, float factor)
    {
        Span<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        Vector<double> lower = Vector<double>.Zero, upper = lower;
        foreach (ref Vector<float> vector in vectors)
        {
            vector *= factor;
            Vector.Widen(vector, out Vector<double> low, out Vector<double> high);
            lower += low;
            upper += high;
        }

        double sum = Vector.Sum(lower + upper);
        foreach (ref float value in values[(vectors.Length * Vector<float>.Count)..])
        {
            value *= factor;
            sum += value;
        }

        return sum;
    }

    /// <summary>Clears the weights of tokens whose logit is below a bar.</summary>
    /// <param name="logits">The logits.</param>
    /// <param name="weights">One a token; changed.</param>
    /// <param name="bar">The least logit that keeps its weight.</param>
    /// <param name="partials">Receives the sums of what is left, by runs of 4,096 tokens.</param>
    /// <returns>Their sum.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double ClearBelow(
        ReadOnlySpan<float> logits, Span<float> weights, float bar, Span<double> partials)
    {
        double sum = 0;
        Vector<float> bars = new(bar);
        for (int partial = 0; partial < partials.Length; partial++)
        {
            int start = partial * TokensPerPartial, length = Math.Min(TokensPerPartial, logits.Length - start);
            ReadOnlySpan<float> tested = logits.Slice(start, length);
            Span<float> run = weights.Slice(start, length);
            ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(tested);
            Span<Vector<float>> kept = MemoryMarshal.Cast<float, Vector<float>>(run);
            for (int i = 0; i < kept.Length; i++)
            {
                kept[i] = Vector.ConditionalSelect(
                    Vector.GreaterThanOrEqual(vectors[i], bars), kept[i], Vector<float>.Zero);
            }

            for (int i = kept.Length * Vector<float>.Count; i < length; i++)
            {
                run[i] = tested[i] >= bar ? run[i] : 0f;
            }

            partials[partial] = Scale(run, 1f);
            sum += partials[partial];
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (float Low, float Middle, float High) SumRunAtLeast(
        ReadOnlySpan<float> logits, ReadOnlySpan<float> weights, float low, float middle, float high)
    {
        ReadOnlySpan<Vector<float>> tested = MemoryMarshal.Cast<float, Vector<float>>(logits);
        ReadOnlySpan<Vector<float>> summed = MemoryMarshal.Cast<float, Vector<float>>(weights);
        Vector<float> lows = new(low), middles = new(middle), highs = new(high);
        Vector<float> l = Vector<float>.Zero, m = l, h = l;
        for (int i = 0; i < summed.Length; i++)
        {
            Vector<float> logit = tested[i], weight = summed[i];
            l += Vector.GreaterThanOrEqual(logit, lows).As<int, float>() & weight;
            m += Vector.GreaterThanOrEqual(logit, middles).As<int, float>() & weight;
            h += Vector.GreaterThanOrEqual(logit, highs).As<int, float>() & weight;
        }

        (float Low, float Middle, float High) sums = (Vector.Sum(l), Vector.Sum(m), Vector.Sum(h));
        for (int i = summed.Length * Vector<float>.Count; i < logits.Length; i++)
        {
            sums.Low += logits[i] >= low ? weights[i] : 0f;
            sums.Middle += logits[i] >= middle ? weights[i] : 0f;
            sums.High += logits[i] >= high ? weights[i] : 0f;
        }

        return sums;
    }

    private static double Exponentiate<TLanes, TVector>(
        LogitBlocks blocks, float maximum, float temperature, Span<float> weights)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        float scale = ScaleFor(temperature);
        Span<float> last = stackalloc float[LogitBlocks.Size]; // a block that the vocabulary ends in
        double sum = 0;
        for (int block = 0, run; block < blocks.Count; block += run)
        {
            int end = Math.Min(block + BlocksPerFlush * TLanes.Count, blocks.Count);
            ref readonly float values = ref blocks.At(block, end, out run);
            Span<float> rest = weights[(block * LogitBlocks.Size)..];
            int length = run * LogitBlocks.Size;
            if (length <= rest.Length)
            {
                sum += ExponentiateRun<TLanes, TVector>(in values, maximum, scale, rest[..length]);
            }
            else
            {
                sum += ExponentiateRun<TLanes, TVector>(in values, maximum, scale, last);
                last[..rest.Length].CopyTo(rest);
            }
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float ExponentiateRun<TLanes, TVector>(
        ref readonly float values, float maximum, float scale, Span<float> weights)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref float target = ref MemoryMarshal.GetReference(weights);
        TVector top = TLanes.Create(maximum), scales = TLanes.Create(scale), least = TLanes.Create(-125f);
        TVector sum = TLanes.Create(0f);
        for (nuint at = 0; at < (nuint)weights.Length; at += (nuint)TLanes.Count)
        {
            TVector y = TLanes.Multiply(TLanes.Subtract(TLanes.Load(in values, at), top), scales);
            TVector exact = y; // the exponential raises it to its least
            TVector e = TLanes.WhereAtLeast(exact, least, Exp2<TLanes, TVector>(ref y));
            TLanes.Store(e, ref target, at);
            sum = TLanes.Add(sum, e);
        }

        return TLanes.SumAcross(sum);
    }
}
