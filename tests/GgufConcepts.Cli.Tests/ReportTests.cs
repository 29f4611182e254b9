using System.Xml;
using System.Xml.Linq;
using GgufConcepts.Testing;

namespace GgufConcepts.Cli.Tests;

/// <summary>Pages: <c>--html</c> of a run, <c>report</c> of saved traces.</summary>
public sealed class ReportTests : IDisposable
{
    private static readonly string s_model = TinyModels.Path(TinyArchitecture.Qwen2);
    private static readonly string[] s_short = ["--max-steps", "4", "--stop-entropy", "0", "--answer-tokens", "6", "--read-tokens", "4"];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ThinkHtml_WithTrace_IsThePageThatReportWritesOfIt()
    {
        (string json, string html) = (_folder.File("thought.json"), _folder.File("page.html"));
        Outcome run = await Cli.RunWithAsync(
            s_model, ["think", "The capital of <France> is", "--chunk", "2", "--trace", json, "--html", html, "--json", .. s_short]);
        Outcome report = await Cli.RunAsync("report", json);

        Assert.Equal("soft", run.Json().GetProperty("strategy").GetString()); // nothing but the document on standard output
        Assert.Equal(["The capital of <France> is"], Headings(html));
        Assert.Equal(ExitCodes.Done, report.ExitCode);
        Assert.Equal("", report.Output);
        Assert.Equal($"Wrote {_folder.File("thought.html")}", report.Error.Trim());
        Assert.Equal(await ReadAsync(html), await ReadAsync(_folder.File("thought.html")));
    }

    [Fact]
    public async Task GenerateHtml_IsAPageOfTheText()
    {
        string html = _folder.File("text.html");
        Outcome run = await Cli.RunWithAsync(s_model, "generate", "The capital", "--max-tokens", "5", "--html", html);

        Assert.Equal(ExitCodes.Done, run.ExitCode);
        Assert.Contains("The text, token by token", await ReadAsync(html), StringComparison.Ordinal);
        Assert.Equal([html], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task Report_OfTwo_PutsThemSideBySide()
    {
        string soft = await ThinkAsync("soft");
        string hidden = await ThinkAsync("hidden");
        string there = _folder.File("soft-hidden.html");
        await File.WriteAllTextAsync(there, "old", TestContext.Current.CancellationToken);

        Outcome report = await Cli.RunAsync("report", soft, hidden);

        Assert.Equal(ExitCodes.Done, report.ExitCode);
        Assert.Equal($"Wrote {there}", report.Error.Trim());
        Assert.Equal(["The capital"], Headings(there));
        Assert.Contains("A: soft", await ReadAsync(there), StringComparison.Ordinal);
        Assert.Contains("B: hidden", await ReadAsync(there), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_WhatIsWrong_IsRefusedAndWritesNothing()
    {
        string trace = await ThinkAsync("soft");
        string broken = _folder.File("broken.json");
        await File.WriteAllTextAsync(broken, "{}", TestContext.Current.CancellationToken);
        string[] before = Directory.GetFiles(_folder.Path);

        (await Cli.RunAsync("report")).AssertRefused("<A.json> is missing.");
        (await Cli.RunAsync("report", "")).AssertRefused("<A.json> is empty");
        (await Cli.RunAsync("report", _folder.File("none.json"))).AssertRefused("Cannot read the trace");
        (await Cli.RunAsync("report", _folder.Path, "--html", _folder.File("x.html"))).AssertRefused("is a folder; name the trace in it.");
        (await Cli.RunAsync("report", broken)).AssertRefused("lacks 'model', 'prompt'");
        (await Cli.RunAsync("report", trace, broken)).AssertRefused($"{broken} is no trace");
        (await Cli.RunAsync("report", trace, trace, trace)).AssertRefused("one word too many");
        (await Cli.RunAsync("report", trace, "--html", trace)).AssertRefused("would replace the trace");
        (await Cli.RunAsync("report", trace, "--html", "")).AssertRefused("Cannot write the report to ''");
        (await Cli.RunAsync("report", trace, "--html", _folder.Path)).AssertRefused("name a file in a folder that exists");
        (await Cli.RunAsync("report", trace, "--html", Path.Combine(_folder.Path, "no", "x.html"))).AssertRefused("name a file in a folder that exists");
        (await Cli.RunWithAsync(s_model, "think", "hi", "--trace", trace, "--html", trace)).AssertRefused("name two files");
        Assert.Equal(before, Directory.GetFiles(_folder.Path));
        Assert.StartsWith("{", await ReadAsync(trace), StringComparison.Ordinal);
    }

    private async Task<string> ThinkAsync(string strategy)
    {
        string path = _folder.File($"{strategy}.json");
        Outcome run = await Cli.RunWithAsync(s_model, ["think", "The capital", "-s", strategy, "--trace", path, .. s_short]);
        Assert.Equal(ExitCodes.Done, run.ExitCode);
        return path;
    }

    private static Task<string> ReadAsync(string path) => File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);

    /// <summary>The first headings of a page, which must be well-formed.</summary>
    private static string[] Headings(string path)
    {
        using XmlReader reader = XmlReader.Create(path, new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return [.. XDocument.Load(reader).Descendants().Where(element => element.Name.LocalName == "h1").Select(heading => heading.Value)];
    }
}
