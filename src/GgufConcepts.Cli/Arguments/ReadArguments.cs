using System.CommandLine;
using GgufConcepts.Thinking;

namespace GgufConcepts.Cli.Arguments;

/// <summary>How the reader is asked.</summary>
internal sealed class ReadArguments
{
    private static readonly ReadOptions s_default = new();

    private readonly Option<string> _prompt = new("--read-prompt")
    {
        Description = $"What the reader is asked, with {ReadOptions.VectorsSlot} where the vectors go.",
        HelpName = "TEXT",
        DefaultValueFactory = _ => s_default.Prompt,
    };

    private readonly Option<int> _tokens = new("--read-tokens")
    {
        Description = "Most tokens of a reading, which also ends at a line break.",
        HelpName = "N",
        DefaultValueFactory = _ => s_default.MaxTokens,
    };

    public ReadArguments(Command command)
    {
        command.Options.Add(_prompt);
        command.Options.Add(_tokens);
    }

    public ReadOptions Read(ParseResult parse) =>
        new() { Prompt = parse.GetValue(_prompt)!, MaxTokens = parse.GetValue(_tokens) };
}
