using System.Text.Json.Nodes;
using GgufConcepts.Thinking;

namespace GgufConcepts.Hosting.Http;

/// <summary>Reads fields of a request that <see cref="RequestCaps"/> limits.</summary>
internal static class CappedFields
{
    /// <summary>Reads a whole number within bounds; null where it is left out or null.</summary>
    public static int? Within(JsonFields fields, string name, int least, int most)
    {
        JsonNode? node = fields.Node(name);
        if (node is null)
        {
            return null;
        }

        return node is JsonValue value && value.TryGetValue(out int number) && number >= least && number <= most
            ? number
            : throw fields.Unusable(name, node, $"a whole number from {least} to {most}");
    }

    /// <summary>Reads the prompt.</summary>
    /// <param name="fields">The request's.</param>
    /// <param name="wanted">What it is.</param>
    public static string Prompt(JsonFields fields, string wanted)
    {
        string prompt = fields.Text("prompt") ?? throw fields.Missing("prompt", wanted);
        CheckLength("prompt", prompt.Length);
        return prompt;
    }

    /// <summary>Refuses a text that is too long to be looked at.</summary>
    public static void CheckLength(string name, long length)
    {
        if (length > RequestCaps.PromptLength)
        {
            throw HttpProblem.Invalid(name, $"{name} has {length} characters; use at most {RequestCaps.PromptLength}.");
        }
    }

    /// <summary>Reads the texts that end an answer; null where they are left out or null.</summary>
    public static IReadOnlyList<string>? Stops(JsonFields fields, string name)
    {
        IReadOnlyList<string>? stops = fields.Texts(name);
        return stops is null || (stops.Count <= RequestCaps.StopTexts && stops.All(stop => stop.Length is > 0 and <= RequestCaps.StopLength))
            ? stops
            : throw HttpProblem.Invalid(
                fields.NameOf(name),
                $"{fields.NameOf(name)} must hold at most {RequestCaps.StopTexts} texts of 1 to {RequestCaps.StopLength} characters.");
    }

    /// <summary>Reads a thought's settings.</summary>
    /// <param name="concept">The fields.</param>
    /// <param name="standard">What holds for fields left out; null for the defaults.</param>
    public static ThinkOptions Thought(JsonFields concept, ThinkOptions? standard = null)
    {
        Within(concept, "maxSteps", 0, RequestCaps.Steps);
        Within(concept, "chunk", 0, RequestCaps.Chunk);
        if (concept.Nested("answer") is { } answer)
        {
            Within(answer, "maxTokens", 0, RequestCaps.AnswerTokens);
            Stops(answer, "stop");
        }

        if (concept.Node("reader") is JsonObject)
        {
            Within(concept.Nested("reader")!, "maxTokens", 1, RequestCaps.ReadingTokens);
            Within(concept.Nested("reader")!, "readings", 0, RequestCaps.Readings);
        }

        if (concept.Node("chat") is JsonObject && concept.Nested("chat")!.Node("history") is JsonArray { Count: > RequestCaps.Messages } history)
        {
            throw HttpProblem.Invalid(
                concept.NameOf("chat.history"), $"{concept.NameOf("chat.history")} holds {history.Count}; give at most {RequestCaps.Messages}.");
        }

        ThinkOptions think = ThinkSettings.Read(concept, standard);
        CheckLength(concept.NameOf("chat.history"), think.Chat?.History.Sum(turn => (long)turn.Text.Length) ?? 0);
        return think;
    }
}
