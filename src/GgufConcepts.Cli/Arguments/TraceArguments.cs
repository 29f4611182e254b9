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

    private readonly Option<bool> _json = CommonOptions.Json();

    public TraceArguments(Command command)
    {
        command.Options.Add(_seed);
        command.Options.Add(_trace);
        command.Options.Add(_json);
    }

    public ulong Seed(ParseResult parse) => parse.GetValue(_seed);

    public bool AsJson(ParseResult parse) => parse.GetValue(_json);

    /// <summary>Refuses a place where the trace cannot be written, before anything runs.</summary>
    public void Check(ParseResult parse)
    {
        if (parse.GetValue(_trace) is not { } path)
        {
            return;
        }

        if (path.Length == 0 || Directory.Exists(path) || !Directory.Exists(Folder(path)))
        {
            throw new ConceptInputException($"Cannot write the trace to '{path}': name a file in a folder that exists.");
        }

        if (!File.Exists(path)) // one that is there may be a pipe, which opening would end
        {
            TryCreate(path);
        }
    }

    /// <summary>Writes what there is of the trace of a run that was cancelled or failed.</summary>
    public void SaveUnfinished(ParseResult parse, TraceRecorder recorder, Exception problem) => Save(
        parse, recorder.Build(problem is OperationCanceledException ? StopReason.Cancelled : StopReason.Failed));

    /// <summary>Writes the trace where it was asked for.</summary>
    public void Save(ParseResult parse, Trace trace)
    {
        if (parse.GetValue(_trace) is { } path)
        {
            TraceJson.Save(trace, path);
        }
    }

    private static void TryCreate(string path)
    {
        try
        {
            using FileStream attempt = new($"{path}.{Guid.NewGuid():N}.tmp", new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Options = FileOptions.DeleteOnClose,
            });
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new ConceptInputException(
                $"Cannot write the trace to '{path}': its folder takes no new files; choose another.", problem);
        }
    }

    private static string Folder(string path) => Path.GetDirectoryName(Path.GetFullPath(path)) ?? path;
}
