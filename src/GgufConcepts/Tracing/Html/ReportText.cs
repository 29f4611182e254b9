using System.Globalization;

namespace GgufConcepts.Tracing.Html;

/// <summary>How reports say numbers and names.</summary>
internal static class ReportText
{
    /// <summary>A number in at most so many decimals; very large ones by their exponent.</summary>
    public static string Number(double value, int decimals = 3) => Math.Abs(value) >= 1e9
        ? value.ToString("G4", CultureInfo.InvariantCulture)
        : value.ToString(decimals switch { 0 => "#,0", 1 => "#,0.0", 2 => "#,0.00", _ => "#,0.000" }, CultureInfo.InvariantCulture);

    /// <summary>A number with no more decimals than it needs, four at most: what somebody set.</summary>
    public static string Plain(double value) =>
        value.ToString(Math.Abs(value) is >= 1e6 or (> 0 and < 1e-3) ? "G3" : "0.####", CultureInfo.InvariantCulture);

    /// <summary>A count and what is counted: <c>1 step</c>, <c>1,024 steps</c>.</summary>
    public static string Count(long count, string thing) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:#,0} {thing}{(count == 1 ? "" : "s")}");

    /// <summary>A time: <c>1.9 ms</c>, <c>12.3 s</c>.</summary>
    public static string Time(double milliseconds) =>
        Math.Abs(milliseconds) < 10_000 ? $"{Number(milliseconds, 1)} ms" : $"{Number(milliseconds / 1000, 1)} s";

    /// <summary>A weight in so many places, without the zero before the point: <c>.512</c>, <c>&lt;.001</c>,
    /// <c>1</c>.</summary>
    public static string Share(double weight, int places = 3)
    {
        double half = 0.5 * Math.Pow(10, -places);
        return weight is < 0 or >= 1.5 ? Plain(weight)
            : weight >= 1 - half ? "1"
            : weight < half ? (weight == 0 ? "0" : $"<.{new string('0', places - 1)}1")
            : weight.ToString($".{new string('0', places)}", CultureInfo.InvariantCulture);
    }

    /// <summary>The weight as it was, and as people read it.</summary>
    public static HtmlElement Weight(double weight, int places = 3) =>
        new HtmlElement("data", Share(weight, places)).With("value", weight.ToString("R", CultureInfo.InvariantCulture));

    /// <summary>Steps by their index: <c>step 4</c>, <c>steps 4–7</c>.</summary>
    public static string Steps(int first, int count) => count == 1
        ? string.Create(CultureInfo.InvariantCulture, $"step {first}")
        : string.Create(CultureInfo.InvariantCulture, $"steps {first}–{(long)first + count - 1}");

    /// <summary>Why a thought stopped, in words; null where the name is not known.</summary>
    public static string? DescribeStop(Trace trace) => trace.Stop switch
    {
        "coldStop" => $"the entropy stayed below {Plain(StopRule.Of(trace).Entropy)} nats for {Count(StopRule.Of(trace).Patience, "step")}",
        "endMarker" => "the model ended its thought itself",
        "endOfText" => "the model would have ended the text here",
        "maxSteps" => "the limit on steps was reached",
        "contextFull" => "the context had no room for another step",
        "strategy" => "the strategy itself ended the thought",
        "cancelled" => "somebody cancelled the run; this is how far it came",
        "failed" => "the run failed; this is how far it came",
        _ => null,
    };

    /// <summary>The beginning of a text, for a title.</summary>
    public static string Begin(string text, int most)
    {
        string line = text.ReplaceLineEndings(" ").Trim();
        return line.Length <= most ? line : $"{line[..most]}…";
    }
}
