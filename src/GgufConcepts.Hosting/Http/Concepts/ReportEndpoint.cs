using System.Text.Json;
using GgufConcepts.Tracing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GgufConcepts.Hosting.Http.Concepts;

/// <summary><c>POST /v1/concepts/report</c>: a trace, or two as <c>first</c> and <c>second</c>, as a page that stands
/// alone.</summary>
internal static class ReportEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapAnswering("POST", "/v1/concepts/report", AnswerAsync);

    private static async Task AnswerAsync(HttpContext context)
    {
        JsonElement json = await JsonBody.ReadLargeAsync(context).ConfigureAwait(false);
        string page = json.TryGetProperty("first", out JsonElement first)
            ? WritePair(json, first)
            : TraceHtml.Write(Read(json, "The body", ""));
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers["X-Content-Type-Options"] = "nosniff";
        await SendAsync(context, page).ConfigureAwait(false);
    }

    /// <summary>Sends a page, which may be long, to a client that takes it in; another one is dropped, so that its place
    /// among the large requests is free.</summary>
    private static async Task SendAsync(HttpContext context, string page)
    {
        using CancellationTokenSource late = new(RequestCaps.BodyTime, context.RequestServices.GetRequiredService<TimeProvider>());
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, late.Token);
        try
        {
            await context.Response.WriteAsync(page, ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            context.Abort();
        }
    }

    private static string WritePair(JsonElement json, JsonElement first)
    {
        JsonFields fields = JsonBody.FieldsBeside(json, "first", "second");
        fields.Has("first");
        fields.Has("second");
        Trace one = Read(first, "first", "first");
        Trace other = Read(
            json.TryGetProperty("second", out JsonElement second) ? second : throw fields.Missing("second", "the other trace"), "second", "second");
        fields.RefuseOthers();
        return TraceHtml.Write(one, other);
    }

    /// <summary>Reads a trace. Its settings alone are of any form.</summary>
    /// <param name="json">The trace.</param>
    /// <param name="place">What messages call it.</param>
    /// <param name="field">The field that it is; empty where it is the body.</param>
    private static Trace Read(JsonElement json, string place, string field)
    {
        string before = field.Length > 0 ? field + "." : "";
        if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty("settings", out JsonElement settings)
            && JsonValues.Count(settings) is var count && count > RequestCaps.SettingsValues)
        {
            throw HttpProblem.Invalid(
                before + "settings", $"{place} holds {count} values in settings; a trace has at most {RequestCaps.SettingsValues}.");
        }

        try
        {
            return TraceJson.Read(json, place);
        }
        catch (ConceptInputException problem) when (problem.Field is not null)
        {
            throw ThoughtFields.Named(problem, problem.Field.Length > 0 ? before + problem.Field : field);
        }
    }
}
