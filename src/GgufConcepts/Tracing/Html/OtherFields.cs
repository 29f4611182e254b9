using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GgufConcepts.Tracing.Html;

/// <summary>A name and a value of a JSON object, as a page shows them.</summary>
/// <param name="Group">The object it is nested in, its names joined by dots; empty for the outermost one.</param>
/// <param name="Name">Its name in that object.</param>
/// <param name="Value">Text as it is; anything else as JSON.</param>
internal readonly record struct Field(string Group, string Name, string Value);

/// <summary>Fields of a trace: its settings, and whatever a trace holds that no part of the page is made for, so that
/// what is added to traces shows without a change here.</summary>
internal static class OtherFields
{
    private const int Longest = 2000;

    private static readonly HashSet<string> s_trace =
    [
        "schema", "model", "prompt", "promptTokens", "thinkEndTokens", "strategy", "settings", "seed", "steps", "chunks", "answer",
        "answerTokens", "answerStop", "stop", "timings",
    ];

    private static readonly HashSet<string> s_step =
        ["index", "position", "kind", "entropy", "tokens", "chosen", "nearest", "vector", "marker", "milliseconds"];

    private static readonly HashSet<string> s_chunk = ["firstStep", "stepCount", "translation", "replaced", "faithfulness", "readings", "controls"];

    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What a trace says besides.</summary>
    public static IReadOnlyList<Field> Of(Trace trace) => Of(
        JsonSerializer.SerializeToNode(trace with { Steps = [], Chunks = [], PromptTokens = [] }, TraceJsonContext.Readable.Trace), s_trace);

    /// <summary>What a step says besides.</summary>
    public static IReadOnlyList<Field> Of(TraceStep step) => Of(
        JsonSerializer.SerializeToNode(step with { Tokens = [], Nearest = null, Vector = null }, TraceJsonContext.Readable.TraceStep), s_step);

    /// <summary>What a reading says besides.</summary>
    public static IReadOnlyList<Field> Of(TraceChunk chunk) =>
        Of(JsonSerializer.SerializeToNode(chunk, TraceJsonContext.Readable.TraceChunk), s_chunk);

    /// <summary>All fields of an object but the known ones, nested objects flattened.</summary>
    public static IReadOnlyList<Field> Of(JsonNode? node, IReadOnlySet<string>? known = null)
    {
        List<Field> fields = [];
        if (node is JsonObject fieldsOf)
        {
            Flatten(fieldsOf, "", fields, known);
        }

        return fields;
    }

    /// <summary>Plain fields first, then those of nested objects, so that a group stays together.</summary>
    private static void Flatten(JsonObject node, string group, List<Field> fields, IReadOnlySet<string>? known)
    {
        foreach ((string name, JsonNode? value) in node)
        {
            if (value is not JsonObject && known?.Contains(name) != true)
            {
                fields.Add(new Field(group, name, Show(value)));
            }
        }

        foreach ((string name, JsonNode? value) in node)
        {
            if (value is JsonObject nested && known?.Contains(name) != true)
            {
                Flatten(nested, group.Length > 0 ? $"{group}.{name}" : name, fields, known: null);
            }
        }
    }

    private static string Show(JsonNode? value)
    {
        string shown = value switch
        {
            null => "none",
            JsonValue text when text.TryGetValue(out string? words) => words.Length > 0 ? words : "(empty)",
            _ => value.ToJsonString(s_plain),
        };
        return shown.Length <= Longest ? shown : $"{shown[..Longest]}… ({ReportText.Count(shown.Length, "character")} in all)";
    }
}
