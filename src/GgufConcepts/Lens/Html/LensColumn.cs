using System.Globalization;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing.Html;

namespace GgufConcepts.Lens.Html;

/// <summary>A position as a column of the grid, and what the page calls it.</summary>
/// <param name="Group">Name of the run, or <c>prompt</c>.</param>
/// <param name="Index">Number of the column, from 0.</param>
/// <param name="StartsGroup">Whether it is the first of its group.</param>
/// <param name="At">What was seen there.</param>
internal sealed record LensColumn(string Group, int Index, bool StartsGroup, LensPosition At)
{
    private const float Telling = 0.01f; // weight from which a token counts as part of a mixture

    /// <summary>All columns: the prompt's, then those of one run after another.</summary>
    public static LensColumn[] Of(LensReading reading)
    {
        List<LensColumn> columns = [];
        Add("prompt", reading.Prompt);
        foreach (LensRun run in reading.Runs)
        {
            Add(run.Strategy, run.Positions);
        }

        return [.. columns];

        void Add(string group, IReadOnlyList<LensPosition> positions) => columns.AddRange(
            positions.Select((at, i) => new LensColumn(group, columns.Count + i, i == 0, at)).ToArray());
    }

    /// <summary>Where and of what: <c>position 5, soft, step 0</c>.</summary>
    public string Name => At.Step is { } step
        ? string.Create(CultureInfo.InvariantCulture, $"position {At.Position}, {Group}, step {step}")
        : string.Create(CultureInfo.InvariantCulture, $"position {At.Position}, prompt");

    /// <summary>Id of the row that tells all of a layer.</summary>
    public string RowId(LensLayer layer) => string.Create(CultureInfo.InvariantCulture, $"at-{Index}-{layer.Layer}");

    /// <summary>Id of the table of this position.</summary>
    public string TableId => string.Create(CultureInfo.InvariantCulture, $"at-{Index}");

    /// <summary>What was fed there, short: a token, or the first of those mixed and how many more.</summary>
    public HtmlElement FedShort()
    {
        if (At.Token is { } token)
        {
            return HtmlToken.Make(token.Text, most: 12);
        }

        if (At.Kind == InputKind.Hidden || At.Mixture.Count == 0)
        {
            return new HtmlElement("span", "hidden");
        }

        int more = At.Mixture.Skip(1).Count(token => token.Probability >= Telling);
        return new HtmlElement(
            "span",
            HtmlToken.Make(At.Mixture[0].Text, most: 8),
            more > 0 ? string.Create(CultureInfo.InvariantCulture, $" +{more}") : null);
    }

    /// <summary>What was fed there, in full.</summary>
    public HtmlElement Fed() => At.Token is { } token ? HtmlToken.Make(token.Text)
        : At.Kind == InputKind.Hidden ? new HtmlElement("span", "a hidden state; the likeliest tokens were ", Mix(At.Mixture))
        : Mix(At.Mixture);

    /// <summary>Tokens and their weights, as a list.</summary>
    public static HtmlElement Mix(IReadOnlyList<TokenWeight> tokens) => new HtmlElement("ol").Class("mix").AddAll(tokens.Select(
        token => new HtmlElement("li", HtmlToken.Make(token.Text), " ",
            ReportText.Weight(token.Probability).Class($"pill {HeatRows.ColorOf(token.Probability)}".TrimEnd()))));

    /// <summary>What the page calls a layer.</summary>
    public static string NameOf(LensLayer layer) =>
        layer.Layer == 0 ? "input" : layer.Layer.ToString(CultureInfo.InvariantCulture);
}
