using System.Text.Json.Serialization;

namespace GgufConcepts.Evaluation.Questions;

/// <summary>What a model said to a question.</summary>
/// <param name="Text">Its words.</param>
/// <param name="CutOff">Whether a limit ended them, so that more might have come.</param>
internal readonly record struct Said(string Text, bool CutOff);

/// <summary>Whether an answer is right; where none was found, why.</summary>
/// <param name="IsRight">Whether it is.</param>
/// <param name="Answer">The answer that was found; null where none was.</param>
/// <param name="Failure">Why none was found; null where one was.</param>
internal readonly record struct Verdict(bool IsRight, string? Answer, AnswerFailure? Failure)
{
    public static Verdict Of(string answer, bool isRight) => new(isRight, answer, null);

    public static Verdict Failed(AnswerFailure failure) => new(false, null, failure);
}

/// <summary>Why no answer was found in what a model said. Such an item counts as wrong, and is counted apart.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AnswerFailure>))]
public enum AnswerFailure
{
    /// <summary>Nothing was said.</summary>
    [JsonStringEnumMemberName("empty")]
    Empty,

    /// <summary>The limit on tokens, or the end of the context, came before an answer.</summary>
    [JsonStringEnumMemberName("cutOff")]
    CutOff,

    /// <summary>There is no number in it.</summary>
    [JsonStringEnumMemberName("noNumber")]
    NoNumber,

    /// <summary>It names none of the choices.</summary>
    [JsonStringEnumMemberName("noChoice")]
    NoChoice,

    /// <summary>It names several choices and settles on none.</summary>
    [JsonStringEnumMemberName("severalChoices")]
    SeveralChoices,

    /// <summary>The pattern does not match.</summary>
    [JsonStringEnumMemberName("noMatch")]
    NoMatch,

    /// <summary>The pattern took longer than a second.</summary>
    [JsonStringEnumMemberName("patternTimeout")]
    PatternTimeout,

    /// <summary>The question does not fit the model's context.</summary>
    [JsonStringEnumMemberName("promptTooLong")]
    PromptTooLong,
}
