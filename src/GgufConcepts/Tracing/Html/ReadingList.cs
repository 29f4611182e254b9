namespace GgufConcepts.Tracing.Html;

/// <summary>What a thought became in words: its readings, and what the model wrote after it.</summary>
internal static class ReadingList
{
    /// <summary>The readings, one an item.</summary>
    public static HtmlElement Make(ReportSide side) => side.Chunks.Count == 0
        ? new HtmlElement("p", "Nobody read this thought.").Class("none")
        : new HtmlElement("ol").Class("readings").AddAll(side.Chunks.Select(span => Reading(side, span)));

    /// <summary>What the model wrote after its thought, or why there is nothing.</summary>
    public static HtmlElement Answer(Trace trace) => trace.Answer.Length > 0
        ? new HtmlElement(
            "div",
            Words(trace.Answer).Class("words answer"),
            trace.AnswerStop is { } stop ? new HtmlElement("p", $"It ended there: {DescribeEnd(stop)}.").Class("note") : null)
        : new HtmlElement("p", WhyNoAnswer(trace)).Class("none");

    /// <summary>Whether what it wrote is the steps themselves, as in plain generation.</summary>
    public static bool IsPlainText(Trace trace) => trace.Steps.Count > 0 && trace.Answer.Length > 0 &&
        trace.Steps.All(step => step.Chosen is not null) && !trace.Settings.ContainsKey("answer");

    /// <summary>Words of a model or a person, in their own direction; a note where there are none.</summary>
    public static HtmlElement Words(string words, string none = "") => words.Length > 0
        ? new HtmlElement("p", words).Class("words").With("dir", "auto")
        : new HtmlElement("p", none).Class("none");

    private static HtmlElement Reading(ReportSide side, ChunkSpan span)
    {
        IReadOnlyList<Field> others = OtherFields.Of(span.Chunk);
        return new HtmlElement(
            "li",
            new HtmlElement("p", ReportText.Steps(span.Chunk.FirstStep, span.Chunk.StepCount), span.Chunk.Replaced ? ", whose place these words took" : null)
                .Class("note"),
            Words(span.Chunk.Translation, "(no words)"),
            new HtmlElement("div").AddAll(ReadingDetails.Make(span.Chunk)).Class("details"),
            others.Count == 0 ? null : FieldTable.Make("More about this reading", [side], [others])).With("id", side.ReadingId(span.Number));
    }

    private static string DescribeEnd(string stop) => stop switch
    {
        "endOfText" => "the model ended the text",
        "maxTokens" => "the limit on its tokens was reached",
        "contextFull" => "the context had no room for more",
        _ => stop,
    };

    private static string WhyNoAnswer(Trace trace) =>
        trace.Settings["answer"] is System.Text.Json.Nodes.JsonObject answer && answer["maxTokens"]?.ToJsonString() == "0" ? "None was asked for."
        : trace.Stop == "endOfText" ? "None: the text had come to its end."
        : trace.Stop is "cancelled" or "failed" ? "None: the run did not get there."
        : "None: the model wrote nothing.";
}
