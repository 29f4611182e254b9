using System.Text.Json.Nodes;
using GgufConcepts.Models;

namespace GgufConcepts.Thinking;

/// <summary>Speaks to a chat model as it was trained: the prompt is a message, with markers around it.</summary>
public sealed record ChatOptions
{
    /// <summary>A template by name; null for the one that the model carries.</summary>
    public string? Template { get; init; }

    /// <summary>What the system says before the user; null for nothing.</summary>
    public string? System { get; init; }

    /// <summary>What was said before the prompt, oldest first.</summary>
    public IReadOnlyList<ChatTurn> History { get; init; } = [];

    /// <summary>A prompt's tokens: as a message, or as a text to continue.</summary>
    /// <exception cref="ConceptInputException">There is no such template, or the model carries none.</exception>
    internal static int[] Encode(ConceptModel model, string prompt, ChatOptions? chat)
    {
        if (chat is null)
        {
            return model.Tokenizer.EncodePrompt(prompt);
        }

        if (chat.History is null || chat.History.Any(turn => turn?.Text is null || !Enum.IsDefined(turn.Role)))
        {
            throw new ConceptInputException("The chat's history, or a message of it, is null or of no known role; leave it out.");
        }

        return ChatTemplate.Of(model, chat.Template).Encode(
            model.Tokenizer,
            [
                .. chat.System is null ? Array.Empty<ChatTurn>() : [new ChatTurn(ChatRole.System, chat.System)],
                .. chat.History,
                new ChatTurn(ChatRole.User, prompt),
            ]);
    }

    /// <summary>All settings, as they appear in a trace.</summary>
    public JsonObject Settings
    {
        get
        {
            JsonObject settings = new() { ["template"] = Template ?? "model", ["system"] = System };
            if (History.Count > 0)
            {
                settings["history"] = new JsonArray(
                [
                    .. History.Select(turn => new JsonObject { ["role"] = ChatTemplate.NameOf(turn.Role), ["text"] = turn.Text }),
                ]);
            }

            return settings;
        }
    }
}
