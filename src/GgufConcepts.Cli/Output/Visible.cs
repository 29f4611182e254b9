using System.Globalization;
using System.Text;

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
                _ when char.IsControl(character) => visible.Append(CultureInfo.InvariantCulture, $"\\x{(int)character:X2}"),
                _ => visible.Append(character),
            };
        }

        return visible.ToString();
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

    /// <summary>A probability in three places: <c>.512</c>, <c>1</c>.</summary>
    public static string Share(float probability) => probability >= 0.9995f
        ? "1"
        : probability.ToString(".000", CultureInfo.InvariantCulture);
}
