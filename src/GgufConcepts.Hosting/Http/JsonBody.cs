using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace GgufConcepts.Hosting.Http;

/// <summary>JSON in requests and responses.</summary>
internal static class JsonBody
{
    /// <summary>Letters of all languages as they are.</summary>
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const int Briefly = 60; // characters

    private static readonly JsonDocumentOptions s_strict = new()
    {
        AllowDuplicateProperties = false, MaxDepth = RequestCaps.JsonDepth,
    };

    /// <summary>Reads a request's object.</summary>
    /// <exception cref="HttpProblemException">It is none, too large, or not said to be JSON.</exception>
    public static async Task<JsonObject> ReadObjectAsync(HttpContext context) =>
        JsonObject.Create(await ReadAsync(context, RequestCaps.Body, RequestCaps.BodyValues).ConfigureAwait(false))!;

    /// <summary>Reads the object of a request that brings traces or vectors: too large to make nodes of.</summary>
    /// <exception cref="HttpProblemException">It is none, too large, or not said to be JSON.</exception>
    /// <remarks>Usable until the request ends.</remarks>
    public static Task<JsonElement> ReadLargeAsync(HttpContext context) =>
        ReadAsync(context, RequestCaps.LargeBody, RequestCaps.LargeBodyValues);

    /// <summary>The fields of a large body, in which some stand as null: those that are large.</summary>
    /// <param name="body">The body.</param>
    /// <param name="large">Their names.</param>
    /// <exception cref="HttpProblemException">The others hold more than any other request may.</exception>
    public static JsonFields FieldsBeside(JsonElement body, params ReadOnlySpan<string> large)
    {
        int count = JsonValues.Count(body);
        foreach (string name in large)
        {
            count -= body.TryGetProperty(name, out JsonElement value) ? JsonValues.Count(value) : 0;
        }

        if (count > RequestCaps.BodyValues)
        {
            throw HttpProblem.Refused(
                StatusCodes.Status400BadRequest,
                $"Beside {string.Join(" and ", large)} the body holds {count} values; send at most {RequestCaps.BodyValues}.");
        }

        JsonObject fields = JsonObject.Create(body)!;
        foreach (string name in large)
        {
            if (fields.ContainsKey(name))
            {
                fields[name] = null;
            }
        }

        return new JsonFields(fields);
    }

    /// <summary>A value as messages have it: its beginning.</summary>
    public static string Brief(JsonElement value)
    {
        ReadOnlySpan<byte> text = JsonMarshal.GetRawUtf8Value(value);
        string begin = Encoding.UTF8.GetString(text[..Math.Min(text.Length, 4 * Briefly)]);
        return begin.Length > Briefly ? begin[..Briefly] + "..." : begin;
    }

    /// <summary>Writes a response.</summary>
    public static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write, int status = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        await using (Utf8JsonWriter json = new(context.Response.BodyWriter, Options))
        {
            write(json);
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    private static async Task<JsonElement> ReadAsync(HttpContext context, int limit, int values)
    {
        if (!context.Request.HasJsonContentType())
        {
            throw HttpProblem.Refused(
                StatusCodes.Status415UnsupportedMediaType,
                $"The content type is '{HttpProblem.Brief(context.Request.ContentType ?? "")}'; send application/json.");
        }

        if (context.Request.ContentLength > limit)
        {
            throw TooLarge(limit);
        }

        using MemoryStream body = await ReadBytesAsync(context, limit).ConfigureAwait(false); // its bytes outlive it, in the document
        try
        {
            JsonDocument json = Parse(body.GetBuffer().AsMemory(0, (int)body.Length), values);
            context.Response.RegisterForDispose(json);
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? json.RootElement
                : throw HttpProblem.Refused(StatusCodes.Status400BadRequest, "The body is no JSON object; send one in braces.");
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            throw HttpProblem.Refused(StatusCodes.Status400BadRequest, $"The body is no JSON: {Describe(problem)}.");
        }
    }

    /// <summary>Makes a document of bytes, which it goes on to look into.</summary>
    private static JsonDocument Parse(ReadOnlyMemory<byte> bytes, int values)
    {
        int count = Utf8.IsValid(bytes.Span) ? JsonValues.Count(bytes.Span) : throw new JsonException("it is not UTF-8.");
        return count <= values
            ? JsonDocument.Parse(bytes, s_strict)
            : throw HttpProblem.Refused(StatusCodes.Status400BadRequest, $"The body holds {count} values; send at most {values}.");
    }

    private static async Task<MemoryStream> ReadBytesAsync(HttpContext context, int limit)
    {
        using CancellationTokenSource late = new(RequestCaps.BodyTime, context.RequestServices.GetRequiredService<TimeProvider>());
        using CancellationTokenSource reading = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, late.Token);
        MemoryStream body = new();
        byte[] part = new byte[16 * 1024];
        bool isLarge = false;
        try
        {
            int count;
            while ((count = await context.Request.Body.ReadAsync(part, reading.Token).ConfigureAwait(false)) > 0)
            {
                if (body.Length + count > limit)
                {
                    throw TooLarge(limit);
                }

                if (body.Length + count > RequestCaps.Body && !isLarge)
                {
                    context.RequestServices.GetRequiredService<LargeBodies>().Take(context);
                    isLarge = true;
                }

                body.Write(part, 0, count);
            }

            return body;
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw HttpProblem.Refused(
                StatusCodes.Status408RequestTimeout, $"The body was not there within {RequestCaps.BodyTime.TotalSeconds} seconds.");
        }
        catch (IOException problem) when (problem is not BadHttpRequestException)
        {
            throw HttpProblem.Refused(StatusCodes.Status400BadRequest, HttpProblem.Unreadable);
        }
    }

    /// <summary>The reader's own words are for programmers.</summary>
    private static string Describe(Exception problem) =>
        problem is not JsonException json ? "a text holds half a character"
        : json.Message.Contains("depth", StringComparison.Ordinal) && json.Message.Contains("exceeded", StringComparison.Ordinal)
            ? $"it nests more than {RequestCaps.JsonDepth} deep"
        : json.Message.StartsWith("Duplicate", StringComparison.Ordinal) ? "a field is there twice"
        : json is { LineNumber: { } line, BytePositionInLine: { } column }
            ? $"it ends too early, or a sign is where none may be, in line {line + 1} at byte {column + 1}"
            : json.Message.TrimEnd('.');

    private static HttpProblemException TooLarge(int limit) => HttpProblem.Refused(
        StatusCodes.Status413PayloadTooLarge, $"The body has more than {limit} bytes; send at most as many.");
}
