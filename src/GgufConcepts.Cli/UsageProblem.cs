using System.CommandLine;
using System.CommandLine.Parsing;

namespace GgufConcepts.Cli;

/// <summary>Says in one line what is wrong with a command line.</summary>
internal static class UsageProblem
{
    public static string Describe(ParseResult parse)
    {
        if (parse.Errors.Any(error => error.SymbolResult is OptionResult { Option: VersionOption }))
        {
            return "--version stands alone. See: ggufconcepts --help";
        }

        Command command = parse.CommandResult.Command;
        bool isRoot = command.Subcommands.Count > 0;
        IEnumerable<string> problems = isRoot
            ? [DescribeRoot(parse, command)]
            : [
                .. parse.UnmatchedTokens.Select(token => DescribeUnmatched(command, token)),
                .. parse.Errors.Select(error => DescribeError(parse, error)).OfType<string>(),
            ];
        return $"{string.Join(" ", problems.Distinct())} See: {FullName(parse.CommandResult)} --help";
    }

    private static string FullName(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{FullName(parent)} {result.Command.Name}" : "ggufconcepts";

    private static string DescribeRoot(ParseResult parse, Command root)
    {
        string commands = string.Join(", ", root.Subcommands.Select(command => command.Name));
        return parse.UnmatchedTokens switch
        {
            [] => $"Name a command: {commands}.",
            [['-', ..] option, ..] => $"There is no option '{option}' before the command; name a command first: {commands}.",
            [string name, ..] => $"There is no command '{name}'; use one of {commands}.",
        };
    }

    private static string DescribeUnmatched(Command command, string token) =>
        command.Options.Any(option => option.Name == token || option.Aliases.Contains(token))
            ? $"{token} belongs after the command: ggufconcepts {command.Name} {token}."
        : token.StartsWith('-') ? $"{command.Name} has no option '{token}'."
        : $"'{token}' is one word too many; put a text of several words in quotes.";

    private static string? DescribeError(ParseResult parse, ParseError error) => error.SymbolResult switch
    {
        CommandResult when parse.UnmatchedTokens.Count > 0 => null, // said already
        ArgumentResult { Parent: CommandResult, Tokens.Count: 0 } missing => $"<{missing.Argument.Name}> is missing.",
        ArgumentResult { Parent: OptionResult option, Tokens: [Token value] } => DescribeValue(option, value.Value, error),
        OptionResult { Tokens: [Token value] } option => DescribeValue(option, value.Value, error),
        OptionResult { Tokens.Count: 0, Implicit: false } option => $"{option.Option.Name} needs a value.",
        _ => error.Message.ReplaceLineEndings(" "),
    };

    private static string DescribeValue(OptionResult result, string value, ParseError error)
    {
        Type type = Nullable.GetUnderlyingType(result.Option.ValueType) ?? result.Option.ValueType;
        string? wanted = Type.GetTypeCode(type) switch
        {
            TypeCode.Int32 => $"a whole number of at most {int.MaxValue}",
            TypeCode.UInt64 => $"a whole number from 0 to {ulong.MaxValue}",
            TypeCode.Single or TypeCode.Double => "a number, such as 0.7",
            _ => null,
        };
        return wanted is null
            ? error.Message.ReplaceLineEndings(" ")
            : $"{result.Option.Name} is '{value}'; use {wanted}.";
    }
}
