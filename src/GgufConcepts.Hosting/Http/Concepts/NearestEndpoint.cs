using System.Text.Json;
using GgufConcepts.Tracing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GgufConcepts.Hosting.Http.Concepts;

/// <summary><c>POST /v1/concepts/nearest</c>: the tokens nearest to the vectors of a trace's steps.</summary>
internal static class NearestEndpoint
{
    private const int MostNearest = 100;
    private const int MostSteps = 512;

    public static void Map(IEndpointRouteBuilder endpoints, ModelDirectory models) =>
        endpoints.MapAnswering("POST", "/v1/concepts/nearest", context => AnswerAsync(context, models));

    private static async Task AnswerAsync(HttpContext context, ModelDirectory models)
    {
        JsonElement body = await JsonBody.ReadLargeAsync(context).ConfigureAwait(false);
        JsonFields fields = JsonBody.FieldsBeside(body, "steps");
        IConceptService service = models.Find(fields);
        int count = OpenAi.GenerationRequest.Within(fields, "count", 1, MostNearest) ?? 8;
        JsonElement json = fields.Has("steps") && body.GetProperty("steps") is { ValueKind: not JsonValueKind.Null } given
            ? given
            : throw fields.Missing("steps", "the steps of a trace");
        fields.RefuseOthers();
        if (json.ValueKind == JsonValueKind.Array && json.GetArrayLength() is var length && length > MostSteps)
        {
            throw HttpProblem.Invalid("steps", $"steps holds {length}; give at most {MostSteps}.");
        }

        IReadOnlyList<TraceStep> steps = ReadSteps(json);
        using IDisposable held = LoadedModels.Hold(service);
        steps = await service.FindNearestAsync(steps, count, context.RequestAborted).ConfigureAwait(false);
        await JsonBody.WriteAsync(context, writer => Write(writer, steps)).ConfigureAwait(false);
    }

    private static IReadOnlyList<TraceStep> ReadSteps(JsonElement json)
    {
        try
        {
            return TraceJson.ReadSteps(json, "steps");
        }
        catch (ConceptInputException problem)
        {
            throw ThoughtFields.Named(problem, "steps" + problem.Field);
        }
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<TraceStep> steps)
    {
        json.WriteStartObject();
        json.WriteStartArray("steps");
        foreach (TraceStep step in steps)
        {
            json.WriteStartObject();
            json.WriteNumber("index", step.Index);
            json.WriteStartArray("nearest");
            foreach (TraceNearest token in step.Nearest!)
            {
                json.WriteStartObject();
                json.WriteNumber("id", token.Id);
                json.WriteString("text", token.Text);
                json.WriteNumber("cosine", token.Cosine);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
