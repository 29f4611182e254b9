using System.Reflection;
using System.Security.Cryptography;
using GgufConcepts.Tracing;
using Microsoft.Net.Http.Headers;

namespace GgufConcepts.Hosting.Page;

/// <summary>One file that the page is made of.</summary>
/// <param name="Name">Its name, without a folder.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="Type">What it is, as HTTP says it.</param>
/// <param name="Tag">Changes with its content.</param>
internal sealed record PageFile(string Name, ReadOnlyMemory<byte> Content, string Type, EntityTagHeaderValue Tag)
{
    private const string Folder = "Page/";

    /// <summary>The page itself.</summary>
    public static PageFile Index { get; } = Read(typeof(PageFile).Assembly, $"{Folder}index.html", "index.html");

    /// <summary>What it loads: scripts, its style sheet, and that of the reports.</summary>
    public static IReadOnlyList<PageFile> Parts { get; } =
    [
        Read(typeof(TraceHtml).Assembly, "page.css", "report.css"),
        .. typeof(PageFile).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal) && !name.EndsWith(".html", StringComparison.Ordinal))
            .Select(name => Read(typeof(PageFile).Assembly, name, name[Folder.Length..])),
    ];

    private static PageFile Read(Assembly assembly, string resource, string name)
    {
        using Stream stream = assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"{assembly.GetName().Name} was built without {resource}.");
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        string hash = Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 16));
        return new PageFile(name, content, TypeOf(name), new EntityTagHeaderValue($"\"{hash}\""));
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => throw new InvalidOperationException($"The page has no type for {name}."),
    };
}
