using System.Text.Json;
using System.Text.Json.Nodes;

namespace GgufConcepts;

/// <summary>Looks at all names and texts of JSON at once.</summary>
/// <remarks>System.Text.Json reads them only when somebody asks, and where one is half a character (an escape such as
/// <c>\ud800</c>) or no UTF-8 throws an <see cref="InvalidOperationException"/> then; where a name stands twice in a
/// <see cref="JsonObject"/>, an <see cref="ArgumentException"/>.</remarks>
internal static class JsonTexts
{
    /// <summary>What cannot be read; null where everything can.</summary>
    public static string? FindProblem(JsonNode? json) => FindProblem(() => Read(json));

    /// <inheritdoc cref="FindProblem(JsonNode?)"/>
    public static string? FindProblem(JsonElement json) => FindProblem(() => Read(json));

    private static string? FindProblem(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (InvalidOperationException)
        {
            return "holds half a character; use whole ones";
        }
        catch (ArgumentException)
        {
            return "has a name that stands in it twice; leave one out";
        }
    }

    private static void Read(JsonNode? json)
    {
        switch (json)
        {
            case JsonObject fields:
                foreach ((_, JsonNode? value) in fields)
                {
                    Read(value);
                }

                break;
            case JsonArray items:
                foreach (JsonNode? item in items)
                {
                    Read(item);
                }

                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                value.GetValue<string>();
                break;
        }
    }

    private static void Read(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty field in json.EnumerateObject())
                {
                    _ = field.Name;
                    Read(field.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in json.EnumerateArray())
                {
                    Read(item);
                }

                break;
            case JsonValueKind.String:
                json.GetString();
                break;
        }
    }
}
