using System.CommandLine;
using GgufConcepts.Cli.Output;
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

    /// <summary>Begins the record of a run.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="recorder">Makes the trace.</param>
    /// <param name="complete">Adds to steps what they lack before they are written or shown.</param>
    public RunRecord Begin(
        ParseResult parse,
        TraceRecorder recorder,
        Func<IReadOnlyList<TraceStep>, IReadOnlyList<TraceStep>>? complete = null)
    {
        string? path = parse.GetValue(_trace);
        return new(recorder, path is not null || AsJson(parse) ? new TraceFile(recorder, path, complete) : null, complete);
    }

    /// <summary>Ends the trace of a run that was cancelled or failed, and writes its page, where they were asked
    /// for.</summary>
    public void SaveUnfinished(ParseResult parse, RunRecord record, Exception problem)
    {
        if (record.File is not { IsBroken: true } && (parse.GetValue(_trace) ?? parse.GetValue(_html)) is not null)
        {
            record.Finish(problem is OperationCanceledException ? StopReason.Cancelled : StopReason.Failed);
            SavePage(parse, record);
        }
    }

    /// <summary>Ends the trace, writes its page and prints it, where that was asked for.</summary>
    /// <returns>The trace to show; null where the document was printed instead.</returns>
    public Trace? Save(ParseResult parse, RunRecord record)
    {
        record.Finish();
        SavePage(parse, record);
        if (!AsJson(parse))
        {
            return record.Load();
        }

        using (Stream output = Console.OpenStandardOutput())
        {
            record.File!.CopyTo(output); // bytes: the document is UTF-8 whatever the terminal is
        }

        Console.Out.WriteLine();
        return null;
    }

    private void SavePage(ParseResult parse, RunRecord record)
    {
        if (parse.GetValue(_html) is { } html)
        {
            TraceHtml.Save(record.Load(), html);
        }
    }
}
