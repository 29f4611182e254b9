using System.CommandLine;
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

    /// <summary>Where the trace goes, or null. A folder that is not there is refused before anything runs.</summary>
    public string? File(ParseResult parse)
    {
        string? path = parse.GetValue(_trace);
        if (path is not null && (path.Length == 0 || Directory.Exists(path) || !Directory.Exists(Folder(path))))
        {
            throw new ConceptInputException($"Cannot write the trace to '{path}': name a file in a folder that exists.");
        }

        return path;
    }

    /// <summary>Writes the trace where it was asked for.</summary>
    public void Save(ParseResult parse, Trace trace)
    {
        if (File(parse) is { } path)
        {
            TraceJson.Save(trace, path);
        }
    }

    private static string Folder(string path) => Path.GetDirectoryName(Path.GetFullPath(path)) ?? path;
}
