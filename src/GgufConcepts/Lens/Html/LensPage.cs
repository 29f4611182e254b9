using System.Globalization;
using GgufConcepts.Models;
using GgufConcepts.Tracing.Html;

namespace GgufConcepts.Lens.Html;

/// <summary>The page of a look through a lens: the grid, the entropy by layer, and everything in tables.</summary>
internal static class LensPage
{
    /// <summary>Makes the page.</summary>
    public static HtmlPage Make(ModelInfo model, string prompt, LensReading reading)
    {
        LensColumn[] columns = LensColumn.Of(reading);
        HtmlPage page = new($"{ReportText.Begin(prompt, 60)} – lens – GgufConcepts");
        HtmlElement main = new HtmlElement("main").With("id", "main");
        if (columns.Length == 0)
        {
            main.Add(new HtmlElement("p", "No position was looked at.").Class("none"));
        }
        else
        {
            main.Add(
                ReportPage.Section("Layer by layer", Note(), LensGrid.Make(columns)),
                columns.Length > 1 ? ReportPage.Section("Entropy by layer", LensDetails.Entropies(columns)) : null,
                ReportPage.Section("Position by position", LensDetails.Make(reading, columns)));
        }

        page.Body.Add(
            new HtmlElement("a", "To every position in a table").Class("skip hidden").With("href", "#position-by-position"),
            Header(model, prompt, reading),
            main,
            ReportPage.Footer());
        return page;
    }

    private static HtmlElement Header(ModelInfo model, string prompt, LensReading reading)
    {
        HtmlElement lead = new HtmlElement(
            "p",
            "The state after every layer, read through the final norm and the output matrix, as if the model ended there.").Class("lead");
        HtmlElement facts = new HtmlElement("dl").Class("facts");
        facts.Add(
            Fact("model", model.Name, $"{model.Architecture}, {ReportText.Count(model.LayerCount, "layer")}, {ReportText.Number(model.EmbeddingLength, 0)} wide"),
            Fact("prompt", ReportText.Count(reading.PromptTokens.Count, "token"), null),
            Fact("runs", reading.Runs.Count > 0 ? string.Join(", ", reading.Runs.Select(run => run.Strategy)) : "none", null),
            reading.Target is { } target ? Fact("followed", HtmlToken.Describe(target.Text), null) : null,
            Fact(
                "last layer",
                string.Create(CultureInfo.InvariantCulture, $"{reading.LargestDifference:G2}"),
                "largest difference from the model's own distribution"));
        return new HtmlElement("header", new HtmlElement("p", "The layers of ", new HtmlElement("b", model.Name)).Class("eyebrow"))
            .AddAll(ReportPage.Prompt(prompt)).Add(lead, facts);
    }

    private static HtmlElement Note() => new HtmlElement(
        "p",
        "A cell shows what a layer finds likeliest to come next, after what is written above its column was fed. Only the last layer was " +
        "trained to be read so: an earlier one may hold what it does not show.").Class("note");

    private static HtmlElement Fact(string name, string value, string? more) => new(
        "div", new HtmlElement("dt", name), new HtmlElement("dd", value, more is null ? null : new HtmlElement("small", more)));
}
