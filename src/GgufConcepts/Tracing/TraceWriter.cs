using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace GgufConcepts.Tracing;

/// <summary>Writes the document of a trace in pieces: what stands before the steps, one step after the other, the
/// rest.</summary>
/// <remarks>Fields, their order and their form are those the serializer knows of <see cref="Trace"/>: the bytes are the
/// same as those of a trace written at once.</remarks>
internal sealed class TraceWriter : IDisposable
{
    private static readonly JsonTypeInfo<Trace> s_form = TraceJsonContext.Readable.Trace;
    private static readonly int s_steps =
        s_form.Properties.ToList().FindIndex(field => field.PropertyType == typeof(IReadOnlyList<TraceStep>));

    private readonly Utf8JsonWriter _json;

    /// <param name="stream">Receives the document; left open.</param>
    public TraceWriter(Stream stream) => _json = new Utf8JsonWriter(stream, new JsonWriterOptions
    {
        Indented = s_form.Options.WriteIndented, Encoder = s_form.Options.Encoder,
    });

    /// <summary>Whether <see cref="Begin"/> was called.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Writes what stands before the steps: model, prompt and its tokens, settings.</summary>
    public void Begin(Trace trace)
    {
        HasBegun = true;
        _json.WriteStartObject();
        WriteFields(trace, 0, s_steps);
        _json.WriteStartArray(s_form.Properties[s_steps].Name);
    }

    /// <summary>Writes the next step.</summary>
    public void Add(TraceStep step) => JsonSerializer.Serialize(_json, step, TraceJsonContext.Readable.TraceStep);

    /// <summary>Writes what follows the steps.</summary>
    public void End(Trace trace)
    {
        _json.WriteEndArray();
        WriteFields(trace, s_steps + 1, s_form.Properties.Count);
        _json.WriteEndObject();
        _json.Flush();
    }

    public void Dispose()
    {
        _json.Reset(Stream.Null); // the stream may be closed, and nobody wants what it did not take
        _json.Dispose();
    }

    private void WriteFields(Trace trace, int first, int end)
    {
        for (int i = first; i < end; i++)
        {
            JsonPropertyInfo field = s_form.Properties[i];
            if (field.Get!(trace) is { } value)
            {
                _json.WritePropertyName(field.Name);
                JsonSerializer.Serialize(_json, value, s_form.Options.GetTypeInfo(field.PropertyType));
            }
        }
    }
}
