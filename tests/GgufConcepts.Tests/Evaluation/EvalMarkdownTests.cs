using GgufConcepts.Evaluation;
using GgufConcepts.Models;

namespace GgufConcepts.Tests.Evaluation;

public sealed class EvalMarkdownTests
{
    private static readonly ModelInfo s_model = new("My_model", "a/my|model.gguf", "qwen2", "", 64, 100, 2, 256, 256, 1, 1);

    [Fact]
    public void Write_Rows_IsATableWhoseCellsStayWhole()
    {
        EvalRow row = new() { Part = "a|b", Strategy = "soft", Measure = EvalRow.Accuracy, Value = 0.5, Items = 4, MillisecondsPerItem = 1.5 };
        string[] lines = EvalMarkdown.Write("mnns", s_model, [row, row with { Measure = "<b>", Interval = new Interval(0.25, 0.75) }]).Split('\n');

        Assert.Equal("`eval mnns`, My\\_model, my\\|model.gguf:", lines[0]);
        Assert.Equal("", lines[1]);
        Assert.StartsWith("| asked      | fed back | result |", lines[2], StringComparison.Ordinal);
        Assert.StartsWith("| ---------- | -------- | -----: |", lines[3], StringComparison.Ordinal);
        Assert.Equal("| a\\|b       | soft     |  50.0% |              |           |     4 |       |     1.5 |", lines[4]);
        Assert.Equal("| a\\|b: \\<b> | soft     |  0.500 |   25.0-75.0% |           |     4 |       |     1.5 |", lines[5]);
    }

    [Theory]
    [InlineData(0.0004, "< 0.001")]
    [InlineData(0.0627, "0.063")]
    [InlineData(1, "1.000")]
    public void PValue_HasThreePlaces(double p, string text) => Assert.Equal(text, EvalMarkdown.PValue(p));
}
