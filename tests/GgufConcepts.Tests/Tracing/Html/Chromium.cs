using System.Text.Json;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Tracing.Html;

/// <summary>The browser of this machine, and what <c>tests/browser</c> looks at pages with.</summary>
internal static class Chromium
{
    private static readonly string[] s_names =
        ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome.exe", "msedge.exe"];

    private static readonly string[] s_folders =
    [
        .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator),
        "/Applications/Google Chrome.app/Contents/MacOS", "/Applications/Chromium.app/Contents/MacOS",
        @"C:\Program Files\Google\Chrome\Application", @"C:\Program Files (x86)\Microsoft\Edge\Application",
    ];

    /// <summary>Looks at written pages.</summary>
    public static async Task<JsonElement[]> LookAsync(IEnumerable<string> pages, CancellationToken cancellation) =>
        [.. (await RunAsync("check.mjs", pages, cancellation)).EnumerateArray()];

    /// <summary>Runs a script of <c>tests/browser</c> and reads what it prints; skips the test where there is no browser, no
    /// Node.js, or nothing to look with.</summary>
    public static async Task<JsonElement> RunAsync(string script, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        string? browser = Environment.GetEnvironmentVariable("GGUFCONCEPTS_CHROMIUM") is { Length: > 0 } set ? set : Find(s_names);
        Assert.SkipWhen(browser is null, "There is no Chromium: install it, or set GGUFCONCEPTS_CHROMIUM to its program.");
        OtherPrograms.Outcome ran = await OtherPrograms.NodeAsync("browser", script, [browser!, .. arguments], cancellation);
        Assert.SkipWhen(ran.Missing is not null, ran.Missing ?? "");
        Assert.True(ran.Code == 0, $"{script} ended with {ran.Code}: {ran.Error}");
        return JsonElement.Parse(ran.Output);
    }

    private static string? Find(string[] names) => s_folders.Where(folder => folder.Length > 0)
        .SelectMany(folder => names.Concat(OperatingSystem.IsMacOS() ? ["Google Chrome", "Chromium"] : []).Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);
}
