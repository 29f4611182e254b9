using GgufConcepts.Tracing.Html;

namespace GgufConcepts.Tracing;

/// <summary>Traces as a page for people: one file that loads nothing from anywhere, for screen, paper and screen
/// reader.</summary>
/// <remarks>A trace may come from anybody; whatever its texts hold stays text.</remarks>
public static class TraceHtml
{
    /// <summary>The page of one trace.</summary>
    public static string Write(Trace trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        return Write(ReportPage.Make(trace));
    }

    /// <summary>The page of two traces side by side, their steps aligned by index.</summary>
    public static string Write(Trace first, Trace second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return Write(PairPage.Make(first, second));
    }

    /// <summary>Writes the page of one trace to a file, whole or not at all.</summary>
    /// <exception cref="ConceptInputException">The file cannot be written.</exception>
    public static void Save(Trace trace, string path)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentNullException.ThrowIfNull(path);
        ReportPage.Make(trace).Save(path);
    }

    /// <summary>Writes the page of two traces to a file, whole or not at all.</summary>
    /// <exception cref="ConceptInputException">The file cannot be written.</exception>
    public static void Save(Trace first, Trace second, string path)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentNullException.ThrowIfNull(path);
        PairPage.Make(first, second).Save(path);
    }

    private static string Write(HtmlPage page)
    {
        using StringWriter writer = new();
        page.WriteTo(writer);
        return writer.ToString();
    }
}
