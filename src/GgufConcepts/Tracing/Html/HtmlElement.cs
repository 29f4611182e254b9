using System.Globalization;

namespace GgufConcepts.Tracing.Html;

/// <summary>An element. What it is made of comes from our code, what it says may come from anybody.</summary>
/// <remarks>It cannot hold a script, a style, or a link that leads out of the page: the names are refused.</remarks>
internal sealed class HtmlElement : HtmlContent
{
    private static readonly HashSet<string> s_void = ["br", "col", "hr", "meta"];
    private static readonly HashSet<string> s_refused = ["script", "style", "iframe", "object", "embed", "base", "link", "img"];

    private readonly string _name;
    private readonly List<KeyValuePair<string, string>> _attributes = [];
    private readonly List<HtmlContent> _children = [];

    /// <summary>Creates an element.</summary>
    /// <param name="name">Its name, in lower case.</param>
    /// <param name="children">What is in it; null is left out.</param>
    public HtmlElement(string name, params ReadOnlySpan<HtmlContent?> children)
    {
        if (s_refused.Contains(name))
        {
            throw new ArgumentException($"A page has no '{name}'.", nameof(name));
        }

        _name = name;
        Add(children);
    }

    /// <summary>Sets an attribute, in the place of one of that name; null leaves it out.</summary>
    public HtmlElement With(string attribute, string? value)
    {
        if (attribute.StartsWith("on", StringComparison.Ordinal) || attribute is "style" or "src" or "action" or "formaction" ||
            (attribute is "href" && value?.StartsWith('#') == false))
        {
            throw new ArgumentException($"An element has no {attribute}=\"{value}\": it would run or load something.", nameof(attribute));
        }

        _attributes.RemoveAll(there => there.Key == attribute);
        if (value is not null)
        {
            _attributes.Add(new(attribute, value));
        }

        return this;
    }

    /// <summary>Sets an attribute to a number, in at most three decimals.</summary>
    public HtmlElement With(string attribute, double value) =>
        With(attribute, value.ToString("0.###", CultureInfo.InvariantCulture));

    /// <summary>Sets the classes, which the style sheet knows; null for none.</summary>
    public HtmlElement Class(string? names) => With("class", names);

    /// <summary>Adds content; null is left out.</summary>
    public HtmlElement Add(params ReadOnlySpan<HtmlContent?> children)
    {
        foreach (HtmlContent? child in children)
        {
            if (child is not null)
            {
                _children.Add(child);
            }
        }

        return this;
    }

    /// <summary>Adds content.</summary>
    public HtmlElement AddAll(IEnumerable<HtmlContent> children)
    {
        _children.AddRange(children);
        return this;
    }

    public override void WriteTo(TextWriter writer)
    {
        writer.Write('<');
        writer.Write(_name);
        foreach ((string name, string value) in _attributes)
        {
            writer.Write(' ');
            writer.Write(name);
            writer.Write("=\"");
            HtmlText.Write(value, writer);
            writer.Write('"');
        }

        if (s_void.Contains(_name))
        {
            writer.Write(" />");
            return;
        }

        writer.Write('>');
        foreach (HtmlContent child in _children)
        {
            child.WriteTo(writer);
        }

        writer.Write("</");
        writer.Write(_name);
        writer.Write('>');
    }
}
