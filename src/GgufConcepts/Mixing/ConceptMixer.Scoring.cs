namespace GgufConcepts.Mixing;

public sealed partial class ConceptMixer
{
    /// <summary>ln P of one token over the whole vocabulary at temperature 1, masked tokens included.</summary>
    /// <param name="logits">Raw logits, shape [<see cref="VocabularySize"/>].</param>
    /// <param name="id">The token.</param>
    /// <returns>0 or less, in nats, within 2e-6; -infinity where its logit is.</returns>
    /// <exception cref="ArgumentException">The number of logits is wrong, or there is no such token.</exception>
    /// <exception cref="NonFiniteLogitsException">A logit is NaN or +infinity, or all are -infinity.</exception>
    public double LogProbability(ReadOnlySpan<float> logits, int id)
    {
        CheckLength(logits);
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(id, VocabularySize);
        LogitBlocks whole = WholeBlocks(logits);
        float maximum = LogitKernels.FindMaxima(whole, _maxima);
        double z = LogitKernels.Sum(whole, _maxima, maximum, 1f, _partials).Z;
        return Math.Min(0, (double)logits[id] - maximum - Math.Log(z));
    }
}
