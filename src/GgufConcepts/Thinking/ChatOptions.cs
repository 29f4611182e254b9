using System.Text.Json.Nodes;

namespace GgufConcepts.Thinking;

/// <summary>Speaks to a chat model as it was trained: the prompt is a message, with markers around it.</summary>
public sealed record ChatOptions
{
    /// <summary>A template by name; null for the one that the model carries.</summary>
    public string? Template { get; init; }

    /// <summary>What the system says before the user; null for nothing.</summary>
    public string? System { get; init; }

    /// <summary>All settings, as they appear in a trace.</summary>
    public JsonObject Settings => new() { ["template"] = Template ?? "model", ["system"] = System };
}
