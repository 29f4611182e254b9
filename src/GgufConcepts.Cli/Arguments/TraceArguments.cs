using System.CommandLine;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Cli.Arguments;

/// <summary>Seed and outputs of every command that makes a trace.</summary>
internal sealed class TraceArguments
{
    private readonly Option<ulong> _seed = new("--seed")
    {
        Description = "Seed of everything random; the same seed and settings give the same trace.",
        HelpName = "N",
    };

    private readonly Option<string?> _trace = new("--trace")
    {
        Description = "Write the trace to this file as JSON; what there is of it when cancelled.",
        HelpName = "FILE.json",
    };

    private readonly Option<string?> _html = new("--html")
    {
        Description = "Write the trace to this file as a page for a browser: heat map, entropy, readings, settings.",
        HelpName = "FILE.html",
    };

    private readonly Option<bool> _json = CommonOptions.Json();

    public TraceArguments(Command command)
    {
        command.Options.Add(_seed);
        command.Options.Add(_trace);
        command.Options.Add(_html);
        command.Options.Add(_json);
    }

    public ulong Seed(ParseResult parse) => parse.GetValue(_seed);

    public bool AsJson(ParseResult parse) => parse.GetValue(_json);

    /// <summary>Refuses places where the trace or its page cannot be written, before anything runs.</summary>
    public void Check(ParseResult parse)
    {
        if (parse.GetValue(_trace) is { } trace)
        {
            OutputFile.Check("trace", trace);
        }

        if (parse.GetValue(_html) is { } html)
        {
            OutputFile.Check("report", html);
            if (parse.GetValue(_trace) is { Length: > 0 } other && Path.GetFullPath(other) == Path.GetFullPath(html))
            {
                throw new ConceptInputException($"--trace and --html both name '{html}'; name two files.");
            }
        }
    }

    /// <summary>Writes what there is of the trace of a run that was cancelled or failed.</summary>
    public void SaveUnfinished(ParseResult parse, TraceRecorder recorder, Exception problem) => Save(
        parse, recorder.Build(problem is OperationCanceledException ? StopReason.Cancelled : StopReason.Failed));

    /// <summary>Writes the trace, and its page, where they were asked for.</summary>
    public void Save(ParseResult parse, Trace trace)
    {
        if (parse.GetValue(_trace) is { } path)
        {
            TraceJson.Save(trace, path);
        }

        if (parse.GetValue(_html) is { } html)
        {
            TraceHtml.Save(trace, html);
        }
    }
}
