namespace GgufConcepts.Reading;

/// <summary>How far the words of a reading follow from its vectors.</summary>
/// <remarks>
/// The same words are put to the model twice, once with the vectors in the prompt's slot and once with the
/// <see cref="Baseline"/>. A token's faithfulness is <c>|P(token | vectors) - P(token | baseline)|</c>, given the words
/// before it; that of the sentence is the same difference for the sentence as a whole, whose probability is the product
/// over its tokens. (A mean over the tokens would call a sentence unfaithful because most of its tokens follow from those before
/// them, and words that the vectors make less likely would count as faithful.) Probabilities are the model's own: the whole
/// vocabulary, temperature 1. A sentence is never more faithful than probable, so a reading of a superposition has at
/// most its share; and long readings have small products, for which <see cref="Gain"/> says more.
/// Source: the treatment effect of SelfIE, arXiv 2403.10949.
/// </remarks>
/// <param name="Baseline"><c>mean</c>: every vector replaced by the mean of them all. <c>meanRow</c>: where they are all the
/// same, one included, and that would change nothing, the mean of the embeddings of all tokens that can be mixed.</param>
/// <param name="Value">Of the sentence, 0 to 1.</param>
/// <param name="Gain">In nats: <c>ln P(sentence | vectors) - ln P(sentence | baseline)</c>. Below 0 where the vectors speak
/// against the words.</param>
/// <param name="Probability">Of the sentence, given the vectors; 0 to 1. That the sentence ends is no part of it.</param>
/// <param name="Tokens">The same, token by token.</param>
public sealed record Faithfulness(
    string Baseline, double Value, double Gain, double Probability, IReadOnlyList<ReadToken> Tokens)
{
    /// <summary>Compares what a sentence's tokens are worth with and without the vectors.</summary>
    /// <param name="baseline">Name of what stood in the vectors' place.</param>
    /// <param name="tokens">The tokens with their texts, at least one.</param>
    /// <param name="withVectors">ln P of each, given the vectors and the tokens before it.</param>
    /// <param name="without">The same, given the baseline.</param>
    internal static Faithfulness Of(
        string baseline, IReadOnlyList<(int Id, string Text)> tokens, double[] withVectors, double[] without)
    {
        double sum = withVectors.Sum();
        double sumWithout = without.Sum();
        return new Faithfulness(
            baseline,
            Math.Abs(Math.Exp(sum) - Math.Exp(sumWithout)),
            sum - sumWithout,
            Math.Exp(sum),
            [.. tokens.Select((token, i) => ReadToken.Of(token.Id, token.Text, Math.Exp(withVectors[i]), Math.Exp(without[i])))]);
    }
}

/// <summary>One token of a reading.</summary>
/// <param name="Id">The token.</param>
/// <param name="Text">Its text.</param>
/// <param name="Probability">Given the vectors and the tokens before it, 0 to 1.</param>
/// <param name="Baseline">The same with the baseline in the vectors' place.</param>
/// <param name="Faithfulness">How far the two differ, 0 to 1.</param>
public sealed record ReadToken(int Id, string Text, double Probability, double Baseline, double Faithfulness)
{
    internal static ReadToken Of(int id, string text, double probability, double baseline) =>
        new(id, text, probability, baseline, Math.Abs(probability - baseline));
}
