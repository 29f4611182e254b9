using System.Text.RegularExpressions;

namespace GgufConcepts.Evaluation.Questions;

/// <summary>Where in a text an answer stands.</summary>
internal static partial class AnswerText
{
    /// <summary>What the last <c>\boxed{...}</c> holds, without the LaTeX around a text in it; null where there is
    /// none.</summary>
    public static string? LastBoxed(string text)
    {
        int start = text.LastIndexOf("boxed{", StringComparison.Ordinal);
        if (start < 0)
        {
            return null;
        }

        start += "boxed{".Length;
        int depth = 1;
        for (int end = start; end < text.Length; end++)
        {
            depth += text[end] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0)
            {
                return TextCommand().Replace(text[start..end], "${inside}").Trim();
            }
        }

        return null; // it was not finished
    }

    /// <summary>Where the last <c>answer is</c> or <c>answer:</c> ends; -1 where there is none.</summary>
    public static int AfterAnswerIs(string text) =>
        AnswerIs().Matches(text) is { Count: > 0 } said ? said[^1].Index + said[^1].Length : -1;

    /// <summary>The first line with something on it, and whether more follows; a lead such as <c>Answer:</c>, quotes
    /// and marks of emphasis are taken off.</summary>
    public static (string Line, bool Ended) FirstLine(string text)
    {
        string rest = text.TrimStart();
        int end = rest.IndexOfAny(['\n', '\r']);
        string line = end < 0 ? rest : rest[..end];
        return (Bare(Lead().Replace(Bare(line), "")), end >= 0);
    }

    private static string Bare(string line) => line.Trim().Trim('*', '"', '`', '\u201C', '\u201D').Trim();

    [GeneratedRegex(@"\\(?:text|textbf|mathrm|mathbf)\s?\{(?<inside>[^{}]*)\}")]
    private static partial Regex TextCommand();

    private const string Is = "is|are|was|would be|will be|should be|choice|option|equals";

    [GeneratedRegex(
        $@"\banswers?\b[\s*]*(?:(?:{Is})\b[\s*]*)*(?:[:=][\s*]*)?(?<=is|are|was|be|equals|[:=\s*])", RegexOptions.IgnoreCase)]
    private static partial Regex AnswerIs();

    [GeneratedRegex(
        @"^(?:so |therefore,? |thus,? )?(?:the )?(?:(?:final|correct) )?answer(?:\s+is\s*:?|\s*:)\s*", RegexOptions.IgnoreCase)]
    private static partial Regex Lead();
}
