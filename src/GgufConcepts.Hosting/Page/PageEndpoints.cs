using GgufConcepts.Hosting.Http.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GgufConcepts.Hosting.Page;

/// <summary>The page to look at thoughts with, served from this assembly: it asks no other place for anything.</summary>
/// <remarks>Its addresses are relative, so it works below a path prefix.</remarks>
internal static class PageEndpoints
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; " +
        "base-uri 'none'; frame-ancestors 'none'";

    /// <summary>Maps the page to <c>/</c> and what it is made of to <c>/page/</c>.</summary>
    internal static void MapPage(this IEndpointRouteBuilder endpoints)
    {
        string[] methods = [HttpMethods.Get, HttpMethods.Head];
        endpoints.MapMethods("/", methods, context => SendAsync(context, PageFile.Index)).WithDisplayName("page").WithMetadata(OpenToAll.Instance)
            .WithOrder(1); // a program may have a page of its own there
        foreach (PageFile file in PageFile.Parts)
        {
            endpoints.MapMethods($"/page/{file.Name}", methods, context => SendAsync(context, file))
                .WithDisplayName($"page/{file.Name}").WithMetadata(OpenToAll.Instance);
        }
    }

    private static Task SendAsync(HttpContext context, PageFile file)
    {
        // Without the slash at its end, relative addresses would lose the prefix's last part.
        string path = $"{context.Request.PathBase}{context.Request.Path}";
        if (file == PageFile.Index && !path.EndsWith('/'))
        {
            return Results.LocalRedirect($"{path}/{context.Request.QueryString}", permanent: false, preserveMethod: true).ExecuteAsync(context);
        }

        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-cache"; // kept, but asked about: the tag says whether it is still the same
        return Results.Bytes(file.Content, file.Type, entityTag: file.Tag).ExecuteAsync(context);
    }
}
