using GgufConcepts.Thinking;

namespace GgufConcepts.Hosting;

/// <summary>Why a response ended, in the words that clients of language models have for it.</summary>
internal static class FinishReasons
{
    /// <summary>The model, or a stop text, ended it.</summary>
    public const string Stop = "stop";

    /// <summary>A limit ended it.</summary>
    public const string Length = "length";

    /// <summary>The reason of a run that came to its end.</summary>
    public static string Of(ThoughtEnded ended) =>
        (ended.AnswerReason ?? ended.Reason) is StopReason.MaxTokens or StopReason.MaxSteps or StopReason.ContextFull
            ? Length
            : Stop;
}
