using System.Globalization;

namespace GgufConcepts.Hosting;

/// <summary>The name of a model that a host runs: a key into the list of those, never a path, whatever it looks
/// like.</summary>
/// <remarks>The only way from a request's text to a model. What is no name is, to a client, the same as a name that no model
/// has.</remarks>
internal readonly record struct ModelName
{
    /// <summary>Most characters.</summary>
    public const int Longest = 256;

    private ModelName(string text) => Text = text;

    /// <summary>As it is written; names differ where a character does.</summary>
    public string Text { get; }

    /// <summary>Takes a text for a name.</summary>
    /// <returns>Null where none could be called so: it is empty or too long, a part of it is <c>..</c>, or it holds what
    /// cannot be shown.</returns>
    public static ModelName? TryParse(string? text) =>
        text is { Length: > 0 and <= Longest } && text.Trim().Length == text.Length
        && !text.Split('/', '\\').Contains("..") && !text.Any(IsUnfit)
        && text.EnumerateRunes().All(rune => rune.Value != 0xFFFD) // half a character, or bytes that were none
            ? new ModelName(text)
            : null;

    private static bool IsUnfit(char letter) => char.GetUnicodeCategory(letter)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
