namespace GgufConcepts.Mixing;

public sealed partial class ConceptMixer
{
    /// <summary>The filtered distribution over the whole vocabulary, by the plain formulas, one filter after
    /// another.</summary>
    /// <returns>One probability per token, shape [vocabulary]; 0 where a filter or the mask left the token
    /// out.</returns>
    internal static double[] FilterReference(ReadOnlySpan<float> logits, MixOptions options, TokenMask mask)
    {
        int[] order = LogitKernels.SelectLargestReference(logits, mask, logits.Length);
        double[] p = new double[logits.Length];
        foreach (int id in order)
        {
            p[id] = Math.Exp(((double)logits[id] - logits[order[0]]) / options.Temperature);
        }

        Normalise(p);
        if (options.TopK > 0)
        {
            ClearFrom(p, order, options.TopK);
        }

        if (options.TopP < 1f)
        {
            int kept = 0;
            for (double reached = 0; kept < order.Length && reached < options.TopP; kept++)
            {
                reached += p[order[kept]];
            }

            ClearFrom(p, order, kept);
        }

        int probable = 0;
        while (probable < order.Length && p[order[probable]] >= options.MinP * p[order[0]])
        {
            probable++;
        }

        ClearFrom(p, order, probable);
        return p;
    }

    /// <summary>The same as <see cref="Mix"/>, in double precision over the whole vocabulary.</summary>
    internal static void MixReference(ReadOnlySpan<float> logits, MixOptions options, TokenMask mask, ConceptToken result)
    {
        TokenMask none = TokenMask.None(logits.Length);
        LogitKernels.SoftmaxSums sums = LogitKernels.SumReference(logits, none, options.Temperature);
        int top = LogitKernels.SelectLargestReference(logits, none, 1)[0];
        result.SetMeasures(sums.Entropy, top, 1 / sums.Z);

        double[] p = FilterReference(logits, options, mask);
        int[] order = LogitKernels.SelectLargestReference(logits, mask, options.MaxTopK);
        double sum = order.Sum(id => p[id]);
        result.Clear();
        foreach (int id in order.Where(id => (float)(p[id] / sum) > 0f))
        {
            result.Add(id, (float)(p[id] / sum));
        }
    }

    private static void ClearFrom(double[] p, int[] order, int first)
    {
        foreach (int id in order.Skip(first))
        {
            p[id] = 0;
        }

        Normalise(p);
    }

    private static void Normalise(double[] p)
    {
        double sum = p.Sum();
        for (int id = 0; id < p.Length; id++)
        {
            p[id] /= sum;
        }
    }
}
