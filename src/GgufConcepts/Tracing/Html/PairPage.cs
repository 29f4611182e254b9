using System.Globalization;

namespace GgufConcepts.Tracing.Html;

/// <summary>The page of two traces: steps aligned by their place, differences marked, words beside each other.</summary>
internal static class PairPage
{
    /// <summary>Makes the page.</summary>
    public static HtmlPage Make(Trace first, Trace second)
    {
        ReportSide[] sides = [new(first, "A"), new(second, "B")];
        HtmlPage page = new($"{ReportText.Begin(first.Prompt, 40)} – {first.Strategy} and {second.Strategy} – GgufConcepts");
        bool anySteps = sides.Any(side => side.Trace.Steps.Count > 0);
        HtmlElement main = new HtmlElement("main").With("id", "main");
        main.Add(ReportPage.Section("Both thoughts", Score.Make(sides) ?? new HtmlElement("p", "Neither has steps.").Class("none")));
        main.Add(ReportPage.Section("In words", Columns(sides, side =>
            [new HtmlElement("h3", side.Badge(), " Readings"), ReadingList.Make(side)])));
        main.Add(ReportPage.Section("Answers", Columns(sides, side =>
            [new HtmlElement("h3", side.Badge(), " Answer"), ReadingList.Answer(side.Trace)])));
        main.Add(ReportPage.Section("Run by run", FieldTable.Make("outcome", sides, [.. sides.Select(side => Outcome(side.Trace))], marks: false)));
        main.Add(anySteps ? ReportPage.Section("Step by step", StepTable.Make(sides[0], sides[1])) : null);
        main.Add(ReportPage.Section("Settings", FieldTable.Make("run", sides, [.. sides.Select(side => (Field[])[new("", "prompt", side.Trace.Prompt), .. RunFields.Of(side.Trace)])])));
        page.Body.Add(ReportPage.Skip(anySteps && first.Steps.Count == 0 ? second : first), Header(sides), main, ReportPage.Footer());
        return page;
    }

    private static HtmlElement Header(ReportSide[] sides)
    {
        bool samePrompt = sides[0].Trace.Prompt == sides[1].Trace.Prompt;
        HtmlElement header = new("header", new HtmlElement("p", "Two traces side by side").Class("eyebrow"));
        if (samePrompt)
        {
            header.AddAll(ReportPage.Prompt(sides[0].Trace.Prompt));
        }
        else
        {
            header.Add(new HtmlElement("h1", "Two prompts"));
        }

        return header.Add(Columns(sides, side =>
        [
            .. samePrompt ? (HtmlElement[])[] :
            [
                new HtmlElement("div", new HtmlElement("span", "The prompts differ. ").Class("hidden"))
                    .AddAll(ReportPage.Prompt(side.Trace.Prompt, "h2")).Class("differs"),
            ],
            ReportPage.Lead(side.Trace, side.Badge(), $" {side.Trace.Model.Name}: "),
        ]));
    }

    private static HtmlElement Columns(ReportSide[] sides, Func<ReportSide, IEnumerable<HtmlElement>> content) =>
        new HtmlElement("div").Class("sides").AddAll(sides.Select(side => new HtmlElement("div").Class($"side {side.Letter}").AddAll(content(side))));

    private static Field[] Outcome(Trace trace)
    {
        IReadOnlyList<TraceStep> steps = trace.Steps;
        TraceTimings time = trace.Timings;
        return
        [
            new("", "stopped", trace.Stop),
            new("", "prompt tokens", Number(trace.PromptTokens.Count)),
            new("", "steps", Number(steps.Count)),
            new("", "entropy, mean", steps.Count == 0 ? "none" : $"{ReportText.Number(steps.Average(step => step.Entropy))} nats"),
            new("", "entropy, range", steps.Count == 0 ? "none"
                : $"{ReportText.Number(steps.Min(step => step.Entropy))} to {ReportText.Number(steps.Max(step => step.Entropy))} nats"),
            new("", "readings", Number(trace.Chunks.Count)),
            new("", "answer", ReportText.Count(trace.Answer.Length, "character")),
            new("", "time: load, prompt", $"{ReportText.Time(time.LoadMs)}, {ReportText.Time(time.PromptMs)}"),
            new("", "time: steps", $"{ReportText.Time(time.StepsMs)}, {ReportText.Number(time.StepsPerSecond, 1)} a second"),
            new("", "time: readings, answer", $"{ReportText.Time(time.ReadMs)}, {ReportText.Time(time.AnswerMs)}"),
        ];
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
