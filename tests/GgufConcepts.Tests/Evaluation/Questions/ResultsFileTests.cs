using GgufConcepts.Evaluation.Questions;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Evaluation.Questions;

public sealed class ResultsFileTests : IDisposable
{
    private static readonly ResultsHeader s_header = new(
        ResultsHeader.Mark, 1, new ResultsModel("tiny", "qwen2", "00", 256), "q.jsonl", "00", "exact", 1, []);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_FieldsLeftOut_AreEmpty()
    {
        string path = _folder.File("results.jsonl");
        using (ResultsFile.Open(path, s_header))
        {
        }

        File.AppendAllText(
            path, """{"line":1,"strategy":"soft","right":true,"steps":3,"answerTokens":2,"milliseconds":1.5}""" + "\n");
        using ResultsFile file = ResultsFile.Open(path, s_header);
        QuestionResult result = Assert.Single(file.Done);
        Assert.Equal("", result.Said);
        Assert.Empty(result.Wanted);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("""{"label":"","settings":{"a":"\ud800"}}""")]
    [InlineData("""{"label":"","settings":{"a":1,"a":2}}""")]
    public void Open_HeadThatCannotBeRead_IsRefused(string strategy)
    {
        string path = _folder.File("results.jsonl");
        using (ResultsFile.Open(path, s_header))
        {
        }

        string head = File.ReadAllText(path);
        File.WriteAllText(path, head.Replace("\"strategies\":[]", $"\"strategies\":[{strategy}]", StringComparison.Ordinal));
        Assert.NotEqual(head, File.ReadAllText(path));
        ConceptInputException refused = Assert.Throws<ConceptInputException>(() => ResultsFile.Open(path, s_header));
        Assert.Contains("holds no results of eval", refused.Message, StringComparison.Ordinal);
    }
}
