using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using GgufConcepts.Tracing.Html;

namespace GgufConcepts.Tests.Tracing.Html;

public sealed class HtmlPageTests
{
    [Theory]
    [InlineData("</p><script>alert(1)</script>")]
    [InlineData("\" onclick=\"alert(1)")]
    [InlineData("' & &amp; &#x3C; ]]> <!-- -->")]
    [InlineData("مرحبا \u202E tail, emoji \U0001F468\u200D\U0001F469, 概念")]
    public void Element_AnyText_ComesBackAsItWas(string text)
    {
        XElement read = XDocument.Parse(Write(new HtmlElement("p", text).With("title", text))).Root!;

        Assert.Equal(text, read.Value);
        Assert.Equal(text, read.Attribute("title")!.Value);
        Assert.Empty(read.Elements());
        Assert.Single(read.Attributes());
    }

    [Fact]
    public void Element_EveryCharacterThereIs_IsWellFormed()
    {
        StringBuilder all = new();
        for (int code = 0; code <= 0xFFFF; code++)
        {
            all.Append((char)code).Append(' '); // halves of pairs stay alone
        }

        XElement read = XDocument.Parse(Write(new HtmlElement("p", all.ToString()))).Root!;
        Assert.Equal(2 * 0x10000, read.Value.Length);
        Assert.StartsWith("␀ ␁ ", read.Value, StringComparison.Ordinal);
        Assert.Equal('\uFFFD', read.Value[2 * 0xD800]);
    }

    [Theory]
    [InlineData("onclick", "alert(1)")]
    [InlineData("style", "background: url(https://example.org)")]
    [InlineData("src", "https://example.org")]
    [InlineData("href", "https://example.org")]
    [InlineData("href", "javascript:alert(1)")]
    [InlineData("href", "")]
    public void With_WhatRunsOrLoads_IsRefused(string attribute, string value) =>
        Assert.Throws<ArgumentException>(nameof(attribute), () => new HtmlElement("a").With(attribute, value));

    [Theory]
    [InlineData("script")]
    [InlineData("style")]
    [InlineData("img")]
    [InlineData("iframe")]
    public void Element_ThatRunsOrLoads_IsRefused(string name) =>
        Assert.Throws<ArgumentException>(nameof(name), () => new HtmlElement(name));

    [Fact]
    public void Page_Policy_AllowsItsOwnStyleAndScriptAlone()
    {
        string html = Page(new HtmlPage("A title"));
        XElement head = Parse(html).Root!.Elements().First();
        string policy = head.Elements().Single(meta => meta.Attribute("http-equiv") is not null).Attribute("content")!.Value;

        Assert.Equal(
            $"default-src 'none'; style-src {HashOf(html, "style")}; script-src {HashOf(html, "script")}; " +
            "base-uri 'none'; form-action 'none'",
            policy);
    }

    [Fact]
    public void Page_ItsOwnFiles_LoadNothingAndEndNothing()
    {
        string html = Page(new HtmlPage("A title"));

        Assert.DoesNotMatch(@"https?://(?!www\.w3\.org/1999/xhtml)", html);
        Assert.DoesNotMatch(@"url\(|@import|fetch\(|XMLHttpRequest|innerHTML|eval\(", html);
        Assert.Single(Regex.Matches(html, "</script", RegexOptions.IgnoreCase));
        Assert.Single(Regex.Matches(html, "</style", RegexOptions.IgnoreCase));
    }

    [Fact]
    public void Page_WrittenTwice_IsTheSame()
    {
        HtmlPage page = new("</title><b>");
        Assert.Equal(Page(page), Page(page));
        Assert.Equal("</title><b>", Parse(Page(page)).Descendants().Single(element => element.Name.LocalName == "title").Value);
    }

    [Theory]
    [InlineData(" Paris", "·Paris")]
    [InlineData("\n\t", "↵⇥")]
    [InlineData("a\u0007b", "a\\x07b")]
    [InlineData("\u202Egnp", "\\x202Egnp")]
    [InlineData("", "(no text)")]
    public void Token_WhatHasNoShape_CanBeSeen(string text, string shown) =>
        Assert.Equal(shown, XDocument.Parse(Write(HtmlToken.Make(text))).Root!.Value);

    [Fact]
    public void Token_TooLong_EndsInAnEllipsis()
    {
        Assert.Equal("·ab…", XDocument.Parse(Write(HtmlToken.Make(" abcd", most: 3))).Root!.Value);
        Assert.Equal("·ab", XDocument.Parse(Write(HtmlToken.Make(" ab", most: 3))).Root!.Value);
    }

    /// <summary>Reads a page with a parser that knows nothing of HTML: what is not well-formed throws.</summary>
    internal static XDocument Parse(string html)
    {
        using XmlReader reader = XmlReader.Create(
            new StringReader(html), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return XDocument.Load(reader, LoadOptions.PreserveWhitespace);
    }

    private static string HashOf(string html, string element)
    {
        string content = Regex.Match(html, $"<{element}>(.*?)</{element}>", RegexOptions.Singleline).Groups[1].Value;
        return $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}'";
    }

    private static string Page(HtmlPage page)
    {
        using StringWriter writer = new();
        page.WriteTo(writer);
        return writer.ToString();
    }

    private static string Write(HtmlElement element)
    {
        using StringWriter writer = new();
        element.WriteTo(writer);
        return writer.ToString();
    }
}
