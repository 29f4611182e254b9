using System.Globalization;

namespace GgufConcepts.Tracing.Html;

/// <summary>A trace on a page: alone, or one of two.</summary>
/// <param name="Trace">The trace.</param>
/// <param name="Letter"><c>A</c> or <c>B</c>; empty where it is alone.</param>
internal sealed record ReportSide(Trace Trace, string Letter = "")
{
    /// <summary>The rule that was to stop it.</summary>
    public StopRule Stop { get; } = StopRule.Of(Trace);

    /// <summary>Its chunks, where they are.</summary>
    public IReadOnlyList<ChunkSpan> Chunks { get; } = ChunkSpan.Find(Trace);

    /// <summary>Id of a reading's place on the page.</summary>
    public string ReadingId(int number) => string.Create(CultureInfo.InvariantCulture, $"{Letter}reading-{number}");

    /// <summary>Id of a step's place on the page.</summary>
    public static string StepId(int column) => string.Create(CultureInfo.InvariantCulture, $"step-{column}");

    /// <summary>The side's letter in a box of its colour; nothing where it is alone.</summary>
    public HtmlElement? Badge() => Letter.Length == 0 ? null : new HtmlElement("b", Letter).Class($"badge {Letter}");
}
