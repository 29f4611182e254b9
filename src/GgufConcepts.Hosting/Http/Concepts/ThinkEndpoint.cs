using GgufConcepts.Thinking;
using GgufConcepts.Tracing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GgufConcepts.Hosting.Http.Concepts;

/// <summary><c>POST /v1/concepts/think</c>: a thought, its steps as they happen.</summary>
internal static class ThinkEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints, ModelDirectory models) =>
        endpoints.MapAnswering("POST", "/v1/concepts/think", context => AnswerAsync(context, models));

    private static async Task AnswerAsync(HttpContext context, ModelDirectory models)
    {
        JsonFields fields = new(await JsonBody.ReadObjectAsync(context).ConfigureAwait(false));
        IConceptService service = models.Find(fields);
        string prompt = CappedFields.Prompt(fields, "the text to think about");
        bool streams = fields.Flag("stream") ?? true;
        int nearest = CappedFields.Within(fields, "nearest", 0, RequestCaps.Nearest) ?? 0;
        ulong? seed = fields.Seed("seed");
        ThinkOptions options = fields.Nested("concept") is { } concept ? CappedFields.Thought(concept) : new ThinkOptions();
        options = models.InTemplate(service, seed is null ? options : options with { Seed = seed.Value });
        fields.RefuseOthers();

        using ThoughtRecord record = new(service, prompt, options, nearest);
        IAsyncEnumerable<ThoughtEvent> events = ThoughtFields.InConceptAsync(service.ThinkAsync(prompt, options, context.RequestAborted));
        if (!streams)
        {
            await foreach (ThoughtEvent happened in events.ConfigureAwait(false))
            {
                await record.AddAsync(happened, context.RequestAborted).ConfigureAwait(false);
            }

            Trace trace = record.Build();
            await JsonBody.WriteAsync(context, json => TraceJson.Write(json, trace)).ConfigureAwait(false);
            return;
        }

        EventStream stream = new(context);
        Exception? broken = await stream.PassAsync(events, happened => SendAsync(stream, record, happened, context.RequestAborted)).ConfigureAwait(false);
        if (broken is not null)
        {
            await stream.SendAsync("error", GgufConceptsEndpoints.Describe(context, broken).Write).ConfigureAwait(false);
        }
    }

    private static async Task SendAsync(
        EventStream stream, ThoughtRecord record, ThoughtEvent happened, CancellationToken cancellation)
    {
        TraceStep? step = await record.AddAsync(happened, cancellation).ConfigureAwait(false);
        Task sending = happened switch
        {
            PromptRead prompt => stream.SendAsync("prompt", json =>
            {
                json.WriteStartObject();
                json.WriteStartArray("tokens");
                foreach (int token in prompt.Tokens)
                {
                    json.WriteNumberValue(token);
                }

                json.WriteEndArray();
                json.WriteNumber("milliseconds", Math.Round(prompt.Milliseconds, 3));
                json.WriteEndObject();
            }),
            ConceptStep => stream.SendAsync("step", json => TraceJson.Write(json, step!)),
            ChunkRead chunk => stream.SendAsync("chunk", json => TraceJson.Write(json, TraceChunk.Of(chunk))),
            AnswerPiece piece => stream.SendAsync("answer", json =>
            {
                json.WriteStartObject();
                json.WriteString("text", piece.Text);
                if (piece.Token is { } token)
                {
                    json.WriteNumber("token", token);
                }

                json.WriteEndObject();
            }),
            _ => stream.SendAsync("done", json => TraceJson.Write(json, record.Build())),
        };
        await sending.ConfigureAwait(false);
    }
}
