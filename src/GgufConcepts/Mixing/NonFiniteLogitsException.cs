namespace GgufConcepts.Mixing;

/// <summary>A model's logits cannot be a distribution: one is NaN or +infinity, or none is above -infinity.</summary>
/// <remarks>Either the model file is damaged, or a vector that was fed poisoned the sequence: everything decoded in
/// that
/// sequence afterwards is poisoned too.</remarks>
public class NonFiniteLogitsException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="finding">What was found, as a clause without a full stop.</param>
    public NonFiniteLogitsException(string finding)
        : base($"{finding}: the model file is damaged, or a vector fed earlier poisoned the sequence. "
            + "Start the sequence again; if it persists, check the file's sha256.") => Finding = finding;

    /// <summary>What was found.</summary>
    public string Finding { get; }
}
