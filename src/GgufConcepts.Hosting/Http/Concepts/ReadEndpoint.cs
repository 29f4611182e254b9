using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text.Json;
using GgufConcepts.Reading;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GgufConcepts.Hosting.Http.Concepts;

/// <summary><c>POST /v1/concepts/read</c>: vectors in, words out; off unless
/// <see cref="HostedConceptSettings.AcceptVectors"/>.</summary>
/// <remarks>Vectors are base64 of little-endian 32-bit floats, shape [count, width]: their number must be just that, and
/// every one finite.</remarks>
internal static class ReadEndpoint
{
    private const float Largest = 1e6f; // far beyond any embedding, far below what overflows within a model

    public static void Map(IEndpointRouteBuilder endpoints, ModelDirectory models)
    {
        HostedConceptSettings settings = endpoints.ServiceProvider.GetRequiredService<IOptions<HostedConceptSettings>>().Value;
        endpoints.MapAnswering("POST", "/v1/concepts/read", context => settings.AcceptVectors
            ? AnswerAsync(context, models)
            : throw HttpProblem.Refused(
                StatusCodes.Status403Forbidden, "Vectors are not taken here; whoever runs this can set AcceptVectors (serve --accept-vectors).", "vectors_off"));
    }

    private static async Task AnswerAsync(HttpContext context, ModelDirectory models)
    {
        JsonElement body = await JsonBody.ReadLargeAsync(context).ConfigureAwait(false);
        JsonFields fields = JsonBody.FieldsBeside(body, "vectors");
        IConceptService service = models.Find(fields);
        ReadOptions options = ThinkSettings.ReadReading(fields);
        ulong seed = fields.Seed("seed") ?? 0;
        using IDisposable held = LoadedModels.Hold(service);
        int width = service.Info!.EmbeddingLength;
        float[] vectors = ReadVectors(body, fields, width);
        fields.RefuseOthers();

        CloseReading reading = await ReadAsync(service, vectors, options, seed, context.RequestAborted).ConfigureAwait(false);
        TraceChunk chunk = TraceChunk.Of(0, vectors.Length / width, reading.Text, reading);
        await JsonBody.WriteAsync(context, json => TraceJson.Write(json, chunk)).ConfigureAwait(false);
    }

    /// <summary>Reads; what a thought has under <c>reader</c> is here the request itself.</summary>
    private static async Task<CloseReading> ReadAsync(
        IConceptService service, float[] vectors, ReadOptions options, ulong seed, CancellationToken cancellation)
    {
        const string Reader = "reader.";
        try
        {
            return await service.ReadAsync(vectors, options, seed, cancellation).ConfigureAwait(false);
        }
        catch (ConceptInputException problem) when (problem.Field?.StartsWith(Reader, StringComparison.Ordinal) == true)
        {
            throw ThoughtFields.Named(problem, problem.Field[Reader.Length..]);
        }
    }

    private static float[] ReadVectors(JsonElement body, JsonFields fields, int width)
    {
        int count = OpenAi.GenerationRequest.Within(fields, "count", 1, 100_000) ?? throw fields.Missing("count", "how many vectors there are");
        if (fields.Whole("width") is { } said && said != width)
        {
            throw HttpProblem.Invalid("width", $"width is {said}; vectors of this model have {width} numbers.");
        }

        JsonElement text = fields.Has("vectors") && body.GetProperty("vectors") is { ValueKind: not JsonValueKind.Null } given
            ? given
            : throw fields.Missing("vectors", "base64 of little-endian 32-bit floats");
        if (text.ValueKind != JsonValueKind.String)
        {
            throw HttpProblem.Invalid("vectors", $"vectors is {JsonBody.Brief(text)}; use a text in quotes.");
        }

        if (!text.TryGetBytesFromBase64(out byte[]? bytes))
        {
            throw HttpProblem.Invalid("vectors", "vectors is no base64.");
        }

        long wanted = (long)count * width * sizeof(float);
        if (bytes.Length != wanted)
        {
            throw HttpProblem.Invalid("vectors", $"vectors holds {bytes.Length} bytes; {count} vectors of {width} numbers are {wanted}.");
        }

        float[] vectors = MemoryMarshal.Cast<byte, float>(bytes).ToArray();
        return TensorPrimitives.IsFiniteAll<float>(vectors) && TensorPrimitives.MaxMagnitude<float>(vectors) is <= Largest and >= -Largest
            ? vectors
            : throw HttpProblem.Invalid("vectors", $"vectors holds NaN, infinity or a number beyond {Largest}; embeddings hold none.");
    }
}
