using GgufConcepts.Lens;

namespace GgufConcepts.Tests.Lens;

public sealed class LensPositionsTests
{
    [Theory]
    [InlineData("last", new[] { 4, 5, 6 })]
    [InlineData("all", new[] { 0, 1, 2, 3, 4, 5, 6 })]
    [InlineData("0", new[] { 0 })]
    [InlineData("0,2-3,6", new[] { 0, 2, 3, 6 })]
    [InlineData("2-2,2", new[] { 2 })]
    public void Contains_OfAPromptOfFiveAndTwoSteps_IsAsWritten(string text, int[] expected)
    {
        LensPositions positions = LensPositions.Parse(text);
        Assert.Equal(expected, Enumerable.Range(0, 7).Where(position => positions.Contains(position, promptLength: 5)));
        Assert.Equal(text, positions.Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("first")]
    [InlineData("-1")]
    [InlineData("3-1")]
    [InlineData("1,,2")]
    [InlineData("1-2-3")]
    [InlineData("1.5")]
    [InlineData("99999999999")]
    public void Parse_NoPositions_IsRefusedNamingThem(string text) => Assert.Contains(
        $"'{text}'", Assert.Throws<ConceptInputException>(() => LensPositions.Parse(text)).Message, StringComparison.Ordinal);
}
