namespace GgufConcepts.Evaluation.Questions;

/// <summary>The questions of a file. Immutable.</summary>
/// <param name="Path">The file.</param>
/// <param name="Kind">What they are like.</param>
/// <param name="Questions">The questions, at least one, in the file's order.</param>
/// <param name="Sha256">Of the file's bytes, in hexadecimal.</param>
public sealed record QuestionSet(string Path, QuestionKind Kind, IReadOnlyList<Question> Questions, string Sha256)
{
    /// <summary>A pattern of the caller's that finds every answer; null where there is none.</summary>
    public string? AnswerPattern { get; init; }

    internal QuestionForm Form => QuestionForm.Of(Kind);
}
