using GgufConcepts.Evaluation.Questions;

namespace GgufConcepts.Tests.Evaluation.Questions;

/// <summary>What is found in what models say, and why not.</summary>
public sealed class AnswerTests
{
    private static readonly Choice[] s_cities = [new("A", "Paris"), new("B", "London"), new("C", "York"), new("D", "New York")];
    private static readonly Choice[] s_numbered = [new("1", "a cat"), new("2", "a dog"), new("3", "the moon")];

    [Theory]
    [InlineData("The answer is 42.", "42")]
    [InlineData("She has $1,234.50 left.\n#### 1,234.50", "1234.5")]
    [InlineData("#### $18", "18")]
    [InlineData("#### 18.00", "18")]
    [InlineData("####\n18 dollars, since 3 are eaten", "18")]
    [InlineData(@"So we get \boxed{1{,}000}.", "1000")]
    [InlineData(@"\boxed{3} is wrong, so \boxed{\$18}", "18")]
    [InlineData(@"\boxed{\text{18 dollars}}", "18")]
    [InlineData(@"Half of it: \boxed{\frac{3}{4}}", "0.75")]
    [InlineData("16 - 3 - 4 = 9 eggs, 9 * 2 = <<9*2=18>>18", "18")]
    [InlineData("16-3-4=9", "9")]
    [InlineData("3x4=12", "12")]
    [InlineData("The answer is -5.", "-5")]
    [InlineData("It is \u22125 degrees.", "-5")]
    [InlineData("It is $-5", "-5")]
    [InlineData("It is -$5", "-5")]
    [InlineData("The answer is **7**.", "7")]
    [InlineData("Answer: 7 apples and 3 pears", "7")]
    [InlineData("The final answer is: $18$. I checked it 2 times.", "18")]
    [InlineData("The first answer is 3. No, the answer is 4. That is 1 more.", "4")]
    [InlineData("The answer to all 3 parts? 9", "3")] // what follows "answer" is taken, right or wrong
    [InlineData("#### 5\n\nNext: 3 + 4\n#### 7", "5")]
    [InlineData("10,20 and 30", "30")]
    [InlineData("1 000 000\u00A0000 in all, so 2\u202F500", "2500")]
    [InlineData("20%", "20")]
    [InlineData("that makes 1.5e3 g", "1500")]
    [InlineData("3/4 of it", "0.75")]
    [InlineData("It is .5", "0.5")]
    [InlineData("so...18", "18")]
    [InlineData("\uFF11\uFF12", null)] // wide digits
    [InlineData("twelve", null)]
    [InlineData("H2O and CO2", null)]
    [InlineData("#### ", null)]
    [InlineData("9999999999999999999999999999999999999999", null)] // beyond any number it can hold
    public void Gsm8k_WhatWasSaid_HoldsTheNumber(string said, string? number)
    {
        Verdict verdict = Judge(QuestionKind.Gsm8k, new Question(1, "?") { Accepted = [number ?? "1"] }, said);

        Assert.Equal(number, verdict.Answer);
        Assert.Equal(number is not null, verdict.IsRight);
        Assert.Equal(number is null ? AnswerFailure.NoNumber : null, verdict.Failure);
    }

    [Theory]
    [InlineData("16 - 3 = 13, and then 13", null)]
    [InlineData("The answer is 1", null)] // of 18, perhaps
    [InlineData("The answer is 18.", "18")]
    [InlineData("#### 18\n", "18")]
    [InlineData(@"\boxed{18}", "18")]
    [InlineData(@"\boxed{18", null)]
    [InlineData("well", null)]
    public void Gsm8k_CutOff_CountsOnlyWhatIsMarkedAndWhole(string said, string? number)
    {
        Verdict verdict = Judge(QuestionKind.Gsm8k, new Question(1, "?") { Accepted = ["18"] }, said, cutOff: true);

        Assert.Equal(number, verdict.Answer);
        Assert.Equal(number is null ? AnswerFailure.CutOff : null, verdict.Failure);
    }

    [Theory]
    [InlineData("B", "B")]
    [InlineData(" B.", "B")]
    [InlineData("(b)", "B")]
    [InlineData("B) London", "B")]
    [InlineData("B. Because it rains, unlike in (A).", "B")]
    [InlineData("**B**", "B")]
    [InlineData("**Answer:** B", "B")]
    [InlineData("Answer: (C)", "C")]
    [InlineData("The answer is (C).", "C")]
    [InlineData("The correct answer is option C, not A.", "C")]
    [InlineData("The answer is **D**.", "D")]
    [InlineData("Paris or London? The answer is\nB", "B")]
    [InlineData(@"Thus \boxed{D}", "D")]
    [InlineData(@"Thus \boxed{\text{D}}", "D")]
    [InlineData("London", "B")]
    [InlineData("london.\nIt is large.", "B")]
    [InlineData("It must be London, of course.", "B")]
    [InlineData("I mean New York.", "D")] // in which York does not count
    [InlineData("Option C", "C")]
    [InlineData("I think option D is best", "D")]
    [InlineData("A", "A")]
    [InlineData("A is right", "A")]
    [InlineData("C is wrong, the answer is B", "B")]
    [InlineData("A is incorrect because it is small, so the answer is B.", "B")]
    [InlineData(@"B looks good, but \boxed{D}", "D")]
    public void Choice_WhatWasSaid_NamesTheLabel(string said, string label)
    {
        Verdict verdict = Judge(QuestionKind.Choice, new Question(1, "?") { Choices = s_cities, Accepted = [label] }, said);

        Assert.Equal(label, verdict.Answer);
        Assert.True(verdict.IsRight);
    }

    [Theory]
    [InlineData("A or B", AnswerFailure.SeveralChoices)]
    [InlineData("A, B and C", AnswerFailure.SeveralChoices)]
    [InlineData("It could be (A) or (C).", AnswerFailure.SeveralChoices)]
    [InlineData("London or Paris", AnswerFailure.SeveralChoices)]
    [InlineData("I do not know.", AnswerFailure.NoChoice)]
    [InlineData("A big town, I suppose.", AnswerFailure.NoChoice)]
    [InlineData("Berlin", AnswerFailure.NoChoice)]
    [InlineData("The answer is not B.", AnswerFailure.NoChoice)]
    [InlineData("E", AnswerFailure.NoChoice)]
    [InlineData("Before that, Dover", AnswerFailure.NoChoice)]
    public void Choice_NoneOrSeveralNamed_SaysSo(string said, AnswerFailure failure) => Assert.Equal(
        failure, Judge(QuestionKind.Choice, new Question(1, "?") { Choices = s_cities, Accepted = ["B"] }, said).Failure);

    [Theory]
    [InlineData("B", "B")]
    [InlineData("London\nThe next", "B")]
    [InlineData("The answer is B, si", "B")]
    [InlineData("London is", null)]
    [InlineData("Let us see. Option B", null)]
    public void Choice_CutOff_CountsOnlyWhatIsSettled(string said, string? label)
    {
        Verdict verdict = Judge(QuestionKind.Choice, new Question(1, "?") { Choices = s_cities, Accepted = ["B"] }, said, cutOff: true);

        Assert.Equal(label, verdict.Answer);
        Assert.Equal(label is null ? AnswerFailure.CutOff : null, verdict.Failure);
    }

    [Theory]
    [InlineData("3", "3")]
    [InlineData("(3)", "3")]
    [InlineData("The answer is 2.", "2")]
    [InlineData("the cat", "1")]
    [InlineData("10", null)]
    public void Choice_NumberedLabels_AreLabels(string said, string? label) => Assert.Equal(
        label, Judge(QuestionKind.Choice, new Question(1, "?") { Choices = s_numbered, Accepted = ["1"] }, said).Answer);

    [Theory]
    [InlineData("Paris", " Paris.", true)]
    [InlineData("Seine", "the Seine", true)]
    [InlineData("The Seine", "SEINE", true)]
    [InlineData("Paris", "\n\n\"Paris\"\nLondon", true)]
    [InlineData("Paris", "Answer: Paris", true)]
    [InlineData("Paris", "The answer is **Paris**.", true)]
    [InlineData("Paris", "Paris, France", false)]
    [InlineData("Paris", "London\nParis", false)]
    [InlineData("1000", "1,000", true)]
    [InlineData("-5", "5", false)] // though punctuation does not matter otherwise
    [InlineData("3.5", "35", false)]
    [InlineData("the", "a", false)]
    [InlineData("The", "the", true)]
    [InlineData("+", "-", false)]
    [InlineData("well-known", "wellknown", true)]
    [InlineData("caf\u00E9", "CAF\u00C9", true)]
    public void Exact_FirstLine_IsComparedWithoutWhatDoesNotMatter(string wanted, string said, bool right)
    {
        Verdict verdict = Judge(QuestionKind.Exact, new Question(1, "?") { Accepted = ["something else", wanted] }, said);

        Assert.Equal(right, verdict.IsRight);
        Assert.Null(verdict.Failure);
    }

    [Theory]
    [InlineData("Paris", true, null)]
    [InlineData("London\nand", false, null)]
    [InlineData("Lond", false, AnswerFailure.CutOff)]
    public void Exact_CutOff_CountsWhereItIsRightOrWhole(string said, bool right, AnswerFailure? failure)
    {
        Verdict verdict = Judge(QuestionKind.Exact, new Question(1, "?") { Accepted = ["Paris"] }, said, cutOff: true);

        Assert.Equal(right, verdict.IsRight);
        Assert.Equal(failure, verdict.Failure);
    }

    [Theory]
    [InlineData(@"(?i)\bparis\b", null, "It is PARIS.", true, null)]
    [InlineData(@"\bparis\b", null, "It is PARIS.", false, AnswerFailure.NoMatch)]
    [InlineData(@"x = (-?\d+)", "12", "so x = 12, y = 3", true, null)]
    [InlineData(@"x = (-?\d+)", "12", "so x = 13", false, null)]
    [InlineData(@"x = (-?\d+)", "12", "so y = 12", false, AnswerFailure.NoMatch)]
    [InlineData(@"\d+", "12", "it is 12", true, null)]
    public void Regex_Pattern_FindsOrJudges(string pattern, string? wanted, string said, bool right, AnswerFailure? failure)
    {
        Question question = new(1, "?")
        {
            Pattern = RegexForm.Pattern(pattern, problem => new ConceptInputException(problem), exactGroups: false),
            Accepted = wanted is null ? [] : [wanted],
        };
        Verdict verdict = Judge(QuestionKind.Regex, question, said);

        Assert.Equal(right, verdict.IsRight);
        Assert.Equal(failure, verdict.Failure);
        Assert.Equal(failure is null ? null : AnswerFailure.CutOff, Judge(QuestionKind.Regex, question, said, cutOff: true).Failure);
    }

    [Fact]
    public void Regex_EndlessPattern_TimesOut()
    {
        Question question = new(1, "?")
        {
            Pattern = RegexForm.Pattern(@"^(a|aa)+$", problem => new ConceptInputException(problem), exactGroups: false),
        };

        Assert.Equal(AnswerFailure.PatternTimeout, Judge(QuestionKind.Regex, question, new string('a', 200) + "!").Failure);
    }

    private static Verdict Judge(QuestionKind kind, Question question, string said, bool cutOff = false) =>
        QuestionForm.Of(kind).Judge(question, new Said(said, cutOff));
}
