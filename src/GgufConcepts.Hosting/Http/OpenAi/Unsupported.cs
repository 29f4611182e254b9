using System.Text.Json;
using System.Text.Json.Nodes;

namespace GgufConcepts.Hosting.Http.OpenAi;

/// <summary>Fields that OpenAI's clients may send and that are not honoured here: refused where they would change the
/// answer, passed over where they cannot.</summary>
internal static class Unsupported
{
    private static readonly string[] s_passedOver =
    [
        "user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key", "prompt_cache_retention",
        "parallel_tool_calls", "verbosity",
    ];

    private static readonly (string Field, Func<JsonNode, bool> IsNothing, string Why)[] s_refused =
    [
        ("frequency_penalty", IsZero, "there are no penalties here; leave it out"),
        ("presence_penalty", IsZero, "there are no penalties here; leave it out"),
        ("logit_bias", node => node is JsonObject { Count: 0 }, "tokens are not favoured here; leave it out"),
        ("tools", node => node is JsonArray { Count: 0 }, "the model calls no tools; leave it out"),
        ("tool_choice", node => IsText(node, "none") || IsText(node, "auto"), "the model calls no tools; leave it out"),
        ("functions", node => node is JsonArray { Count: 0 }, "the model calls no functions; leave it out"),
        ("function_call", node => IsText(node, "none") || IsText(node, "auto"), "the model calls no functions; leave it out"),
        ("response_format", node => node is JsonObject form && IsText(form["type"], "text"), "nothing holds the model to a form; leave it out"),
        ("modalities", node => node is JsonArray kinds && kinds.All(kind => IsText(kind, "text")), "the model writes text alone; leave it out"),
        ("audio", _ => false, "the model writes text alone; leave it out"),
        ("prediction", _ => false, "answers are not predicted here; leave it out"),
        ("web_search_options", _ => false, "nothing is searched here; leave it out"),
        ("suffix", node => IsText(node, ""), "texts are continued, not filled in; leave it out"),
        ("echo", IsFalse, "the prompt is not repeated; leave it out"),
    ];

    /// <summary>Reads them all.</summary>
    /// <param name="fields">The request's.</param>
    /// <param name="choices">Answers that it wants.</param>
    /// <exception cref="HttpProblemException">One would change the answer.</exception>
    public static void Check(JsonFields fields, int choices)
    {
        foreach (string name in s_passedOver)
        {
            fields.Node(name);
        }

        foreach ((string name, Func<JsonNode, bool> isNothing, string why) in s_refused)
        {
            if (fields.Node(name) is { } value && !isNothing(value))
            {
                throw HttpProblem.Invalid(name, $"{name} is given, and {why}.");
            }
        }

        if (fields.Whole("best_of") is { } candidates && candidates != choices)
        {
            throw HttpProblem.Invalid("best_of", $"best_of is {candidates}, and all answers are given; leave it out, or use n.");
        }
    }

    private static bool IsZero(JsonNode node) =>
        node is JsonValue value && value.TryGetValue(out double number) && number == 0;

    private static bool IsFalse(JsonNode node) => node.GetValueKind() == JsonValueKind.False;

    private static bool IsText(JsonNode? node, string text) =>
        node is JsonValue value && value.TryGetValue(out string? written) && written == text;
}
