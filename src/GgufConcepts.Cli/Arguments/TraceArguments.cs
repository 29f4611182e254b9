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

    /// <summary>Begins the trace: in its file where one was asked for, else in a temporary one.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="recorder">Makes the trace.</param>
    /// <param name="complete">Adds to steps what they lack before they are written.</param>
    public TraceFile Begin(
        ParseResult parse,
        TraceRecorder recorder,
        Func<IReadOnlyList<TraceStep>, IReadOnlyList<TraceStep>>? complete = null) =>
        new(recorder, parse.GetValue(_trace), complete);

    /// <summary>Ends the trace of a run that was cancelled or failed, and writes its page, where they were asked
    /// for.</summary>
    public void SaveUnfinished(ParseResult parse, TraceFile file, Exception problem)
    {
        if (!file.IsBroken && (parse.GetValue(_trace) ?? parse.GetValue(_html)) is not null)
        {
            file.Finish(problem is OperationCanceledException ? StopReason.Cancelled : StopReason.Failed);
            SavePage(parse, file);
        }
    }

    /// <summary>Ends the trace, writes its page and prints it, where that was asked for.</summary>
    /// <returns>The trace to show; null where the document was printed instead.</returns>
    public Trace? Save(ParseResult parse, TraceFile file)
    {
        file.Finish();
        Trace? trace = SavePage(parse, file);
        if (!AsJson(parse))
        {
            return trace ?? file.Load();
        }

        using (Stream output = Console.OpenStandardOutput())
        {
            file.CopyTo(output); // bytes: the document is UTF-8 whatever the terminal is
        }

        Console.Out.WriteLine();
        return null;
    }

    private Trace? SavePage(ParseResult parse, TraceFile file)
    {
        if (parse.GetValue(_html) is not { } html)
        {
            return null;
        }

        Trace trace = file.Load();
        TraceHtml.Save(trace, html);
        return trace;
    }
}
