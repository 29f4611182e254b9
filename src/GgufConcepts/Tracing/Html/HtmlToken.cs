using System.Globalization;
using System.Text;

namespace GgufConcepts.Tracing.Html;

/// <summary>A token's text on a page: blanks, line breaks and what has no shape can be seen; its direction of writing
/// stays its own.</summary>
internal static class HtmlToken
{
    /// <summary>The token as an element. Marks stand in <c>i</c> elements, apart from its own letters.</summary>
    /// <param name="text">The token's text.</param>
    /// <param name="most">Characters shown at most; the rest is left out behind an ellipsis.</param>
    public static HtmlElement Make(string text, int most = int.MaxValue)
    {
        HtmlElement token = new HtmlElement("bdi").Class("token");
        StringBuilder letters = new();
        int shown = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (shown++ == most)
            {
                Flush(token, letters);
                return token.Add(new HtmlElement("i", "…"));
            }

            if (MarkOf(rune) is { } mark)
            {
                Flush(token, letters);
                token.Add(new HtmlElement("i", mark));
            }
            else
            {
                letters.Append(rune);
            }
        }

        Flush(token, letters);
        return text.Length > 0 ? token : token.Add(new HtmlElement("i", "(no text)"));
    }

    /// <summary>Where the token is only a name in a sentence or an attribute: the same marks, in one text.</summary>
    public static string Describe(string text) =>
        string.Concat(text.EnumerateRunes().Select(rune => MarkOf(rune) ?? rune.ToString()));

    private static void Flush(HtmlElement token, StringBuilder letters)
    {
        if (letters.Length > 0)
        {
            token.Add(letters.ToString());
            letters.Clear();
        }
    }

    private static string? MarkOf(Rune rune) => rune.Value switch
    {
        ' ' => "·",
        '\n' => "↵",
        '\t' => "⇥",
        _ when Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator => string.Create(CultureInfo.InvariantCulture, $"\\x{rune.Value:X2}"),
        _ => null,
    };
}
