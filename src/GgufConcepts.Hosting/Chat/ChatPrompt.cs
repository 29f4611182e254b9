using GgufConcepts.Thinking;

namespace GgufConcepts.Hosting.Chat;

/// <summary>What a model is given of a chat.</summary>
/// <param name="Text">The last message, or all of them as one text.</param>
/// <param name="Chat">The others, and the template; null for a text to continue.</param>
internal sealed record ChatPrompt(string Text, ChatOptions? Chat)
{
    /// <summary>The template's name where there is to be none.</summary>
    public const string NoTemplate = "none";

    /// <summary>Puts messages together.</summary>
    /// <param name="turns">Oldest first; the user's last.</param>
    /// <param name="template">One that llama.cpp knows, <see cref="NoTemplate"/>, or null for the model's own.</param>
    /// <exception cref="ConceptInputException">There are none, or the last is not the user's.</exception>
    public static ChatPrompt Of(IReadOnlyList<ChatTurn> turns, string? template)
    {
        if (turns is not [.., { } last])
        {
            throw new ConceptInputException("The chat has no messages; send at least one, the user's.");
        }

        if (last.Role != ChatRole.User)
        {
            throw new ConceptInputException(
                $"The last of {turns.Count} messages is from the {last.Role.ToString().ToLowerInvariant()}; a chat must end with the user's.");
        }

        if (template == NoTemplate)
        {
            return new ChatPrompt(string.Join("\n\n", turns.Select(turn => turn.Text)), null);
        }

        ChatTurn[] systems = [.. turns.TakeWhile(turn => turn.Role == ChatRole.System)];
        return new ChatPrompt(last.Text, new ChatOptions
        {
            Template = template,
            System = systems is [] ? null : string.Join("\n\n", systems.Select(turn => turn.Text)), // templates take one
            History = [.. turns.Skip(systems.Length).SkipLast(1)],
        });
    }
}
