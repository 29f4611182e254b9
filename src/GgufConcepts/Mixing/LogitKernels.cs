using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GgufConcepts.Mixing;

/// <summary>The three passes over raw logits: block maxima, softmax sums, and the largest candidates.</summary>
/// <remarks>They run in this order, each using the maxima the first one found. Every pass has a plain double-precision
/// version beside it, which says what is correct.</remarks>
internal static partial class LogitKernels
{
    /// <summary>Sums over the vocabulary, relative to the largest logit: with d = (l - maximum) / T,
    /// <see cref="Z"/> = sum of e^d and <see cref="S"/> = sum of d e^d.</summary>
    /// <remarks>The probability of a token is e^d / Z; the entropy in nats is ln Z - S / Z.</remarks>
    internal readonly record struct SoftmaxSums(double Z, double S)
    {
        public double Entropy => Math.Max(0, Math.Log(Z) - S / Z); // rounding can leave -1e-17
    }

    /// <summary>Finds the maximum of every block of 64 logits.</summary>
    /// <param name="blocks">The logits.</param>
    /// <param name="maxima">Receives one maximum per block.</param>
    /// <returns>The largest logit.</returns>
    /// <exception cref="NonFiniteLogitsException">A logit is NaN or +infinity, or all are -infinity.</exception>
    public static float FindMaxima(LogitBlocks blocks, Span<float> maxima)
    {
        Debug.Assert(maxima.Length == blocks.Count);
        float check =
            Vector512.IsHardwareAccelerated ? FindMaxima<Lanes512, Vector512<float>>(blocks, maxima)
            : Vector256.IsHardwareAccelerated ? FindMaxima<Lanes256, Vector256<float>>(blocks, maxima)
            : Vector128.IsHardwareAccelerated ? FindMaxima<Lanes128, Vector128<float>>(blocks, maxima)
            : FindMaxima<Lanes1, float>(blocks, maxima);
        float maximum = TensorPrimitives.MaxNumber(maxima);
        if (float.IsNaN(check) || !float.IsFinite(maximum))
        {
            ThrowIfNonFinite(blocks.Logits);
        }

        return maximum;
    }

    /// <summary>Brings block maxima over all logits down to those over the logits that are not masked.</summary>
    /// <param name="blocks">The logits and the mask.</param>
    /// <param name="maxima">The block maxima; changed where the mask has a bit.</param>
    public static void UpdateMaskedMaxima(LogitBlocks blocks, Span<float> maxima)
    {
        for (int block = 0; block < blocks.Mask.Length; block++)
        {
            ulong word = blocks.Mask[block];
            if (word != 0)
            {
                maxima[block] = word == ulong.MaxValue
                    ? float.NegativeInfinity
                    : TensorPrimitives.Max(
                        MemoryMarshal.CreateReadOnlySpan(in blocks.At(block, block + 1, out _), LogitBlocks.Size));
            }
        }
    }

    /// <summary>Computes the softmax sums in one pass, temperature included.</summary>
    /// <param name="blocks">The logits.</param>
    /// <param name="maxima">Their block maxima.</param>
    /// <param name="maximum">The largest of those, finite.</param>
    /// <param name="temperature">Greater than 0.</param>
    /// <param name="partials">Receives Z split by runs of 64 blocks (4,096 tokens).</param>
    /// <remarks>
    /// Blocks whose maximum lies more than <see cref="Cut"/> below the top, in units of T, are skipped. That leaves
    /// out at most V e^-30 of Z and V (30 + ln Z) e^-30 nats of the entropy: 2.5e-8 and 1.1e-6 at 262,144 tokens.
    /// Where it lies more than <see cref="CoarseCut"/> below, the exponential is within 4%: 1.5e-7 of Z and 3.8e-6
    /// nats, if every token lay there. Elsewhere it is within 3e-7 relative, and its exponent d is rounded three times,
    /// which makes 1.8e-7 |d| more. Float sums go on to double after 32 additions a lane, 1.9e-6 at worst.
    /// Altogether Z is within 5e-6 relative and the entropy within 3e-5 nats, where every rounding errs to the same
    /// side; logits that differ come a tenth as far.
    /// </remarks>
    public static SoftmaxSums Sum(
        LogitBlocks blocks, ReadOnlySpan<float> maxima, float maximum, float temperature, Span<double> partials)
    {
        Debug.Assert(maxima.Length == blocks.Count && partials.Length == PartialsFor(blocks.Count));
        return Vector512.IsHardwareAccelerated
            ? Sum<Lanes512, Vector512<float>>(blocks, maxima, maximum, temperature, partials)
            : Vector256.IsHardwareAccelerated
            ? Sum<Lanes256, Vector256<float>>(blocks, maxima, maximum, temperature, partials)
            : Vector128.IsHardwareAccelerated
            ? Sum<Lanes128, Vector128<float>>(blocks, maxima, maximum, temperature, partials)
            : Sum<Lanes1, float>(blocks, maxima, maximum, temperature, partials);
    }

    /// <summary>Selects the largest logits, ties by lowest id; those of -infinity are never selected.</summary>
    /// <param name="blocks">The logits.</param>
    /// <param name="maxima">Their block maxima, under the same mask.</param>
    /// <param name="k">How many to select, 1 or more.</param>
    /// <param name="candidates">Receives their <see cref="Candidate"/> keys, largest first; room for
    /// <paramref name="k"/>.</param>
    /// <returns>How many there are: <paramref name="k"/>, or fewer where no more are above -infinity.</returns>
    /// <remarks>
    /// Exact. The search starts at the k-th largest block maximum, which k tokens are known to reach, so only blocks
    /// that
    /// hold a winner, and ties, are read: at most k of them before the bar has risen above every tie. The order of the
    /// logits therefore matters little: at worst V / 64 + 64 k insertions into a heap of k.
    /// </remarks>
    public static int SelectLargest(LogitBlocks blocks, ReadOnlySpan<float> maxima, int k, Span<ulong> candidates)
    {
        Debug.Assert(maxima.Length == blocks.Count && k >= 1 && candidates.Length >= k);
        CandidateHeap heap = new(candidates[..k]);
        if (Vector512.IsHardwareAccelerated)
        {
            Select<Lanes512, Vector512<float>>(blocks, maxima, ref heap);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Select<Lanes256, Vector256<float>>(blocks, maxima, ref heap);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Select<Lanes128, Vector128<float>>(blocks, maxima, ref heap);
        }
        else
        {
            Select<Lanes1, float>(blocks, maxima, ref heap);
        }

        heap.Sort();
        return heap.Count;
    }

    public static int PartialsFor(int blockCount) => (blockCount + BlocksPerPartial - 1) / BlocksPerPartial;

    private static void ThrowIfNonFinite(ReadOnlySpan<float> logits)
    {
        bool any = false;
        for (int id = 0; id < logits.Length; id++)
        {
            if (float.IsNaN(logits[id]) || float.IsPositiveInfinity(logits[id]))
            {
                throw new NonFiniteLogitsException($"Logit {id} of {logits.Length} is {logits[id]}");
            }

            any |= float.IsFinite(logits[id]);
        }

        if (!any) // otherwise the check overflowed on huge finite logits, which are allowed
        {
            throw new NonFiniteLogitsException($"All {logits.Length} logits are -infinity");
        }
    }
}
