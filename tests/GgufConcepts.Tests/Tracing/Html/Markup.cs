using System.Xml.Linq;
using GgufConcepts.Tracing;

namespace GgufConcepts.Tests.Tracing.Html;

/// <summary>Finds things in a page, read by a parser of XML.</summary>
internal static class Markup
{
    public static XElement Of(Trace trace) => HtmlPageTests.Parse(TraceHtml.Write(trace)).Root!;

    public static XElement Of(Trace first, Trace second) => HtmlPageTests.Parse(TraceHtml.Write(first, second)).Root!;

    public static IEnumerable<XElement> Named(this XElement root, string name) =>
        root.Descendants().Where(element => element.Name.LocalName == name);

    public static IEnumerable<XElement> WithClass(this XElement root, string name) =>
        root.Descendants().Where(element => Classes(element).Contains(name));

    public static string[] Classes(this XElement element) => Get(element, "class")?.Split(' ') ?? [];

    public static string? Get(this XElement element, string attribute) => element.Attribute(attribute)?.Value;

    public static XElement ById(this XElement root, string id) => root.Descendants().Single(element => Get(element, "id") == id);
}
