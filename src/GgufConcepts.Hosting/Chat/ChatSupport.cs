using Microsoft.Extensions.AI;

namespace GgufConcepts.Hosting.Chat;

/// <summary>Where chat options ask for more than these models do.</summary>
/// <remarks>What would change the response is refused, as is JSON, though its documentation lets a client ignore it:
/// whoever asks for it goes on to parse it. What has no meaning without something refused (<c>ToolMode</c>,
/// <c>AllowMultipleToolCalls</c>), and <c>AllowBackgroundResponses</c>, which is permission alone, is ignored, as their
/// documentation says.</remarks>
internal static class ChatSupport
{
    /// <summary>Refuses what cannot be done.</summary>
    /// <exception cref="NotSupportedException">There is such; the message names it.</exception>
    public static void Check(string model, ChatOptions? options)
    {
        if (options is null)
        {
            return;
        }

        Refuse(
            options.Tools is { Count: > 0 } && options.ToolMode is not NoneChatToolMode,
            $"Tools has {options.Tools?.Count} tools, and the model calls none; leave it out.");
        Refuse(
            options.ResponseFormat is ChatResponseFormatJson,
            "ResponseFormat is JSON, which nothing holds the model to; leave it out and say so in a message.");
        Refuse(
            options.FrequencyPenalty is not (null or 0f),
            $"FrequencyPenalty is {options.FrequencyPenalty}, and there is none; leave it out, or use 0.");
        Refuse(
            options.PresencePenalty is not (null or 0f),
            $"PresencePenalty is {options.PresencePenalty}, and there is none; leave it out, or use 0.");
        Refuse(
            options.ConversationId is not null,
            "ConversationId is set, and no conversation is kept here; send all of its messages.");
        Refuse(
            options.ContinuationToken is not null,
            "ContinuationToken is set, and responses cannot be taken up again; leave it out.");
        Refuse(
            options.ModelId is { } id && id != model,
            $"ModelId is '{options.ModelId}', and this client speaks to '{model}'; leave it out, or take the client of that name.");
    }

    /// <summary>What a message says. What the model thought before it said it is not said again.</summary>
    /// <exception cref="NotSupportedException">It holds something else than text.</exception>
    public static string TextOf(ChatMessage message)
    {
        foreach (AIContent content in message.Contents)
        {
            Refuse(
                content is not (TextContent or TextReasoningContent or UsageContent),
                $"A message holds a {content.GetType().Name}; the model reads text alone.");
        }

        return message.Text;
    }

    private static void Refuse(bool isAsked, string problem)
    {
        if (isAsked)
        {
            throw new NotSupportedException(problem);
        }
    }
}
