using System.Text.Json;
using System.Text.Json.Nodes;
using GgufConcepts.Tracing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GgufConcepts.Hosting.Http.Concepts;

/// <summary><c>POST /v1/concepts/report</c>: a trace, or two as <c>first</c> and <c>second</c>, as a page that stands
/// alone.</summary>
internal static class ReportEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapAnswering("POST", "/v1/concepts/report", AnswerAsync);

    private static async Task AnswerAsync(HttpContext context)
    {
        JsonObject json = await JsonBody.ReadObjectAsync(context, RequestCaps.LargeBody).ConfigureAwait(false);
        string page = json.ContainsKey("first")
            ? WritePair(new JsonFields(json))
            : TraceHtml.Write(Read(json, "The body"));
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers["X-Content-Type-Options"] = "nosniff";
        await context.Response.WriteAsync(page, context.RequestAborted).ConfigureAwait(false);
    }

    private static string WritePair(JsonFields fields)
    {
        Trace first = Read(fields.Node("first"), "first");
        Trace second = Read(fields.Node("second") ?? throw fields.Missing("second", "the other trace"), "second");
        fields.RefuseOthers();
        return TraceHtml.Write(first, second);
    }

    private static Trace Read(JsonNode? json, string place) => TraceJson.Read(JsonElement.Parse(json?.ToJsonString() ?? "null"), place);
}
