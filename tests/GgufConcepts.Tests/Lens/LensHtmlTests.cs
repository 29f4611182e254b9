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
        XElement grid = page.WithClass("grid").Single();
        XElement[] rows = [.. grid.Named("tbody").Single().Named("tr")];

        Assert.Equal(model.Info.LayerCount + 1, rows.Length);
        Assert.All(rows, row => Assert.Equal(1 + 2 + 2, row.Named("td").Count())); // the prompt's last, two steps of each run
        Assert.Equal(["prompt", "soft", "token"], grid.Named("th").Where(head => head.Get("scope") == "colgroup").Select(head => head.Value));

        XElement last = rows[^1].Named("td").First();
        Assert.Equal("·Paris", last.Value);
        Assert.Contains("chosen", last.Classes());
        Assert.Contains("prompt, layer 4: ·Paris .51", last.Named("a").Single().Get("aria-label"), StringComparison.Ordinal);
        Assert.Contains(page.Named("dd"), value => value.Value.StartsWith(
            $"{reading.LargestDifference:G2}largest difference", StringComparison.Ordinal));
    }

    [Fact]
    public void Write_EveryLinkAndCard_LeadsSomewhere()
    {
        XElement page = Make(models.Committed("atlas"), "The capital of Spain is", new LensOptions { Positions = LensPositions.All }).Page;
        string[] ids = [.. page.DescendantsAndSelf().Attributes("id").Select(id => id.Value)];

        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(page.Named("a"), link => Assert.Contains(link.Get("href")![1..], ids));
        Assert.All(page.Descendants().Attributes("data-card"), card => Assert.Contains(card.Value, ids));
        Assert.All(page.Descendants().Attributes("aria-describedby"), card => Assert.Contains(card.Value, ids));
        Assert.All(page.Descendants().Attributes("aria-labelledby"), card => Assert.Contains(card.Value, ids));
    }

    [Fact]
    public void Write_PromptThatIsMarkup_StaysText()
    {
        const string Prompt = "<script>alert(1)</script> \" & is";
        XElement page = Make(models.Committed("atlas"), Prompt, new LensOptions { Strategies = [] }).Page;

        Assert.Equal(Prompt, page.Named("h1").Single().Value);
        Assert.Single(page.Named("script"));
    }

    private static (LensReading Reading, XElement Page) Make(ConceptModel model, string prompt, LensOptions options)
    {
        using LogitLens lens = new(model);
        LensReading reading = lens.Look(prompt, options, cancellation: Token);
        return (reading, HtmlPageTests.Parse(LensHtml.Write(model.Info, prompt, reading)).Root!);
    }
}
