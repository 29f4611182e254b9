using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Text.Unicode;

namespace GgufConcepts.Evaluation.Questions;

/// <summary>Reads questions from JSON lines, in the shapes people have.</summary>
/// <remarks>
/// One JSON object a line, UTF-8, with or without a byte order mark; empty lines are passed over. <c>gsm8k</c>: an
/// <c>answer</c> that ends with <c>#### 42</c>. <c>choice</c>: <c>choices</c> as a list, as ARC's
/// <c>{"text": [...], "label": [...]}</c> or as a list of such pairs, and <c>answer</c> or <c>answerKey</c> as a label
/// or, as in MMLU, an index from 0. <c>regex</c>: a <c>pattern</c> a line, or one for all. <c>exact</c>: anything else
/// with an answer.
/// </remarks>
public static class QuestionFile
{
    private static readonly JsonDocumentOptions s_strict = new() { MaxDepth = 64 };

    /// <summary>Finds a kind by its name: <c>gsm8k</c>, <c>choice</c>, <c>exact</c> or <c>regex</c>.</summary>
    /// <exception cref="ConceptInputException">There is none of that name.</exception>
    public static QuestionKind Kind(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return QuestionForm.Find(name).Kind;
    }

    /// <summary>Reads and checks a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="kind">What its lines are; null to recognise it by the first one.</param>
    /// <param name="answerPattern">A regular expression with one capture group that finds every answer; null for
    /// none.</param>
    /// <exception cref="ConceptInputException">There is no such file, or a line is no question; names file and
    /// line.</exception>
    public static QuestionSet Read(string path, QuestionKind? kind = null, string? answerPattern = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (kind is { } asked && !Enum.IsDefined(asked))
        {
            throw new ArgumentOutOfRangeException(nameof(kind), asked, "There is no such kind of question.");
        }

        Regex? pattern = answerPattern is null ? null : RegexForm.Pattern(
            answerPattern, problem => new ConceptInputException($"--answer-pattern {problem}"), exactGroups: true);
        if (pattern is not null && kind is not null and not QuestionKind.Regex)
        {
            throw new ConceptInputException(
                $"--answer-pattern belongs to --task regex, and the task is {QuestionForm.Of(kind.Value).Name}; leave one of them out.");
        }

        byte[] bytes = ReadBytes(path);
        QuestionForm? form = pattern is not null ? QuestionForm.Of(QuestionKind.Regex)
            : kind is { } known ? QuestionForm.Of(known)
            : null;
        List<Question> questions = [];
        foreach ((int number, JsonElement json) in Lines(path, bytes))
        {
            form ??= QuestionForm.All.FirstOrDefault(form => form.Fits(json)) ?? throw QuestionLine.Error(
                path, number, "it is no question of a known shape: it has none of 'answer', 'target', 'output', 'choices' and " +
                "'pattern'; see --task in ggufconcepts eval --help.");
            QuestionLine line = new(path, number, json);
            if (kind is null && pattern is null
                && QuestionForm.All.TakeWhile(other => other != form).FirstOrDefault(other => other.Fits(json)) is { } looks) // a surer one
            {
                throw line.Error($"it looks like {looks.Name}, and the lines before it like {form.Name}; say which with --task.");
            }

            Question question = form.Read(line);
            if (pattern is not null)
            {
                question = question.Accepted.Count > 0
                    ? question with { Pattern = pattern }
                    : throw line.Error("it has no 'answer', with which what --answer-pattern finds could be compared.");
            }

            questions.Add(form.Kind != QuestionKind.Regex || question.Pattern is not null
                ? question
                : throw line.Error("it has no 'pattern'; write one, or give --answer-pattern for all lines."));
        }

        return questions.Count > 0
            ? new QuestionSet(path, form!.Kind, questions, Convert.ToHexStringLower(SHA256.HashData(bytes)))
            {
                AnswerPattern = answerPattern,
            }
            : throw new ConceptInputException($"{path} holds no question; write one JSON object a line.");
    }

    private static byte[] ReadBytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ConceptInputException($"{path}: no such file; check the path.", problem);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new ConceptInputException($"{path} cannot be read: {problem.Message.ReplaceLineEndings(" ")}", problem);
        }
    }

    private static IEnumerable<(int Number, JsonElement Json)> Lines(string path, byte[] bytes)
    {
        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
        {
            throw new ConceptInputException($"{path} is UTF-16; save it as UTF-8.");
        }

        int number = 0;
        for (int start = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? 3 : 0; start < bytes.Length;)
        {
            int length = bytes.AsSpan(start).IndexOf((byte)'\n');
            length = length < 0 ? bytes.Length - start : length;
            ReadOnlyMemory<byte> line = bytes.AsMemory(start, length);
            start += length + 1;
            number++;
            if (line.Span.ContainsAnyExcept(" \t\r"u8))
            {
                yield return (number, Parse(path, number, line));
            }
        }
    }

    private static JsonElement Parse(string path, int number, ReadOnlyMemory<byte> line)
    {
        if (!Utf8.IsValid(line.Span))
        {
            throw QuestionLine.Error(path, number, "it is no UTF-8; save the file as UTF-8.");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(line, s_strict);
            return JsonTexts.FindProblem(document.RootElement) is not null // half of a surrogate pair, written as an escape
                ? throw QuestionLine.Error(path, number, "a text in it is no Unicode; write it in UTF-8.")
                : document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone()
                : throw QuestionLine.Error(path, number, $"it is {Name(document.RootElement)}; write one JSON object a line.");
        }
        catch (JsonException problem)
        {
            string opens = number == 1 && line.Span.TrimStart(" \t\r"u8) is [(byte)'[' or (byte)'{', ..]
                ? " (JSON over several lines must be turned into one object a line)"
                : "";
            throw QuestionLine.Error(
                path, number, $"it is no JSON at byte {problem.BytePositionInLine}{opens}; write one JSON object a line.", problem);
        }
    }

    private static string Name(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => "a JSON array",
        _ => $"the JSON value {QuestionLine.Describe(value)}",
    };
}
