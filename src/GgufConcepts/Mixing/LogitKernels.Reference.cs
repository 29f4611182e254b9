namespace GgufConcepts.Mixing;

internal static partial class LogitKernels
{
    /// <summary>The same as <see cref="Sum"/>, over all logits that are not masked.</summary>
    public static SoftmaxSums SumReference(ReadOnlySpan<float> logits, TokenMask mask, float temperature)
    {
        double maximum = double.NegativeInfinity;
        for (int id = 0; id < logits.Length; id++)
        {
            maximum = mask.Contains(id) ? maximum : Math.Max(maximum, logits[id]);
        }

        double z = 0, s = 0;
        for (int id = 0; id < logits.Length; id++)
        {
            double d = (logits[id] - maximum) / temperature;
            double e = Math.Exp(d);
            if (e > 0 && !mask.Contains(id)) // 0 ln 0 = 0
            {
                z += e;
                s += d * e;
            }
        }

        return new(z, s);
    }

    /// <summary>The same as <see cref="SelectLargest"/>, by sorting everything.</summary>
    /// <returns>The ids, largest logit first, ties by lowest id.</returns>
    public static int[] SelectLargestReference(ReadOnlySpan<float> logits, TokenMask mask, int k)
    {
        float[] values = logits.ToArray();
        return [.. Enumerable.Range(0, values.Length)
            .Where(id => !mask.Contains(id) && values[id] > float.NegativeInfinity)
            .OrderByDescending(id => values[id]) // stable: equal logits stay in id order
            .Take(k)];
    }

    /// <summary>The same as <see cref="Exponentiate"/>, with d and e^d in double precision.</summary>
    public static double[] ExponentiateReference(ReadOnlySpan<float> logits, TokenMask mask, float temperature)
    {
        int[] order = SelectLargestReference(logits, mask, logits.Length);
        double[] weights = new double[logits.Length];
        foreach (int id in order)
        {
            weights[id] = Math.Exp(((double)logits[id] - logits[order[0]]) / temperature);
        }

        return weights;
    }

    /// <summary>The same as <see cref="SumAtLeast"/> for one bar.</summary>
    public static double SumAtLeastReference(ReadOnlySpan<float> logits, ReadOnlySpan<float> weights, float bar)
    {
        double sum = 0;
        for (int id = 0; id < logits.Length; id++)
        {
            sum += logits[id] >= bar ? weights[id] : 0;
        }

        return sum;
    }
}
