using System.Globalization;

namespace GgufConcepts.Tracing.Html;

/// <summary>The page of one trace: what was asked, the thought, what it became in words, every step, every
/// setting.</summary>
internal static class ReportPage
{
    private const int LongPrompt = 140;
    private const int LongestHeading = 500;

    /// <summary>Makes the page.</summary>
    public static HtmlPage Make(Trace trace)
    {
        ReportSide side = new(trace);
        HtmlPage page = new($"{ReportText.Begin(trace.Prompt, 60)} – {trace.Strategy} – GgufConcepts");
        HtmlElement main = new HtmlElement("main").With("id", "main");
        bool plain = ReadingList.IsPlainText(trace);
        main.Add(new HtmlElement(
            "div",
            Section(plain ? "The text, token by token" : "The thought", Score.Make([side]) ?? NoSteps(), ThoughtNote(trace)),
            new HtmlElement(
                "div",
                trace.Chunks.Count > 0 ? Section("In words", ReadingList.Make(side)) : null,
                Section(plain ? "What it wrote" : "Answer", ReadingList.Answer(trace))).Class("after")).Class(Score.IsWide(trace.Steps.Count) ? null : "beside"));
        main.Add(trace.Steps.Count > 0 ? Section("Step by step", StepTable.Make(side)) : null);
        main.Add(Section("Settings", FieldTable.Make("run", [side], [RunFields.Of(trace)])));
        page.Body.Add(Skip(trace), Header(side), main, Footer());
        return page;
    }

    /// <summary>A part of a page under its heading.</summary>
    public static HtmlElement Section(string heading, params ReadOnlySpan<HtmlContent?> content)
    {
        string id = heading.ToLowerInvariant().Replace(' ', '-').Replace(",", "", StringComparison.Ordinal);
        return new HtmlElement("section", new HtmlElement("h2", heading).With("id", id)).Add(content).With("aria-labelledby", id);
    }

    /// <summary>What is asked, as a heading; a long text only begins there and can be opened.</summary>
    public static HtmlElement[] Prompt(string prompt, string heading = "h1")
    {
        if (string.IsNullOrWhiteSpace(prompt))
        {
            return [new HtmlElement(heading, HtmlToken.Make(prompt))];
        }

        string size = prompt.Length > LongPrompt ? "words long" : "words";
        if (prompt.Length <= LongestHeading)
        {
            return [new HtmlElement(heading, prompt).Class(size).With("dir", "auto")];
        }

        return
        [
            new HtmlElement(heading, $"{prompt[..LongestHeading].TrimEnd()}…").Class(size).With("dir", "auto"),
            new HtmlElement(
                "details",
                new HtmlElement("summary", $"The whole prompt, {ReportText.Count(prompt.Length, "character")}"),
                ReadingList.Words(prompt)),
        ];
    }

    /// <summary>Where the page says of itself what it is.</summary>
    public static HtmlElement Footer() => new("footer", new HtmlElement(
        "p", $"Written by ggufconcepts {typeof(ReportPage).Assembly.GetName().Version?.ToString(3)}. This file holds all it shows and loads nothing."));

    /// <summary>The first stop of the Tab key.</summary>
    public static HtmlElement? Skip(Trace trace) => trace.Steps.Count == 0 ? null
        : new HtmlElement("a", "To every step in a table").Class("skip hidden").With("href", "#step-by-step");

    private static HtmlElement Header(ReportSide side)
    {
        Trace trace = side.Trace;
        HtmlElement lead = Lead(trace);
        TraceTimings time = trace.Timings;
        HtmlElement facts = new HtmlElement("dl").Class("facts");
        facts.Add(
            Fact("model", trace.Model.Name, $"{trace.Model.Architecture}, {ReportText.Number(trace.Model.EmbeddingLength, 0)} wide, {ReportText.Count(trace.Model.VocabularySize, "token")}"),
            Fact("prompt", ReportText.Count(trace.PromptTokens.Count, "token"), $"read in {ReportText.Time(time.PromptMs)}"),
            trace.Steps.Count == 0 ? null : Fact(
                "entropy", $"{ReportText.Number(trace.Steps.Average(step => step.Entropy))} nats",
                $"mean; {ReportText.Number(trace.Steps.Min(step => step.Entropy))} to {ReportText.Number(trace.Steps.Max(step => step.Entropy))}"),
            Fact(ReadingList.IsPlainText(trace) ? "writing" : "thinking", ReportText.Time(time.StepsMs), $"{ReportText.Number(time.StepsPerSecond, 1)} steps a second"),
            trace.Chunks.Count == 0 ? null : Fact("reading", ReportText.Time(time.ReadMs), ReportText.Count(trace.Chunks.Count, "reading")),
            trace.Answer.Length == 0 || ReadingList.IsPlainText(trace) ? null : Fact("answer", ReportText.Time(time.AnswerMs), ReportText.Count(trace.Answer.Length, "character")),
            Fact("loading", ReportText.Time(time.LoadMs), null),
            Fact("seed", trace.Seed.ToString(CultureInfo.InvariantCulture), null));
        return new HtmlElement("header", new HtmlElement("p", "A trace of ", new HtmlElement("b", trace.Model.Name)).Class("eyebrow"))
            .AddAll(Prompt(trace.Prompt)).Add(lead, facts);
    }

    /// <summary>How long the thought was, by what rule, and why it stopped.</summary>
    public static HtmlElement Lead(Trace trace, params ReadOnlySpan<HtmlContent?> before)
    {
        HtmlElement lead = new HtmlElement("p", before).Class("lead").Add(
            new HtmlElement("b", ReportText.Count(trace.Steps.Count, "step")), " of strategy ", new HtmlElement("b", trace.Strategy), ". Stopped: ");
        HtmlElement name = new("code", trace.Stop);
        return ReportText.DescribeStop(trace) is { } why ? lead.Add($"{why} (", name, ").") : lead.Add(name, ".");
    }

    private static HtmlElement Fact(string name, string value, string? more) => new(
        "div", new HtmlElement("dt", name), new HtmlElement("dd", value, more is null ? null : new HtmlElement("small", more)));

    private static HtmlElement NoSteps() => new HtmlElement("p", "It has no steps.").Class("none");

    private static HtmlElement? ThoughtNote(Trace trace) => trace.Steps.Any(step => step.Kind == "hidden")
        ? new HtmlElement("p", "What went in is the model's own last hidden state, which is no mixture of tokens. The map shows what it " +
            "would likely have said at each step.").Class("note")
        : null;
}
