using System.Diagnostics;

namespace GgufConcepts.Mixing;

/// <summary>Gumbel-softmax noise on the weights of a concept token.</summary>
/// <remarks>The weights become softmax((ln p + g) / tau) with a Gumbel draw g a token. As tau goes to 0 that is one token
/// drawn by its weight; as it grows, all weights become equal. Source: arXiv 2508.03440; Jang et al., arXiv
/// 1611.01144.</remarks>
public static class GumbelNoise
{
    /// <summary>Replaces the weights of a mixture by noisy ones.</summary>
    /// <param name="concept">The mixture; its order follows the new weights.</param>
    /// <param name="tau">Above 0 and finite; the paper's is .5.</param>
    /// <param name="random">Gives one number a token.</param>
    public static void Apply(ConceptToken concept, float tau, ref RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(concept);
        if (!(tau > 0)) // written so that NaN is rejected too
        {
            throw new ArgumentOutOfRangeException(nameof(tau), tau, "Tau must be above 0.");
        }

        if (concept.Count == 0)
        {
            throw new ArgumentException("The concept token is empty; mix something first.", nameof(concept));
        }

        Span<double> gumbels = stackalloc double[concept.Count];
        foreach (ref double gumbel in gumbels)
        {
            gumbel = random.NextGumbel();
        }

        Apply(concept, tau, gumbels);
    }

    /// <summary>The same with given noise, shape [tokens].</summary>
    internal static void Apply(ConceptToken concept, float tau, ReadOnlySpan<double> gumbels)
    {
        Debug.Assert(gumbels.Length == concept.Count);
        Span<double> scores = stackalloc double[gumbels.Length];
        double largest = double.NegativeInfinity;
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = (Math.Log(concept.Weights[i]) + gumbels[i]) / tau;
            largest = Math.Max(largest, scores[i]);
        }

        Span<float> weights = stackalloc float[gumbels.Length];
        for (int i = 0; i < scores.Length; i++)
        {
            weights[i] = (float)Math.Exp(scores[i] - largest);
        }

        concept.Set(concept.Ids, weights);
    }
}
