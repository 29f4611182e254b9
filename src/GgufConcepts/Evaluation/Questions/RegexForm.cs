using System.Text.Json;
using System.Text.RegularExpressions;

namespace GgufConcepts.Evaluation.Questions;

/// <summary><c>regex</c>: a regular expression finds the answer in what was said, or is itself what must
/// match.</summary>
/// <remarks>With an <c>answer</c>, what the capture group (or else the whole pattern) matches first is compared with it
/// as in <c>exact</c>; without one, a match is right. A pattern has one second.</remarks>
internal sealed class RegexForm : QuestionForm
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    public override QuestionKind Kind => QuestionKind.Regex;

    public override string Shape => """{"question": "...", "pattern": "(?i)paris"}""";

    public override bool Fits(JsonElement line) => QuestionLine.Field(line, "pattern") is not null;

    public override Question Read(QuestionLine line)
    {
        Question question = line.Question(Shape);
        Regex? pattern = QuestionLine.Field(line.Json, "pattern") switch
        {
            { ValueKind: JsonValueKind.String } text => Pattern(
                text.GetString()!, problem => line.Error($"its pattern {problem}"), exactGroups: false),
            { } other => throw line.Error($"its pattern is {QuestionLine.Describe(other)}; write a regular expression in quotes."),
            null => null,
        };
        if (pattern is null && QuestionLine.AnswerField(line.Json) is null)
        {
            throw line.Error($"it has neither 'pattern' nor 'answer'; a line looks like {Shape}.");
        }

        return question with
        {
            Pattern = pattern,
            Accepted = QuestionLine.AnswerField(line.Json) is null
                ? []
                : [.. line.Answers(Shape).Select(Gsm8kForm.AfterMark)],
        };
    }

    public override Verdict Judge(Question question, Said said)
    {
        try
        {
            Match match = question.Pattern!.Match(said.Text);
            if (!match.Success)
            {
                return Verdict.Failed(said.CutOff ? AnswerFailure.CutOff : AnswerFailure.NoMatch);
            }

            string answer = (match.Groups.Count > 1 ? match.Groups[1] : match).Value.Trim();
            return Verdict.Of(
                answer, question.Accepted.Count == 0 || question.Accepted.Any(accepted => ExactForm.Same(accepted, answer)));
        }
        catch (RegexMatchTimeoutException)
        {
            return Verdict.Failed(AnswerFailure.PatternTimeout);
        }
    }

    /// <summary>Makes a pattern.</summary>
    /// <param name="text">As it was written.</param>
    /// <param name="error">The exception for a problem, which begins with a verb.</param>
    /// <param name="exactGroups">Whether it must have a capture group.</param>
    public static Regex Pattern(string text, Func<string, ConceptInputException> error, bool exactGroups)
    {
        Regex pattern;
        try
        {
            pattern = new Regex(text, RegexOptions.CultureInvariant, s_patience);
        }
        catch (ArgumentException problem)
        {
            throw error($"is no regular expression: {problem.Message.ReplaceLineEndings(" ")}");
        }

        int groups = pattern.GetGroupNumbers().Length - 1;
        return groups > 1 || (exactGroups && groups == 0)
            ? throw error($"has {groups} capture groups; use {(exactGroups ? "one" : "at most one")}, and (?:...) for the rest.")
            : pattern;
    }
}
