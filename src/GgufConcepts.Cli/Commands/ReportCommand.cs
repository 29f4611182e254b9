using System.CommandLine;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Tracing;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>report A.json [B.json]</c>: a saved trace as a page for a browser, or two of them side by
/// side.</summary>
internal sealed class ReportCommand : Command
{
    private readonly Argument<string> _first = new("A.json") { Description = "A trace saved with --trace." };

    private readonly Argument<string?> _second = new("B.json")
    {
        Description = "A second one, to be shown beside it.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _html = new("--html")
    {
        Description = "The file to write; one that is there is replaced. [default: A.html beside A.json, or A-B.html]",
        HelpName = "FILE.html",
    };

    public ReportCommand()
        : base("report", "Write a saved trace as a page for a browser, or two traces side by side.")
    {
        Arguments.Add(_first);
        Arguments.Add(_second);
        Options.Add(_html);
        SetAction(Run);
    }

    private int Run(ParseResult parse)
    {
        string first = CommonOptions.ReadText(parse, _first);
        string? second = parse.GetValue(_second);
        string html = parse.GetValue(_html) ?? DefaultName(first, second);
        OutputFile.Check("report", html);
        foreach (string input in new[] { first, second }.OfType<string>())
        {
            if (Path.GetFullPath(input) == Path.GetFullPath(html))
            {
                throw new ConceptInputException($"The report would replace the trace {input}; name another file with --html.");
            }
        }

        Trace trace = TraceJson.Load(first);
        if (second is null)
        {
            TraceHtml.Save(trace, html);
        }
        else
        {
            TraceHtml.Save(trace, TraceJson.Load(second), html);
        }

        Console.Error.WriteLine($"Wrote {html}");
        return ExitCodes.Done;
    }

    private static string DefaultName(string first, string? second) => second is null
        ? Path.ChangeExtension(first, ".html")
        : Path.Combine(
            Path.GetDirectoryName(first) ?? "",
            $"{Path.GetFileNameWithoutExtension(first)}-{Path.GetFileNameWithoutExtension(second)}.html");
}
