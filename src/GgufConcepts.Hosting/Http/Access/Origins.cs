using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace GgufConcepts.Hosting.Http.Access;

/// <summary>The pages whose scripts may ask: our own, and those of the origins that are named.</summary>
/// <remarks>Immutable; any thread.</remarks>
/// <param name="allowed">Origins as browsers send them; <see cref="HostNames.Any"/> for every one.</param>
internal sealed class Origins(IEnumerable<string> allowed)
{
    private readonly HashSet<string> _allowed =
        new(allowed.Select(origin => origin.TrimEnd('/')), StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a request comes from a page that may ask; programs send no origin. One of another origin is told
    /// that it may read the answer.</summary>
    public bool Accept(HttpContext context)
    {
        StringValues origins = context.Request.Headers.Origin;
        if (origins.Count == 0 || (origins is [{ } own] && IsOwn(context.Request, own)))
        {
            return true;
        }

        if (origins is not [{ } origin] || !(_allowed.Contains(origin) || _allowed.Contains(HostNames.Any)))
        {
            return false;
        }

        IHeaderDictionary headers = context.Response.Headers;
        headers.AccessControlAllowOrigin = origin;
        headers.AccessControlExposeHeaders = "Retry-After, X-Request-Id";
        headers.Append("Vary", "Origin");
        return true;
    }

    /// <summary>Answers the question that a browser asks before it lets a page of another origin send a request. That it
    /// may is told by its origin.</summary>
    /// <param name="context">The request.</param>
    /// <param name="methods">What the path takes.</param>
    public static void TellMethods(HttpContext context, string methods)
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        context.Response.Headers.Allow = methods;
        if (context.Response.Headers.AccessControlAllowOrigin.Count > 0)
        {
            context.Response.Headers.AccessControlAllowMethods = methods;
            context.Response.Headers.AccessControlAllowHeaders = context.Request.Headers.AccessControlRequestHeaders; // clients have their own; no cookie counts here
            context.Response.Headers.AccessControlMaxAge = "600";
        }
    }

    /// <summary>What is wrong with an origin; null where nothing is.</summary>
    public static string? FindProblem(string? origin) =>
        origin == HostNames.Any || (Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) && uri.PathAndQuery is "/" or ""
            && uri.Host.Length > 0 && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0)
            ? null
            : $"is '{origin}'; use an origin such as https://chat.example.org, or * for any.";

    /// <summary>The page's host and port are those that it calls us by. Its scheme is not compared where something before
    /// us speaks TLS: to us the request has another.</summary>
    private static bool IsOwn(HttpRequest request, string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out Uri? page)
        && (page.Scheme == Uri.UriSchemeHttps || (page.Scheme == Uri.UriSchemeHttp && !request.IsHttps))
        && Uri.TryCreate($"{page.Scheme}://{request.Host.Value}", UriKind.Absolute, out Uri? here)
        && string.Equals(page.Authority, here.Authority, StringComparison.OrdinalIgnoreCase);
}
