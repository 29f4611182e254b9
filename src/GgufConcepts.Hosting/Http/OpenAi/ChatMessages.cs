using System.Text.Json;
using System.Text.Json.Nodes;
using GgufConcepts.Thinking;

namespace GgufConcepts.Hosting.Http.OpenAi;

/// <summary>Reads the messages of a chat.</summary>
internal static class ChatMessages
{
    /// <summary>The messages, oldest first.</summary>
    /// <exception cref="ConceptInputException">There are none, or one is unusable.</exception>
    public static IReadOnlyList<ChatTurn> Read(JsonFields fields) => fields.Node("messages") switch
    {
        null => throw fields.Missing("messages", "at least one, the user's"),
        JsonArray { Count: > RequestCaps.Messages } many => throw HttpProblem.Invalid(
            "messages", $"messages holds {many.Count}; give at most {RequestCaps.Messages}."),
        JsonArray messages => Checked([.. messages.Select((message, i) => ReadMessage(message, $"messages[{i}]"))]),
        JsonNode other => throw fields.Unusable("messages", other, "a list of messages"),
    };

    private static ChatTurn[] Checked(ChatTurn[] turns)
    {
        CappedFields.CheckLength("messages", turns.Sum(turn => (long)turn.Text.Length));
        return turns switch
        {
            [] => throw HttpProblem.Invalid("messages", "The chat has no messages; send at least one, the user's."),
            [.., { Role: ChatRole.User }] => turns,
            [.., { } last] => throw HttpProblem.Invalid(
                "messages",
                $"The last of {turns.Length} messages is from the {last.Role.ToString().ToLowerInvariant()}; a chat must end with the user's."),
        };
    }

    private static ChatTurn ReadMessage(JsonNode? message, string place)
    {
        if (message is not JsonObject json)
        {
            throw HttpProblem.Invalid(place, $"{place} is no object; send messages such as {{\"role\": \"user\", \"content\": \"Hello\"}}.");
        }

        JsonFields fields = new(json, place + ".");
        string role = fields.Text("role") ?? throw fields.Missing("role", "system, user or assistant");
        string text = ReadContent(fields);
        foreach (string passedOver in new[] { "name", "refusal", "reasoning_content", "audio", "annotations" })
        {
            fields.Node(passedOver);
        }

        if (fields.Node("tool_calls") is JsonArray { Count: > 0 } || fields.Node("function_call") is not null)
        {
            throw HttpProblem.Invalid(fields.NameOf("tool_calls"), $"{place} calls tools, and there are none here; leave it out.");
        }

        fields.RefuseOthers();
        return new ChatTurn(
            role switch
            {
                "system" or "developer" => ChatRole.System,
                "user" => ChatRole.User,
                "assistant" => ChatRole.Assistant,
                _ => throw HttpProblem.Invalid(fields.NameOf("role"), $"{place}.role is '{HttpProblem.Brief(role)}'; use system, user or assistant."),
            },
            text);
    }

    /// <summary>A text, or parts that are texts.</summary>
    private static string ReadContent(JsonFields fields)
    {
        if (fields.Node("content") is not JsonArray parts)
        {
            return fields.Text("content") ?? throw fields.Missing("content", "the message's text");
        }

        if (parts.Count > RequestCaps.Messages)
        {
            string name = fields.NameOf("content");
            throw HttpProblem.Invalid(name, $"{name} has {parts.Count} parts; give at most {RequestCaps.Messages}.");
        }

        return string.Concat(parts.Select((part, i) =>
        {
            string place = $"{fields.NameOf("content")}[{i}]";
            return part is JsonObject json && json["type"] is JsonValue type && type.GetValueKind() == JsonValueKind.String
                && new JsonFields(json, place + ".") is var piece && piece.Text("type") == "text"
                    ? piece.Text("text") ?? throw piece.Missing("text", "the message's text")
                    : throw HttpProblem.Invalid(place, $"{place} is no text; the model reads text alone.");
        }));
    }
}
