using System.Text.Json.Nodes;

namespace GgufConcepts.Tracing.Html;

/// <summary>When certainty was to end a thought, as its settings say.</summary>
/// <param name="Entropy">Steps below this count as sure, in nats; 0 where there is no such rule.</param>
/// <param name="Patience">Sure steps in a row that end the thought.</param>
internal readonly record struct StopRule(double Entropy, int Patience)
{
    /// <summary>The rule of a trace; one whose settings say nothing of it has none.</summary>
    public static StopRule Of(Trace trace) => new(
        Math.Max(0, Read<double>(trace.Settings["stopEntropy"])), Read<int>(trace.Settings["stopPatience"]));

    /// <summary>Whether a step counts as sure.</summary>
    public bool IsSure(double entropy) => entropy < Entropy;

    private static T Read<T>(JsonNode? node)
        where T : struct => node is JsonValue value && value.TryGetValue(out T read) ? read : default;
}
