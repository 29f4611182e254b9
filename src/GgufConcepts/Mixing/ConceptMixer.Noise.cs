namespace GgufConcepts.Mixing;

public sealed partial class ConceptMixer
{
    /// <summary>Tokens less probable than this get no Dirichlet noise: they are left out.</summary>
    /// <remarks>Source: arXiv 2508.03440, its code.</remarks>
    private const double LeastDirichlet = 1e-7;

    /// <summary>Makes a concept token whose weights are drawn around the filtered distribution.</summary>
    /// <param name="logits">Raw logits, shape [<see cref="VocabularySize"/>]; -infinity means probability 0.</param>
    /// <param name="options">Temperature, filters, number of tokens kept; the largest are kept after the draw.</param>
    /// <param name="concentration">The larger, the nearer to the distribution; above 0.</param>
    /// <param name="random">Gives the noise.</param>
    /// <param name="result">Receives the mixture, entropy and most probable token.</param>
    /// <remarks>The weights are a draw from Dirichlet(concentration p), p the filtered distribution: for each token
    /// Gamma(concentration p), renormalised. Source: arXiv 2508.03440.</remarks>
    /// <exception cref="ArgumentException">The number of logits is wrong, or the options break a rule.</exception>
    /// <exception cref="NonFiniteLogitsException">A logit is NaN or +infinity, or none that may be mixed is above
    /// -infinity.</exception>
    public void MixDirichlet(
        ReadOnlySpan<float> logits, MixOptions options, float concentration, ref RandomStream random, ConceptToken result)
    {
        if (!(concentration > 0 && float.IsFinite(concentration)))
        {
            throw new ArgumentOutOfRangeException(
                nameof(concentration), concentration, "The concentration must be finite and above 0.");
        }

        LogitKernels.SoftmaxSums sums = Measure(logits, options, result);
        int count = options.TopK > 0
            ? FilterTopK(logits, options)
            : FilterByGuessing(logits, options, sums, LeastDirichlet);
        double sum = SumWeights(count);
        while (_weights[count - 1] < LeastDirichlet * sum) // the largest is above it
        {
            count--;
        }

        Span<double> weights = _weights.AsSpan(0, count);
        double largest = double.NegativeInfinity;
        foreach (ref double weight in weights)
        {
            weight = random.NextLogGamma(concentration * weight / sum);
            largest = Math.Max(largest, weight);
        }

        foreach (ref double weight in weights)
        {
            weight = -Math.Exp(weight - largest); // negative, so that the largest sorts first
        }

        weights.Sort(_candidates.AsSpan(0, count));
        foreach (ref double weight in weights)
        {
            weight = -weight;
        }

        Keep(count, options, result);
    }
}
