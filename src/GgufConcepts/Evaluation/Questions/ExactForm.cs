using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace GgufConcepts.Evaluation.Questions;

/// <summary><c>exact</c>: the first line said is the answer.</summary>
/// <remarks>Compared as in SQuAD (arXiv 1606.05250): without case, punctuation, articles and extra blanks; two numbers
/// as numbers. Where a limit cuts the line off, what there is of it counts if it is right, and as <c>cutOff</c> if
/// not.</remarks>
internal sealed partial class ExactForm : QuestionForm
{
    public override QuestionKind Kind => QuestionKind.Exact;

    public override string Shape => """{"question": "...", "answer": "Paris"}""";

    public override bool Fits(JsonElement line) => QuestionLine.AnswerField(line) is not null;

    public override Question Read(QuestionLine line) => line.Question(Shape) with { Accepted = line.Answers(Shape) };

    public override Verdict Judge(Question question, Said said)
    {
        (string answer, bool ended) = AnswerText.FirstLine(said.Text);
        return answer.Length == 0 ? Verdict.Failed(said.CutOff && !ended ? AnswerFailure.CutOff : AnswerFailure.Empty)
            : question.Accepted.Any(accepted => Same(accepted, answer)) ? Verdict.Of(answer, isRight: true)
            : said.CutOff && !ended ? Verdict.Failed(AnswerFailure.CutOff)
            : Verdict.Of(answer, isRight: false);
    }

    /// <summary>Whether two texts say the same.</summary>
    public static bool Same(string wanted, string said) => NumberText.Whole(wanted) is { } number
        ? NumberText.Whole(said) == number
        : Normalise(wanted) == Normalise(said);

    /// <summary>A text without what does not matter; one that is nothing but that stays as it is.</summary>
    public static string Normalise(string text)
    {
        string lower = text.Trim().ToLowerInvariant().Normalize(NormalizationForm.FormC);
        string bare = string.Concat(lower.Where(letter => !char.IsPunctuation(letter) && !char.IsSymbol(letter)));
        string words = Blanks().Replace(Articles().Replace(bare, " "), " ").Trim();
        return words.Length > 0 ? words : lower;
    }

    [GeneratedRegex(@"\b(?:a|an|the)\b")]
    private static partial Regex Articles();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
