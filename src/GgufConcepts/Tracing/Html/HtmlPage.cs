using System.Security.Cryptography;
using System.Text;

namespace GgufConcepts.Tracing.Html;

/// <summary>A page in one file: its style sheet and its script are in it, and it can load nothing else.</summary>
/// <remarks>The policy in its head allows exactly these two, by their hash, and no connection, picture, font or form.
/// The style sheet and the script are <c>page.css</c> and <c>page.js</c> beside this file.</remarks>
internal sealed class HtmlPage(string title)
{
    private static readonly Lazy<string> s_style = new(() => Read("page.css"));
    private static readonly Lazy<string> s_script = new(() => Read("page.js"));

    /// <summary>What is on the page.</summary>
    public HtmlElement Body { get; } = new("body");

    /// <summary>Writes the page.</summary>
    public void WriteTo(TextWriter writer)
    {
        string policy =
            $"default-src 'none'; style-src {Hash(s_style.Value)}; script-src {Hash(s_script.Value)}; base-uri 'none'; form-action 'none'";
        writer.Write("<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n");
        new HtmlElement(
            "head",
            "\n", new HtmlElement("meta").With("charset", "utf-8"),
            "\n", new HtmlElement("meta").With("http-equiv", "Content-Security-Policy").With("content", policy),
            "\n", new HtmlElement("meta").With("name", "viewport").With("content", "width=device-width, initial-scale=1"),
            "\n", new HtmlElement("meta").With("name", "color-scheme").With("content", "light dark"),
            "\n", new HtmlElement("title", title),
            "\n", new Inline("style", s_style.Value),
            "\n", new Inline("script", s_script.Value),
            "\n").WriteTo(writer);
        writer.Write('\n');
        Body.WriteTo(writer);
        writer.Write("\n</html>\n");
    }

    /// <summary>Writes the page to a file, whole or not at all.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <exception cref="ConceptInputException">The file cannot be written.</exception>
    public void Save(string path)
    {
        try
        {
            AtomicFile.Write(path, stream =>
            {
                using StreamWriter writer = new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 16, leaveOpen: true);
                WriteTo(writer);
            });
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new ConceptInputException($"Cannot write the report to {path}: {problem.Message}", problem);
        }
    }

    private static string Hash(string content) =>
        $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}'";

    /// <summary>A file of ours, between marks that make it one text for XML and a comment for HTML.</summary>
    private static string Read(string name)
    {
        using Stream stream = typeof(HtmlPage).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The library was built without {name}.");
        using StreamReader reader = new(stream);
        return $"/*<![CDATA[*/\n{reader.ReadToEnd().ReplaceLineEndings("\n")}/*]]>*/";
    }

    private sealed class Inline(string name, string content) : HtmlContent
    {
        public override void WriteTo(TextWriter writer)
        {
            writer.Write($"<{name}>");
            writer.Write(content);
            writer.Write($"</{name}>");
        }
    }
}
