using System.Text;
using GgufConcepts.Evaluation.Questions;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Evaluation.Questions;

/// <summary>The shapes people have, and lines that are none.</summary>
public sealed class QuestionFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_LaterLineOfAnotherKind_IsRefusedUnlessTheTaskIsNamed()
    {
        string path = _folder.File("mixed.jsonl");
        File.WriteAllText(path, """
            {"question": "a", "answer": "b"}
            {"question": "c", "choices": ["x", "y"], "answer": "x"}
            """);
        ConceptInputException refused = Assert.Throws<ConceptInputException>(() => QuestionFile.Read(path));
        Assert.EndsWith(
            "line 2: it looks like choice, and the lines before it like exact; say which with --task.", refused.Message, StringComparison.Ordinal);
        Assert.Equal(2, QuestionFile.Read(path, QuestionKind.Exact).Questions.Count);
    }

    [Theory]
    [InlineData("""{"question": "2+2?", "answer": "It is <<2+2=4>>4.\n#### 1,004"}""", QuestionKind.Gsm8k, "1004")]
    [InlineData("""{"question": "?", "choices": ["x", "y", "z"], "answer": 2}""", QuestionKind.Choice, "C")]
    [InlineData("""{"question": "?", "subject": "", "choices": ["0", "1", "4"], "answer": 0}""", QuestionKind.Choice, "A")]
    [InlineData("""{"question": "?", "choices": ["x", "y"], "answer": "b"}""", QuestionKind.Choice, "B")]
    [InlineData("""{"question": "?", "choices": ["x", "y"], "answer": "y"}""", QuestionKind.Choice, "B")]
    [InlineData("""{"id": "M1", "question": "?", "choices": {"text": ["x", "y"], "label": ["1", "2"]}, "answerKey": "2"}""", QuestionKind.Choice, "2")]
    [InlineData("""{"question": {"stem": "?", "choices": [{"label": "A", "text": "x"}, {"label": "B", "text": "y"}]}, "answerKey": "B"}""", QuestionKind.Choice, "B")]
    [InlineData("""{"question_stem": "?", "choices": {"text": ["x", "y"], "label": ["A", "B"]}, "answerKey": "A"}""", QuestionKind.Choice, "A")]
    [InlineData("""{"prompt": "?", "target": "Paris"}""", QuestionKind.Exact, "Paris")]
    [InlineData("""{"input": "?", "output": ["Paris", "the capital"]}""", QuestionKind.Exact, "Paris|the capital")]
    [InlineData("""{"question": "?", "answers": {"text": ["Paris"], "answer_start": [3]}}""", QuestionKind.Exact, "Paris")]
    [InlineData("""{"question": "?", "answer": 12.5}""", QuestionKind.Exact, "12.5")]
    [InlineData("""{"question": "?", "answer": true}""", QuestionKind.Exact, "true")]
    [InlineData("""{"question": "?", "pattern": "a+"}""", QuestionKind.Regex, "")]
    [InlineData("""{"question": "?", "pattern": "a+", "answer": "aa"}""", QuestionKind.Regex, "aa")]
    public void Read_KnownShape_IsRecognised(string line, QuestionKind kind, string accepted)
    {
        QuestionSet set = QuestionFile.Read(Write(line));

        Assert.Equal(kind, set.Kind);
        Assert.Equal(accepted, string.Join('|', Assert.Single(set.Questions).Accepted));
    }

    [Fact]
    public void Read_MarkBlankLinesAndCarriageReturns_AreNoMatter()
    {
        string path = _folder.File("q.jsonl");
        string text = "\r\n{\"question\": \"a\", \"answer\": \"1\"}\r\n\t \r\n\n{\"id\": 7, \"question\": \"b\", \"answer\": \"2\"}";
        File.WriteAllBytes(path, [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(text)]);

        QuestionSet set = QuestionFile.Read(path);

        Assert.Equal([2, 5], set.Questions.Select(question => question.Line));
        Assert.Equal([null, "7"], set.Questions.Select(question => question.Id));
    }

    [Fact]
    public void Read_HugeLine_IsRead()
    {
        string text = new('x', 20_000_000);
        Assert.Equal(text.Length, QuestionFile.Read(Write($$"""{"question": "{{text}}", "answer": "1"}""")).Questions[0].Text.Length);
    }

    [Fact]
    public void Read_AnswerPattern_MakesTheTaskRegexAndTakesGsm8kAnswers()
    {
        QuestionSet set = QuestionFile.Read(Write("""{"question": "?", "answer": "so\n#### 42"}"""), null, @"is (\d+)");

        Assert.Equal(QuestionKind.Regex, set.Kind);
        Assert.Equal(["42"], set.Questions[0].Accepted);
        Assert.True(QuestionForm.Of(set.Kind).Judge(set.Questions[0], new Said("it is 42", false)).IsRight);
    }

    [Theory]
    [InlineData("", "holds no question")]
    [InlineData("\n \n", "holds no question")]
    [InlineData("nonsense", "q.jsonl line 1: it is no JSON at byte 1")]
    [InlineData("[{\"question\": \"a\"},", "one object a line")]
    [InlineData("{\n\"question\": \"a\"}", "JSON over several lines must be turned into one object a line")]
    [InlineData("[1]", "line 1: it is a JSON array; write one JSON object a line")]
    [InlineData("\n\n12", "line 3: it is the JSON value 12")]
    [InlineData("""{"text": "a"}""", "line 1: it is no question of a known shape")]
    [InlineData("""{"answer": "a"}""", "it has no 'question'")]
    [InlineData("""{"question": "", "answer": "a"}""", "its question is \"\"; write some text")]
    [InlineData("""{"question": 5, "answer": "a"}""", "its question is 5")]
    [InlineData("""{"question": "a", "answer": ""}""", "its answer is \"\"; write a text")]
    [InlineData("""{"question": "a", "answer": {"b": 1}}""", "its answer is {\"b\": 1}")]
    [InlineData("""{"question": "a", "answer": []}""", "its answer is []")]
    [InlineData("""{"question": "a", "answer": "#### many"}""", "ends with no number after ####")]
    [InlineData("""{"question": "a", "choices": ["x"], "answer": 0}""", "it has 1 choices; a line needs at least two")]
    [InlineData("""{"question": "a", "choices": ["x", "y"], "answer": 2}""", "its answer is 2; use a label (A, B)")]
    [InlineData("""{"question": "a", "choices": ["x", "y"], "answer": "1"}""", "its answer is \"1\"; use a label (A, B)")]
    [InlineData("""{"question": "a", "choices": ["x", "y"]}""", "it has no 'answer' (nor 'answerKey')")]
    [InlineData("""{"question": "a", "choices": ["x", ""], "answer": 0}""", "its choices are [\"x\", \"\"]")]
    [InlineData("""{"question": "a", "choices": "xy", "answer": 0}""", "its choices are \"xy\"")]
    [InlineData("""{"question": "a", "choices": {"text": ["x", "y"], "label": ["A"]}, "answer": "A"}""", "2 texts and 1 labels")]
    [InlineData("""{"question": "a", "choices": {"text": ["x", "y"], "label": ["A", "a"]}, "answer": "A"}""", "two choices are labelled 'A'")]
    [InlineData("""{"question": "a", "pattern": "("}""", "its pattern is no regular expression")]
    [InlineData("""{"question": "a", "pattern": "(a)(b)"}""", "its pattern has 2 capture groups; use at most one")]
    [InlineData("""{"question": "a", "pattern": 3}""", "its pattern is 3; write a regular expression in quotes")]
    [InlineData("""{"question": "\ud800", "answer": "a"}""", "is no Unicode")]
    [InlineData("""{"question": "a", "answer": "\udc00"}""", "is no Unicode")]
    [InlineData("""{"question": "a", "\ud800": "b"}""", "is no Unicode")]
    [InlineData("{\"question\": \"a\", \"answer\": \"1\"}\n{\"question\": \"b\"}", "line 2: it has no 'answer'")]
    [InlineData("{\"question\": \"a\", \"answer\": \"#### 1\"}\n{\"question\": \"b\", \"answer\": \"2 eggs\"}", "line 2: '2 eggs' ends with no number")]
    public void Read_WhatIsNoQuestion_IsRefused(string text, string reason)
    {
        ConceptInputException refused = Assert.Throws<ConceptInputException>(() => QuestionFile.Read(Write(text)));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Contains("q.jsonl", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x7B, 0x00 }, "is UTF-16; save it as UTF-8")]
    [InlineData(new byte[] { 0x7B, 0x22, 0xE9, 0x22, 0x7D }, "line 1: it is no UTF-8")]
    public void Read_OtherEncoding_IsRefused(byte[] bytes, string reason)
    {
        string path = _folder.File("q.jsonl");
        File.WriteAllBytes(path, bytes);
        Assert.Contains(reason, Assert.Throws<ConceptInputException>(() => QuestionFile.Read(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "a+", "--answer-pattern has 0 capture groups; use one")]
    [InlineData(null, "(a", "--answer-pattern is no regular expression")]
    [InlineData(QuestionKind.Exact, "(a)", "--answer-pattern belongs to --task regex")]
    [InlineData(QuestionKind.Choice, null, "it has no 'choices'")]
    [InlineData(QuestionKind.Regex, null, "it has no 'pattern'; write one, or give --answer-pattern")]
    public void Read_OptionsThatDoNotFit_AreRefused(QuestionKind? kind, string? pattern, string reason)
    {
        string path = Write("""{"question": "a", "answer": "b"}""");
        Assert.Contains(
            reason, Assert.Throws<ConceptInputException>(() => QuestionFile.Read(path, kind, pattern)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AnswerPatternWithoutAnswer_IsRefused() => Assert.Contains(
        "line 1: it has no 'answer', with which",
        Assert.Throws<ConceptInputException>(() => QuestionFile.Read(Write("""{"question": "a", "pattern": "b"}"""), null, "(c)")).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Read_MissingFile_NamesIt() => Assert.Contains(
        "nowhere.jsonl: no such file", Assert.Throws<ConceptInputException>(() => QuestionFile.Read(_folder.File("nowhere.jsonl"))).Message,
        StringComparison.Ordinal);

    private string Write(string text)
    {
        string path = _folder.File("q.jsonl");
        File.WriteAllText(path, text);
        return path;
    }
}
