using System.Globalization;
using System.Text.Json;

namespace GgufConcepts.Evaluation.Questions;

/// <summary>One line of a question file, and what is wrong with it, if anything.</summary>
/// <param name="Path">The file.</param>
/// <param name="Number">The line, from 1.</param>
/// <param name="Json">An object.</param>
internal readonly record struct QuestionLine(string Path, int Number, JsonElement Json)
{
    private static readonly string[] s_questions = ["question", "prompt", "input", "question_stem"];
    private static readonly string[] s_answers = ["answer", "target", "output", "answers"];
    private static readonly string[] s_ids = ["id", "task_id", "idx"];

    /// <summary>The error that a line makes.</summary>
    public ConceptInputException Error(string problem) => Error(Path, Number, problem);

    public static ConceptInputException Error(string path, int line, string problem, Exception? cause = null) =>
        new($"{path} line {line}: {problem}", cause);

    /// <summary>A field that is there and is not null.</summary>
    public static JsonElement? Field(JsonElement json, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (json.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>The answer's field, whatever its name.</summary>
    public static JsonElement? AnswerField(JsonElement json) => Field(json, s_answers);

    /// <summary>The question without its answer.</summary>
    /// <param name="shape">What a line should look like.</param>
    public Question Question(string shape)
    {
        JsonElement field = Field(Json, s_questions)
            ?? throw Error($"it has no 'question' (nor 'prompt' or 'input'); a line looks like {shape}.");
        if (field.ValueKind == JsonValueKind.Object && Field(field, "stem") is { } stem)
        {
            field = stem; // as ARC and CommonsenseQA were first given out
        }

        if (field.ValueKind != JsonValueKind.String || string.IsNullOrWhiteSpace(field.GetString()))
        {
            throw Error($"its question is {Describe(field)}; write some text.");
        }

        string? id = Field(Json, s_ids) is { } named ? Scalar(named) : null;
        bool isPrompt = Field(Json, "question", "question_stem") is null;
        return new Question(Number, field.GetString()!) { Id = id, IsPrompt = isPrompt };
    }

    /// <summary>Every answer that is right: a text, a number, a list of them, or <c>{"text": [...]}</c>.</summary>
    /// <param name="shape">What a line should look like.</param>
    public IReadOnlyList<string> Answers(string shape)
    {
        JsonElement field = AnswerField(Json)
            ?? throw Error($"it has no 'answer' (nor 'target' or 'output'); a line looks like {shape}.");
        if (field.ValueKind == JsonValueKind.Object && Field(field, "text") is { } texts)
        {
            field = texts; // as in SQuAD
        }

        JsonElement[] all = field.ValueKind == JsonValueKind.Array ? [.. field.EnumerateArray()] : [field];
        string[] answers = [.. all.Select(Scalar).OfType<string>().Where(answer => !string.IsNullOrWhiteSpace(answer))];
        return answers.Length == all.Length && answers.Length > 0
            ? answers
            : throw Error($"its answer is {Describe(field)}; write a text, a number or a list of those.");
    }

    /// <summary>A text or a number as text; null for anything else.</summary>
    public static string? Scalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };

    /// <summary>A value in a message: short, whatever it is.</summary>
    public static string Describe(JsonElement value)
    {
        string text = value.GetRawText();
        return string.Create(CultureInfo.InvariantCulture, $"{(text.Length <= 60 ? text : text[..60] + "...")}");
    }
}
