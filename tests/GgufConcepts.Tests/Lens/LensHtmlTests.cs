using System.Xml.Linq;
using GgufConcepts.Lens;
using GgufConcepts.Models;
using GgufConcepts.Tests.Tracing.Html;

namespace GgufConcepts.Tests.Lens;

public sealed class LensHtmlTests(LoadedModels models)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Write_TwoRuns_HasACellForEveryLayerAndPosition()
    {
        ConceptModel model = models.Committed("atlas");
        (LensReading reading, XElement page) = Make(model, "The capital of France is", new LensOptions { MaxSteps = 2 });
        XElement grid = Named(page, "table").First(table => Class(table).Contains("grid", StringComparison.Ordinal));
        XElement[] rows = [.. Named(Named(grid, "tbody").Single(), "tr")];

        Assert.Equal(model.Info.LayerCount + 1, rows.Length);
        Assert.All(rows, row => Assert.Equal(1 + 2 + 2, Named(row, "td").Count())); // the prompt's last, two steps of each run
        Assert.Equal(["prompt", "soft", "token"], Named(grid, "th").Where(head => (string?)head.Attribute("scope") == "colgroup").Select(head => head.Value));

        XElement last = Named(rows[^1], "td").First();
        Assert.Equal("·Paris", last.Value);
        Assert.Contains("chosen", Class(last), StringComparison.Ordinal);
        Assert.Contains("prompt, layer 4: ·Paris .51", (string?)Named(last, "a").Single().Attribute("aria-label"), StringComparison.Ordinal);
        Assert.Contains(Named(page, "dd"), value => value.Value.StartsWith(
            $"{reading.LargestDifference:G2}largest difference", StringComparison.Ordinal));
    }

    [Fact]
    public void Write_EveryLinkAndCard_LeadsSomewhere()
    {
        XElement page = Make(models.Committed("atlas"), "The capital of Spain is", new LensOptions { Positions = LensPositions.All }).Page;
        string[] ids = [.. page.DescendantsAndSelf().Attributes("id").Select(id => id.Value)];

        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(Named(page, "a"), link => Assert.Contains(((string?)link.Attribute("href"))![1..], ids));
        Assert.All(page.Descendants().Attributes("data-card"), card => Assert.Contains(card.Value, ids));
        Assert.All(page.Descendants().Attributes("aria-describedby"), card => Assert.Contains(card.Value, ids));
        Assert.All(page.Descendants().Attributes("aria-labelledby"), card => Assert.Contains(card.Value, ids));
    }

    [Fact]
    public void Write_PromptThatIsMarkup_StaysText()
    {
        const string Prompt = "<script>alert(1)</script> \" & is";
        XElement page = Make(models.Committed("atlas"), Prompt, new LensOptions { Strategies = [] }).Page;

        Assert.Equal(Prompt, Named(page, "h1").Single().Value);
        Assert.Single(Named(page, "script"));
    }

    private static (LensReading Reading, XElement Page) Make(ConceptModel model, string prompt, LensOptions options)
    {
        using LogitLens lens = new(model);
        LensReading reading = lens.Look(prompt, options, cancellation: Token);
        return (reading, HtmlPageTests.Parse(LensHtml.Write(model.Info, prompt, reading)).Root!);
    }

    private static IEnumerable<XElement> Named(XElement root, string name) =>
        root.Descendants().Where(element => element.Name.LocalName == name);

    private static string Class(XElement element) => (string?)element.Attribute("class") ?? "";
}
