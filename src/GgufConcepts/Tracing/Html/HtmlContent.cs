namespace GgufConcepts.Tracing.Html;

/// <summary>Part of a page: an element or a text. A string becomes a text wherever content is wanted.</summary>
internal abstract class HtmlContent
{
    /// <summary>Writes markup that HTML and XML parsers read alike.</summary>
    public abstract void WriteTo(TextWriter writer);

    public static implicit operator HtmlContent(string text) => new HtmlText(text);
}
