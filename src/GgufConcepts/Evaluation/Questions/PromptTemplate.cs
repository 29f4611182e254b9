using System.Text.RegularExpressions;

namespace GgufConcepts.Evaluation.Questions;

/// <summary>How a question becomes a prompt: a text with <c>{question}</c>, and <c>{choices}</c> where there are any,
/// in it.</summary>
internal static partial class PromptTemplate
{
    public const string QuestionSlot = "{question}";
    public const string ChoicesSlot = "{choices}";

    /// <summary>What is wrong with a template, if anything.</summary>
    public static IReadOnlyList<string> FindProblems(string template, QuestionKind kind)
    {
        List<string> problems = [];
        if (!template.Contains(QuestionSlot, StringComparison.Ordinal))
        {
            problems.Add($"The prompt template is '{template}'; it must hold {QuestionSlot} where the question goes.");
        }

        if (kind != QuestionKind.Choice && template.Contains(ChoicesSlot, StringComparison.Ordinal))
        {
            problems.Add($"The prompt template holds {ChoicesSlot}, and the questions have none; leave it out.");
        }

        return problems;
    }

    /// <summary>Fills a template in; braces in the question stay what they are.</summary>
    public static string Fill(string template, Question question) => Slot().Replace(
        template, slot => slot.Value == QuestionSlot ? question.Text : Choices(question));

    /// <summary>How a model would begin a next question in the template's words, and so where its answer ends; null
    /// where the template has no such words.</summary>
    /// <remarks>A completion model does not stop after an answer: after <c>Question: ...\nAnswer: ...</c> it goes on
    /// with a question of its own.</remarks>
    public static string? NextQuestion(string template)
    {
        string before = template[..template.IndexOf(QuestionSlot, StringComparison.Ordinal)];
        string label = before[(before.LastIndexOf('\n') + 1)..].Trim();
        return label.Length > 0 ? "\n" + label : null;
    }

    private static string Choices(Question question) =>
        string.Join('\n', question.Choices.Select(choice => $"{choice.Label}. {choice.Text}"));

    [GeneratedRegex(@"\{question\}|\{choices\}")]
    private static partial Regex Slot();
}
