namespace GgufConcepts.Tracing.Html;

/// <summary>Tokens in a row, each with a number.</summary>
internal static class TokenList
{
    /// <summary>Tokens and what each weighs, 0 to 1, coloured by it.</summary>
    public static HtmlElement Weights<T>(IReadOnlyList<T> items, Func<T, string> text, Func<T, double> weight) =>
        Make(items, text, item => Pill(weight(item)));

    /// <summary>A weight on its colour.</summary>
    public static HtmlElement Pill(double weight) =>
        ReportText.Weight(weight).Class($"pill {HeatRows.ColorOf(weight)}".TrimEnd());

    /// <summary>Tokens with any number.</summary>
    public static HtmlElement Make<T>(IReadOnlyList<T> items, Func<T, string> text, Func<T, HtmlElement> number) => items.Count == 0
        ? new HtmlElement("span", "none").Class("none")
        : new HtmlElement("ol").Class("mix").AddAll(items.Select(
            item => new HtmlElement("li", HtmlToken.Make(text(item)), " ", number(item))));
}
