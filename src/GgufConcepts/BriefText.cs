namespace GgufConcepts;

/// <summary>What somebody wrote, as messages repeat it.</summary>
internal static class BriefText
{
    private const int Longest = 60; // characters

    /// <summary>The text, or its beginning where it is long.</summary>
    public static string Of(string text) => text.Length > Longest ? text[..Longest] + "..." : text;
}
