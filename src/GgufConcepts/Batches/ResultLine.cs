using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using GgufConcepts.Tracing;

namespace GgufConcepts.Batches;

/// <summary>What a line says of itself.</summary>
internal readonly record struct ResultHead(int Index, string Key, bool HasFailed);

/// <summary>Lines of a file of results.</summary>
internal static class ResultLine
{
    private static readonly JsonWriterOptions s_readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ReadOnlyMemory<byte> Write(BatchJob job, Trace trace) => Write(job, json =>
    {
        if (!job.Brief)
        {
            json.WritePropertyName("trace"u8);
            TraceJson.Write(json, trace);
            return;
        }

        json.WriteStartObject("thought"u8);
        json.WriteString("prompt"u8, trace.Prompt);
        json.WriteString("answer"u8, trace.Answer);
        if (trace.AnswerStop is not null)
        {
            json.WriteString("answerStop"u8, trace.AnswerStop);
        }

        json.WriteString("stop"u8, trace.Stop);
        json.WriteNumber("steps"u8, trace.Steps.Count);
        json.WriteStartArray("chunks"u8);
        foreach (TraceChunk chunk in trace.Chunks)
        {
            TraceJson.Write(json, chunk);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    public static ReadOnlyMemory<byte> Write(BatchJob job, string problem) => Write(job, json =>
    {
        json.WriteStartObject("error"u8);
        json.WriteString("message"u8, problem);
        json.WriteEndObject();
    });

    /// <summary>Reads the whole line, and keeps of it what tells results apart.</summary>
    /// <exception cref="JsonException">It is no result.</exception>
    public static ResultHead ReadHead(ReadOnlySpan<byte> line)
    {
        Utf8JsonReader json = new(line);
        (int? index, string? key, bool failed, int bodies) = (null, null, false, 0);
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("It is no object.");
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool isIndex = json.ValueTextEquals("index"u8), isKey = json.ValueTextEquals("key"u8);
            bool isError = json.ValueTextEquals("error"u8);
            bool isBody = isError || json.ValueTextEquals("trace"u8) || json.ValueTextEquals("thought"u8);
            json.Read();
            index = isIndex && json.TokenType == JsonTokenType.Number && json.TryGetInt32(out int number) ? number : index;
            key = isKey && json.TokenType == JsonTokenType.String ? json.GetString() : key;
            failed |= isError;
            bodies += isBody && json.TokenType == JsonTokenType.StartObject ? 1 : 0;
            json.Skip();
        }

        if (json.TokenType != JsonTokenType.EndObject || json.Read() || index is not >= 0 || key is null || bodies != 1)
        {
            throw new JsonException("It is no result of a batch.");
        }

        return new ResultHead(index.Value, key, failed);
    }

    private static ReadOnlyMemory<byte> Write(BatchJob job, Action<Utf8JsonWriter> writeBody)
    {
        ArrayBufferWriter<byte> bytes = new();
        using Utf8JsonWriter json = new(bytes, s_readable);
        json.WriteStartObject();
        json.WriteNumber("index"u8, job.Index);
        if (job.Id is { } id)
        {
            json.WritePropertyName("id"u8);
            id.WriteTo(json);
        }

        json.WriteString("key"u8, job.Key);
        writeBody(json);
        json.WriteEndObject();
        json.Flush();
        return bytes.WrittenMemory;
    }
}
