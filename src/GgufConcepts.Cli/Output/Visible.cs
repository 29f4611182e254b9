using System.Globalization;
using System.Text;
using Spectre.Console;

namespace GgufConcepts.Cli.Output;

/// <summary>Text of a model made fit for a terminal.</summary>
internal static class Visible
{
    /// <summary>A token in a table: its spaces, line breaks and control characters can be seen.</summary>
    public static string Token(string text)
    {
        StringBuilder visible = new(text.Length);
        foreach (char character in text)
        {
            _ = character switch
            {
                ' ' => visible.Append('·'),
                '\n' => visible.Append('↵'),
                '\t' => visible.Append('⇥'),
                _ when char.IsControl(character) || IsInvisible(character) => visible.Append(CultureInfo.InvariantCulture, $"\\x{(int)character:X2}"),
                _ => visible.Append(character),
            };
        }

        return visible.ToString();
    }

    /// <summary>A text that takes at most so many columns of a terminal; the rest is left out where it does not
    /// fit.</summary>
    public static string Cut(string text, int columns)
    {
        if (text.GetCellWidth() <= columns)
        {
            return text;
        }

        StringBuilder cut = new();
        int used = 1; // the mark
        foreach (Rune rune in text.EnumerateRunes())
        {
            string character = rune.ToString();
            used += character.GetCellWidth();
            if (used > columns)
            {
                break;
            }

            cut.Append(character);
        }

        return cut.Append('…').ToString();
    }

    /// <summary>As many parts as fit so many columns, two blanks between; of the first one at least the
    /// beginning.</summary>
    public static string Fit(IReadOnlyList<string> parts, int columns)
    {
        StringBuilder line = new();
        int used = 0;
        foreach (string part in parts)
        {
            int more = part.GetCellWidth() + (used > 0 ? 2 : 0);
            if (used > 0 && used + more > columns)
            {
                break;
            }

            line.Append(used > 0 ? "  " : "").Append(Cut(part, columns));
            used += more;
        }

        return line.ToString();
    }

    /// <summary>Running text: as it is, but no control character can command the terminal.</summary>
    public static string Text(string text) =>
        string.Create(text.Length, text, static (target, source) =>
        {
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = char.IsControl(source[i]) && source[i] is not ('\n' or '\t' or '\r') ? '\uFFFD' : source[i];
            }
        });

    // U+200B, a soft hyphen, or what turns the direction of writing around
    private static bool IsInvisible(char character) => char.GetUnicodeCategory(character) is UnicodeCategory.Format;

    /// <summary>A probability in three places: <c>.512</c>, <c>1</c>.</summary>
    public static string Share(float probability) => probability >= 0.9995f
        ? "1"
        : probability.ToString(".000", CultureInfo.InvariantCulture);
}
