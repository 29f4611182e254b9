using System.CommandLine;
using GgufConcepts.Thinking;

namespace GgufConcepts.Cli.Arguments;

/// <summary>Whether the prompt is a text to continue or a message to a chat model.</summary>
internal sealed class ChatArguments
{
    private readonly Option<bool> _chat = new("--chat")
    {
        Description = "Send the prompt as a message, as the model's chat template has it; markers within it stay text.",
    };

    private readonly Option<string?> _template = new("--chat-template")
    {
        Description = "The template to use instead of the model's own, such as chatml; implies --chat.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _system = new("--system")
    {
        Description = "What the system says before the user; implies --chat.",
        HelpName = "TEXT",
    };

    public ChatArguments(Command command)
    {
        command.Options.Add(_chat);
        command.Options.Add(_template);
        command.Options.Add(_system);
    }

    /// <summary>How to chat; null where the prompt is a text to continue.</summary>
    public ChatOptions? Read(ParseResult parse)
    {
        (string? template, string? system) = (parse.GetValue(_template), parse.GetValue(_system));
        return parse.GetValue(_chat) || template is not null || system is not null
            ? new ChatOptions { Template = template, System = system }
            : null;
    }
}
