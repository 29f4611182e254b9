using System.Buffers;
using System.Text.Json;
using GgufConcepts.Tracing;

namespace GgufConcepts.Hosting.Isolation;

/// <summary>Steps of a trace as JSON, which <see cref="TraceJson.ReadSteps"/> reads.</summary>
internal static class StepsJson
{
    /// <summary>Writes them.</summary>
    public static JsonElement Write(IReadOnlyList<TraceStep> steps)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartArray();
            foreach (TraceStep step in steps)
            {
                TraceJson.Write(json, step);
            }

            json.WriteEndArray();
        }

        return JsonElement.Parse(bytes.WrittenSpan);
    }
}
