using System.Numerics.Tensors;
using GgufConcepts.Mixing;

namespace GgufConcepts.Reading;

/// <summary>Vectors made of those to be read: copies of one, their mean, the same shuffled.</summary>
internal static class ReadingVectors
{
    /// <summary>Several copies of a single vector; two vectors or more stay as they are.</summary>
    public static ReadOnlySpan<float> Repeat(ReadOnlySpan<float> vectors, int width, int copies)
    {
        if (vectors.Length != width || copies == 1)
        {
            return vectors;
        }

        float[] repeated = new float[width * copies];
        Fill(repeated, vectors);
        return repeated;
    }

    /// <summary>As many vectors, each of them the mean of all.</summary>
    public static float[] Mean(ReadOnlySpan<float> vectors, int width)
    {
        double[] sum = new double[width];
        for (int i = 0; i < vectors.Length; i++)
        {
            sum[i % width] += vectors[i];
        }

        int count = vectors.Length / width;
        float[] mean = new float[vectors.Length];
        Fill(mean, [.. sum.Select(value => (float)(value / count))]);
        return mean;
    }

    /// <summary>Whether all vectors are the same, up to rounding: then their mean is what they are.</summary>
    public static bool AreAlike(ReadOnlySpan<float> vectors, int width)
    {
        const float Rounding = 1e-5f; // relative to the length of the first
        ReadOnlySpan<float> first = vectors[..width];
        float bound = Rounding * TensorPrimitives.Norm(first);
        for (int at = width; at < vectors.Length; at += width)
        {
            if (!(TensorPrimitives.Distance(first, vectors.Slice(at, width)) <= bound))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The numbers of every vector in another order, the same for all of them.</summary>
    /// <remarks>Keeps their lengths, the angles between them, which of them are equal, and every statistic of their
    /// numbers; takes away all that the model's weights could know them by.</remarks>
    public static float[] Shuffle(ReadOnlySpan<float> vectors, int width, ulong seed)
    {
        int[] order = Order(width, seed);
        float[] shuffled = new float[vectors.Length];
        for (int i = 0; i < vectors.Length; i++)
        {
            int column = i % width;
            shuffled[i] = vectors[i - column + order[column]];
        }

        return shuffled;
    }

    /// <summary>So many vectors of a list, again from its first where it is too short.</summary>
    public static float[] Take(ReadOnlySpan<float> vectors, int length)
    {
        float[] taken = new float[length];
        Fill(taken, vectors);
        return taken;
    }

    /// <summary>The numbers from 0 on in random order (Fisher and Yates).</summary>
    public static int[] Order(int count, ulong seed)
    {
        RandomStream random = new(seed);
        int[] order = [.. Enumerable.Range(0, count)];
        for (int last = count - 1; last > 0; last--)
        {
            int other = (int)(random.NextDouble() * (last + 1));
            (order[last], order[other]) = (order[other], order[last]);
        }

        return order;
    }

    private static void Fill(Span<float> target, ReadOnlySpan<float> source)
    {
        for (int at = 0; at < target.Length; at += source.Length)
        {
            source[..Math.Min(source.Length, target.Length - at)].CopyTo(target[at..]);
        }
    }
}
