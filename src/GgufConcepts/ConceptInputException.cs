namespace GgufConcepts;

/// <summary>Something a person gave is wrong: a file, a prompt, a setting. The message says what, where, what to
/// do.</summary>
/// <remarks>The command line prints the message and exits with 2. Programming errors are
/// <see cref="ArgumentException"/>s.</remarks>
public class ConceptInputException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was wrong, where, and what to do, in one line.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public ConceptInputException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>The field that was wrong, where the input was a document with fields: <c>answer.maxTokens</c>.</summary>
    public string? Field { get; init; }
}
