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

    private static readonly JsonDocumentOptions s_strict = new()
    {
        AllowDuplicateProperties = false, MaxDepth = RequestCaps.JsonDepth,
    };

    /// <summary>Reads a request's object.</summary>
    /// <exception cref="HttpProblemException">It is none, too large, or not said to be JSON.</exception>
    public static async Task<JsonObject> ReadObjectAsync(HttpContext context, int limit = RequestCaps.Body) =>
        await ReadAsync(context, limit).ConfigureAwait(false) as JsonObject
            ?? throw HttpProblem.Refused(StatusCodes.Status400BadRequest, "The body is no JSON object; send one in braces.");

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

    private static async Task<JsonNode?> ReadAsync(HttpContext context, int limit)
    {
        if (!context.Request.HasJsonContentType())
        {
            throw HttpProblem.Refused(
                StatusCodes.Status415UnsupportedMediaType,
                $"The content type is '{context.Request.ContentType}'; send application/json.");
        }

        if (context.Request.ContentLength > limit)
        {
            throw TooLarge(limit);
        }

        using MemoryStream body = await ReadBytesAsync(context, limit).ConfigureAwait(false);
        try
        {
            ReadOnlySpan<byte> bytes = body.GetBuffer().AsSpan(0, (int)body.Length);
            JsonNode? json = Utf8.IsValid(bytes)
                ? JsonNode.Parse(bytes, documentOptions: s_strict)
                : throw new JsonException("it is not UTF-8.");
            ReadTexts(json);
            return json;
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            throw HttpProblem.Refused(StatusCodes.Status400BadRequest, $"The body is no JSON: {Describe(problem)}.");
        }
    }

    private static async Task<MemoryStream> ReadBytesAsync(HttpContext context, int limit)
    {
        using CancellationTokenSource reading = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        reading.CancelAfter(RequestCaps.BodyTime);
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
            throw HttpProblem.Refused(StatusCodes.Status400BadRequest, "The body cannot be read: its chunks are none, or it ended too early.");
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

    /// <summary>Reads every name and text: one that is half a character is found here, not when somebody looks.</summary>
    private static void ReadTexts(JsonNode? json)
    {
        if (json is JsonValue value && value.GetValueKind() == JsonValueKind.String)
        {
            value.GetValue<string>();
        }

        foreach (JsonNode? child in json is JsonObject fields ? fields.Select(field => field.Value) : json as JsonArray ?? [])
        {
            ReadTexts(child);
        }
    }
}
