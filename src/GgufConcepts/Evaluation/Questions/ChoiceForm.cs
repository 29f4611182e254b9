using System.Globalization;
using System.Text.Json;

namespace GgufConcepts.Evaluation.Questions;

/// <summary><c>choice</c>: one of several answers is right, and is named by its label or its text.</summary>
/// <remarks>Shapes: MMLU (arXiv 2009.03300), ARC (arXiv 1803.05457), CommonsenseQA (arXiv 1811.00937).</remarks>
internal sealed class ChoiceForm : QuestionForm
{
    private const int Letters = 26;

    public override QuestionKind Kind => QuestionKind.Choice;

    public override string Shape => """{"question": "...", "choices": ["...", "..."], "answer": "B"}""";

    public override string Template => "Question: {question}\n{choices}\nAnswer:";

    public override string ChatTemplate => "{question}\n{choices}\nAnswer with the letter alone.";

    public override bool Fits(JsonElement line) => ChoicesField(line) is not null;

    public override Question Read(QuestionLine line)
    {
        Question question = line.Question(Shape);
        Choice[] choices = ReadChoices(line);
        if (choices.Length < 2)
        {
            throw line.Error($"it has {choices.Length} choices; a line needs at least two.");
        }

        if (choices.CountBy(choice => choice.Label.ToUpperInvariant()).FirstOrDefault(label => label.Value > 1) is { Value: > 1 } twice)
        {
            throw line.Error($"two choices are labelled '{twice.Key}'; give each a label of its own.");
        }

        return question with { Choices = choices, Accepted = [ReadAnswer(line, choices)] };
    }

    public override Verdict Judge(Question question, Said said)
    {
        (string? label, AnswerFailure? failure) = new ChoiceText(question.Choices).Find(said);
        return label is not null
            ? Verdict.Of(label, question.Accepted.Contains(label))
            : Verdict.Failed(failure ?? AnswerFailure.NoChoice);
    }

    private static JsonElement? ChoicesField(JsonElement line) =>
        QuestionLine.Field(line, "choices", "options")
        ?? (QuestionLine.Field(line, "question") is { ValueKind: JsonValueKind.Object } nested
            ? QuestionLine.Field(nested, "choices")
            : null);

    private Choice[] ReadChoices(QuestionLine line)
    {
        JsonElement field = ChoicesField(line.Json) ?? throw line.Error($"it has no 'choices'; a line looks like {Shape}.");
        ConceptInputException unusable = line.Error(
            $"its choices are {QuestionLine.Describe(field)}; write a list of texts, or {{\"text\": [...], \"label\": [...]}}.");
        if (field.ValueKind == JsonValueKind.Object)
        {
            string[] texts = Texts(QuestionLine.Field(field, "text"));
            string[] labels = Texts(QuestionLine.Field(field, "label"));
            return texts.Length == labels.Length
                ? [.. labels.Zip(texts, (label, text) => new Choice(label.Trim(), text))]
                : throw line.Error($"its choices have {texts.Length} texts and {labels.Length} labels; give every text its label.");
        }

        if (field.ValueKind != JsonValueKind.Array)
        {
            throw unusable;
        }

        Choice[] choices = [.. field.EnumerateArray().Select((choice, index) => choice.ValueKind == JsonValueKind.Object
            ? new Choice(Text(QuestionLine.Field(choice, "label")).Trim(), Text(QuestionLine.Field(choice, "text")))
            : new Choice(Letter(index), Text(choice)))];
        return choices.Length <= Letters
            ? choices
            : throw line.Error($"it has {choices.Length} choices; at most {Letters} have a letter each.");

        string Text(JsonElement? value) =>
            value is { } json && QuestionLine.Scalar(json) is { } text && !string.IsNullOrWhiteSpace(text) ? text : throw unusable;

        string[] Texts(JsonElement? list) =>
            list is { ValueKind: JsonValueKind.Array } array ? [.. array.EnumerateArray().Select(text => Text(text))] : throw unusable;
    }

    /// <summary>The label that is right: given as one, as an index from 0, or as a choice's text.</summary>
    private string ReadAnswer(QuestionLine line, Choice[] choices)
    {
        JsonElement field = QuestionLine.Field(line.Json, "answerKey") ?? QuestionLine.AnswerField(line.Json)
            ?? throw line.Error($"it has no 'answer' (nor 'answerKey'); a line looks like {Shape}.");
        string answer = QuestionLine.Scalar(field)?.Trim() ?? "";
        Choice? right = choices.FirstOrDefault(choice => choice.Label.Equals(answer, StringComparison.OrdinalIgnoreCase));
        if (right is null && field.ValueKind == JsonValueKind.Number
            && int.TryParse(answer, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < choices.Length)
        {
            right = choices[index];
        }

        right ??= choices.Where(choice => choice.Text == answer).Take(2).ToArray() is [Choice only] ? only : null;
        return right?.Label ?? throw line.Error(
            $"its answer is {QuestionLine.Describe(field)}; use a label ({string.Join(", ", choices.Select(choice => choice.Label))}), " +
            "the index from 0 as a number, or the text of one choice.");
    }

    private static string Letter(int index) => ((char)('A' + (index % Letters))).ToString();
}
