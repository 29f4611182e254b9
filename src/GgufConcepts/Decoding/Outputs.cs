namespace GgufConcepts.Decoding;

/// <summary>What a decode shall leave behind to be read.</summary>
[Flags]
public enum Outputs
{
    /// <summary>Nothing: the rows only extend the sequence.</summary>
    None = 0,

    /// <summary>The logits of the last row.</summary>
    Logits = 1,

    /// <summary>The hidden state of the last row, after the final norm.</summary>
    Hidden = 2,

    /// <summary>The same of every row, not only of the last one.</summary>
    EveryRow = 4,
}
