using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GgufConcepts.Mixing;

internal static partial class LogitKernels
{
    /// <summary>Selects the candidates above a bar that at least as many reach as the heap holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Select<TLanes, TVector>(
        scoped LogitBlocks blocks, scoped ReadOnlySpan<float> maxima, ref CandidateHeap heap)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        float bar = FindStart<TLanes, TVector>(maxima, ref heap);
        for (int block = NextAbove<TLanes, TVector>(maxima, 0, bar);
            block < maxima.Length;
            block = NextAbove<TLanes, TVector>(maxima, block + 1, bar))
        {
            ref readonly float values = ref blocks.At(block, block + 1, out _);
            for (int i = 0; i < LogitBlocks.Size; i += TLanes.Count)
            {
                ulong found = TLanes.GreaterThan(TLanes.Load(in values, (nuint)i), TLanes.Create(bar));
                for (; found != 0; found &= found - 1)
                {
                    int id = block * LogitBlocks.Size + i + BitOperations.TrailingZeroCount(found);
                    heap.Offer(Candidate.Key(blocks.Logits[id], id));
                }

                if (heap.IsFull) // from here on only larger logits may enter: ids rise, so equal ones lose the tie
                {
                    bar = Math.Max(bar, blocks.Logits[Candidate.Id(heap.Least)]);
                }
            }
        }
    }

    /// <summary>Finds a value just below the k-th largest maximum: at least k logits are above it.</summary>
    /// <param name="maxima">The block maxima; their k largest are found as the candidates are, by maxima of
    /// theirs.</param>
    /// <param name="heap">Holds k; empty, and empty again afterwards.</param>
    private static float FindStart<TLanes, TVector>(scoped ReadOnlySpan<float> maxima, ref CandidateHeap heap)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        if (maxima.Length < heap.Capacity)
        {
            return float.NegativeInfinity;
        }

        if (maxima.Length <= LogitBlocks.Size)
        {
            for (int i = 0; i < maxima.Length; i++)
            {
                heap.Offer(Candidate.Key(maxima[i], i));
            }
        }
        else
        {
            LogitBlocks blocks = new(maxima, [], stackalloc float[LogitBlocks.Size]);
            Span<float> upper = stackalloc float[blocks.Count]; // 1 / 4,096 of the vocabulary, and less further up
            FindMaxima<TLanes, TVector>(blocks, upper);
            Select<TLanes, TVector>(blocks, upper, ref heap);
        }

        float start = heap.IsFull ? float.BitDecrement(maxima[Candidate.Id(heap.Least)]) : float.NegativeInfinity;
        heap.Clear();
        return start;
    }

    /// <summary>The first index from <paramref name="start"/> on whose value is above the bar, or the length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int NextAbove<TLanes, TVector>(ReadOnlySpan<float> values, int start, float bar)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref readonly float first = ref MemoryMarshal.GetReference(values);
        int i = start;
        for (; i <= values.Length - TLanes.Count; i += TLanes.Count)
        {
            ulong found = TLanes.GreaterThan(TLanes.Load(in first, (nuint)i), TLanes.Create(bar));
            if (found != 0)
            {
                return i + BitOperations.TrailingZeroCount(found);
            }
        }

        while (i < values.Length && !(values[i] > bar))
        {
            i++;
        }

        return i;
    }
}
