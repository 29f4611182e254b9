namespace GgufConcepts.Models;

/// <summary>A chat template is not known, or a model carries none.</summary>
public sealed class ChatTemplateException : ConceptInputException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was wrong, and what to do, in one line.</param>
    public ChatTemplateException(string message)
        : base(message)
    {
    }
}
