namespace GgufConcepts.Models;

/// <summary>How far a token's embedding row, fed as a vector, is the token.</summary>
/// <param name="Verdict">What that means.</param>
/// <param name="InputScale">What rows must be multiplied with: 1 on most models, sqrt(n_embd) on Gemma 3 and 4, the
/// file's own number on Granite's vision models.</param>
/// <param name="LargestDifference">Largest difference of any logit, tokens against rows.</param>
/// <param name="LogitSpread">Standard deviation of the logits: what the difference is to be held against.</param>
public sealed record Parity(ParityVerdict Verdict, float InputScale, double LargestDifference, double LogitSpread)
{
    /// <summary>The verdict in words.</summary>
    public string Describe() => Verdict switch
    {
        ParityVerdict.Exact => $"exact: rows{Scaled} give the very logits of tokens (difference 0)",
        ParityVerdict.Close => $"close: rows{Scaled} give the logits of tokens to {LargestDifference:G2}",
        ParityVerdict.Refused =>
            "refused: llama.cpp ends the process when this architecture is fed a vector, so none was fed",
        _ => $"broken: rows{Scaled} change logits by up to {LargestDifference:G3} (their spread is {LogitSpread:G3}); " +
            "this architecture does more to tokens than look up their rows",
    };

    /// <summary>Whether vectors are what tokens are.</summary>
    public bool Holds => Verdict is ParityVerdict.Exact or ParityVerdict.Close;

    private string Scaled => InputScale == 1f ? "" : $" times {InputScale:G6}";
}

/// <summary>What the parity probe found.</summary>
public enum ParityVerdict
{
    /// <summary>No logit differs by a single bit.</summary>
    Exact,

    /// <summary>Rounding only: below a thousandth of the logits' spread.</summary>
    Close,

    /// <summary>Vectors are not what tokens are: concept mode would only be an approximation.</summary>
    Broken,

    /// <summary>Nothing was compared: over a vector llama.cpp would end the process.</summary>
    Refused,
}
