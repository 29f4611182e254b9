using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace GgufConcepts.Hosting.Tests.Http.Security;

/// <summary>Programs that have ours among their endpoints.</summary>
internal static class Apps
{
    /// <summary>Ours below <c>/ai</c>, beside <c>/own</c> and <c>/ai/v1/own</c>.</summary>
    public static void WithOwnEndpoint(WebApplication app)
    {
        app.MapGroup("/ai").MapGgufConcepts();
        app.MapGet("/own", context => context.Response.WriteAsync("own"));
        app.MapGet("/ai/v1/own", context => context.Response.WriteAsync("own"));
    }
}
