using System.Text.Json;

namespace GgufConcepts.Evaluation.Questions;

/// <summary><c>gsm8k</c>: a calculation whose answer is a number.</summary>
/// <remarks>Source of the form: GSM8K, arXiv 2110.14168. The number is looked for after the first <c>####</c>, then in
/// the last <c>\boxed{}</c>, then after the last "answer is"; failing those it is the last number, unless a limit cut
/// the words off: then it may be any number on the way. Numbers are compared as numbers.</remarks>
internal sealed class Gsm8kForm : QuestionForm
{
    private const string Mark = "####";

    public override QuestionKind Kind => QuestionKind.Gsm8k;

    public override string Shape => """{"question": "...", "answer": "... #### 42"}""";

    public override int MaxSteps => 256;

    public override int AnswerTokens => 256;

    public override bool Fits(JsonElement line) =>
        QuestionLine.AnswerField(line) is { ValueKind: JsonValueKind.String } answer
        && answer.GetString()!.Contains(Mark, StringComparison.Ordinal);

    public override Question Read(QuestionLine line)
    {
        Question question = line.Question(Shape);
        IEnumerable<string> numbers = line.Answers(Shape).Select(
            answer => NumberText.Whole(AfterMark(answer)) ?? throw Error(line, answer));
        return question with { Accepted = [.. numbers] };
    }

    /// <summary>What follows the last mark, or all of it.</summary>
    public static string AfterMark(string answer) =>
        answer.LastIndexOf(Mark, StringComparison.Ordinal) is >= 0 and int mark
            ? answer[(mark + Mark.Length)..].Trim()
            : answer;

    public override Verdict Judge(Question question, Said said) => Find(said) switch
    {
        { } found when said.CutOff && found.End == said.Text.Length => // more digits may follow
            Verdict.Failed(AnswerFailure.CutOff),
        { } found => Verdict.Of(found.Value, question.Accepted.Contains(found.Value)),
        null => Verdict.Failed(said.CutOff ? AnswerFailure.CutOff : AnswerFailure.NoNumber),
    };

    private static NumberText.Found? Find(Said said)
    {
        if (said.Text.IndexOf(Mark, StringComparison.Ordinal) is >= 0 and int mark
            && NumberText.First(said.Text, mark + Mark.Length) is { } marked)
        {
            return marked;
        }

        if (AnswerText.LastBoxed(said.Text) is { } box && (NumberText.Whole(box) ?? NumberText.Last(box)?.Value) is { } boxed)
        {
            return new NumberText.Found(boxed, End: 0); // it is closed: no digit can follow
        }

        if (AnswerText.AfterAnswerIs(said.Text) is >= 0 and int after && NumberText.First(said.Text, after) is { } told)
        {
            return told;
        }

        return said.CutOff ? null : NumberText.Last(said.Text);
    }

    private ConceptInputException Error(QuestionLine line, string answer) => line.Error(
        $"'{(answer.Length <= 40 ? answer : "..." + answer[^40..])}' ends with no number after {Mark}; a line looks like {Shape}.");
}
