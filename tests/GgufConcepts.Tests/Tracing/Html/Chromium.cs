using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace GgufConcepts.Tests.Tracing.Html;

/// <summary>The browser of this machine, and what <c>tests/browser</c> looks at pages with.</summary>
internal static class Chromium
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(4); // a busy machine; a quiet one needs 15 seconds
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
        string folder = FindFolder();
        await FetchAsync(folder, cancellation);
        (int code, string output, string error) =
            await RunAsync("node", [script, browser!, .. arguments], folder, cancellation);
        Assert.True(code == 0, $"{script} ended with {code}: {error}");
        using JsonDocument seen = JsonDocument.Parse(output);
        return seen.RootElement.Clone();
    }

    /// <summary>Runs npm ci where it has not run since the lock changed.</summary>
    private static async Task FetchAsync(string folder, CancellationToken cancellation)
    {
        FileInfo done = new(Path.Combine(folder, "node_modules", ".package-lock.json"));
        if (done.Exists && done.LastWriteTimeUtc >= File.GetLastWriteTimeUtc(Path.Combine(folder, "package-lock.json")))
        {
            return;
        }

        string? npm = Find(OperatingSystem.IsWindows() ? ["npm.cmd"] : ["npm"]);
        Assert.SkipWhen(npm is null, "npm is not on the PATH, and it fetches what looks at pages (tests/browser).");
        (int code, _, string error) = await RunAsync(
            npm!, ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], folder, cancellation);
        Assert.SkipUnless(code == 0, $"npm ci failed in tests/browser: {error.ReplaceLineEndings(" ").Trim()}");
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(
        string program, IEnumerable<string> arguments, string folder, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_timeout);
        using Process process = new()
        {
            StartInfo = new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true,
            },
        };
        try
        {
            process.Start();
        }
        catch (Win32Exception problem)
        {
            Assert.Skip($"{program} cannot be started: {problem.Message}");
        }

        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static string? Find(string[] names) => s_folders.Where(folder => folder.Length > 0)
        .SelectMany(folder => names.Concat(OperatingSystem.IsMacOS() ? ["Google Chrome", "Chromium"] : []).Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    private static string FindFolder()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string folder = Path.Combine(at.FullName, "tests", "browser");
            if (File.Exists(Path.Combine(folder, "check.mjs")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} has tests/browser.");
    }
}
