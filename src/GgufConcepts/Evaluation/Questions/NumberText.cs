using System.Globalization;
using System.Text.RegularExpressions;

namespace GgufConcepts.Evaluation.Questions;

/// <summary>Numbers in running English text.</summary>
/// <remarks>Commas and narrow or hard spaces group thousands, a point divides decimals, a currency sign may stand
/// before, <c>3/4</c> and <c>\frac{3}{4}</c> are one number. A minus between digits is subtraction. Units and per cent
/// signs are passed over.</remarks>
internal static partial class NumberText
{
    /// <summary>A number in a text.</summary>
    /// <param name="Value">In plain digits: <c>1234.5</c>.</param>
    /// <param name="End">Where it ends in the text.</param>
    public readonly record struct Found(string Value, int End);

    /// <summary>The first number from a place on.</summary>
    public static Found? First(string text, int from = 0) => Read(Number().Match(text, from));

    /// <summary>The last number.</summary>
    public static Found? Last(string text)
    {
        Found? last = null;
        for (Match match = Number().Match(text); match.Success; match = match.NextMatch())
        {
            last = Read(match) ?? last;
        }

        return last;
    }

    /// <summary>A text that is a number and nothing else, in plain digits; null where it is none.</summary>
    public static string? Whole(string text)
    {
        text = text.Trim();
        Match match = Number().Match(text);
        return match is { Success: true, Index: 0 } && match.Length == text.TrimEnd('%', '.').TrimEnd().Length
            ? Read(match)?.Value
            : null;
    }

    private static Found? Read(Match match)
    {
        if (!match.Success || Parse(Digits(match.Groups["whole"].Value)) is not { } number)
        {
            return null;
        }

        if (match.Groups["below"] is { Success: true, Value: { } below })
        {
            if (Parse(Digits(below)) is not { } divisor || divisor == 0)
            {
                return null;
            }

            number /= divisor;
        }

        number = match.Groups["minus"].Success ? -number : number;
        return new Found(Plain(number), match.Index + match.Length);
    }

    private static decimal? Parse(string digits) =>
        decimal.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) ? number : null;

    private static string Digits(string grouped) => string.Concat(
        grouped.Where(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '+' or '-'));

    /// <summary>Without zeros at the end: 18.00 and 18 are one number.</summary>
    private static string Plain(decimal number) =>
        number == 0 ? "0" : number.ToString("0.############################", CultureInfo.InvariantCulture);

    // no letter or digit before, nor the digit and point of a number that was taken already
    private const string Start = @"(?<![\p{L}\d])(?<!\d\.)";
    private const string Minus = @"(?<minus>(?<![\p{L}\d)\]])(?<![\d)\]]\s)[-\u2212])?";
    private const string Currency = @"(?:\\?[$\u20AC\u00A3\u00A5\u20B9]\s?)?";
    private const string MinusAfter = @"(?<minus>(?<=[$\u20AC\u00A3\u00A5\u20B9]\s?)[-\u2212])?"; // $-5
    private const string Group = @"(?:,|\{,\}|\\,|\\!|[\u00A0\u202F])";
    private const string Exponent = @"(?:[eE][-+]?\d{1,2}(?![\p{L}\d]))?";
    private const string Unsigned =
        $@"(?:\d{{1,3}}(?:{Group}\d{{3}})+(?!\d)|\d+)(?:\.\d+)?{Exponent}|(?<!\.)\.\d+";
    private const string Fraction = @"\\[dt]?frac\s?\{(?<whole>\d+)\}\s?\{(?<below>\d+)\}";

    [GeneratedRegex($@"{Minus}{Currency}{MinusAfter}(?:{Fraction}|{Start}(?<whole>{Unsigned})(?:/(?<below>\d+)(?![\d/]))?)")]
    private static partial Regex Number();
}
