using GgufConcepts.Mixing;
using GgufConcepts.Models;

namespace GgufConcepts.Thinking;

/// <summary>How likely a token was by the model itself: at temperature 1, before any filter.</summary>
/// <param name="Chosen">The token, with the natural logarithm of its probability.</param>
/// <param name="Top">The likeliest tokens, largest first.</param>
public sealed record TokenLogprobs(TokenLogprob Chosen, IReadOnlyList<TokenLogprob> Top);

/// <summary>A token and the logarithm of its probability.</summary>
/// <param name="Id">The token.</param>
/// <param name="Text">Its text, markers written out.</param>
/// <param name="Bytes">Its bytes, which alone may be no whole character.</param>
/// <param name="Logprob">Natural logarithm of its probability, 0 or below.</param>
public sealed record TokenLogprob(int Id, string Text, byte[] Bytes, double Logprob);

/// <summary>Measures log-probabilities of tokens. One caller at a time.</summary>
/// <param name="tokenizer">The model's.</param>
/// <param name="vocabularySize">Logits in one row.</param>
/// <param name="count">Likeliest tokens to list.</param>
internal sealed class LogprobMeter(Tokenizer tokenizer, int vocabularySize, int count)
{
    private readonly ConceptMixer _mixer = new(TokenMask.None(vocabularySize));
    private readonly MixOptions _options = new() { MaxTopK = Math.Max(1, count) };
    private readonly ConceptToken _likeliest = new();

    /// <summary>Measures the token that was chosen from a row of logits.</summary>
    public TokenLogprobs Measure(ReadOnlySpan<float> logits, int chosen)
    {
        _mixer.Mix(logits, _options, _likeliest);
        double normaliser = logits[_likeliest.Top] - Math.Log(_likeliest.TopProbability);
        TokenLogprob[] top = new TokenLogprob[Math.Min(count, _likeliest.Count)];
        for (int i = 0; i < top.Length; i++)
        {
            top[i] = Of(_likeliest.Ids[i], logits[_likeliest.Ids[i]] - normaliser);
        }

        return new TokenLogprobs(Of(chosen, logits[chosen] - normaliser), top);
    }

    private TokenLogprob Of(int id, double logprob) =>
        new(id, tokenizer.Text(id), [.. tokenizer.Bytes(id)], Math.Min(0, logprob));
}
