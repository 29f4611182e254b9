namespace GgufConcepts.Gguf;

/// <summary>A GGUF file cannot be used. The message says what was wrong, where in which file, and what to do.</summary>
public sealed class GgufException : ConceptInputException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was wrong, where, and what to do, in one line.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public GgufException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
