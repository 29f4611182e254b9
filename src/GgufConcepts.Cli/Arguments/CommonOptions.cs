using System.CommandLine;

namespace GgufConcepts.Cli.Arguments;

/// <summary>Options that mean the same in every command that has them.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json() => new("--json")
    {
        Description = "Print one JSON document on standard output, and nothing else.",
    };

    public static Option<int> Count(string description, int standard) => new("--count", "-n")
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => standard,
    };

    /// <summary>The text a command is about; an empty one is refused.</summary>
    public static string ReadText(ParseResult parse, Argument<string> argument) => parse.GetValue(argument) is { Length: > 0 } text
        ? text
        : throw new ConceptInputException($"<{argument.Name}> is empty; write some text in quotes.");

    /// <summary>Refuses a count out of range.</summary>
    public static int CheckCount(int value, int most = 1000) => value >= 1 && value <= most
        ? value
        : throw new ConceptInputException($"--count is {value}; use 1 to {most}.");
}
