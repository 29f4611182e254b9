using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace GgufConcepts.Hosting.Http.Access;

/// <summary>An endpoint that asks for no key.</summary>
internal sealed class OpenToAll
{
    public static OpenToAll Instance { get; } = new();
}

/// <summary>Stands before every endpoint of ours: by what name a request calls us, what page sends it, what key it
/// has.</summary>
/// <param name="settings">What is allowed.</param>
internal sealed class AccessGuard(HostedConceptSettings settings)
{
    private readonly HostNames _hosts = new(settings.AllowedHosts);
    private readonly Origins _origins = new(settings.AllowedOrigins);
    private readonly ApiKeys _keys = new(settings.ApiKeys);

    /// <summary>Puts itself before an endpoint.</summary>
    public void StandBefore(EndpointBuilder endpoint)
    {
        if (endpoint.RequestDelegate is { } answer)
        {
            bool isOpen = endpoint.Metadata.OfType<OpenToAll>().Any();
            endpoint.RequestDelegate = context => FindProblem(context, isOpen) is { } problem
                ? GgufConceptsEndpoints.RefuseAsync(context, problem)
                : answer(context);
        }
    }

    private HttpProblem? FindProblem(HttpContext context, bool isOpen)
    {
        if (!_hosts.Accept(context))
        {
            return new HttpProblem(
                StatusCodes.Status421MisdirectedRequest,
                HttpProblem.InvalidRequest,
                $"Nothing here is called '{HttpProblem.Brief(context.Request.Host.Host)}'; whoever runs this can add the name to AllowedHosts " +
                "(serve --allow-host).")
            {
                Code = "host_not_allowed",
            };
        }

        if (!_origins.Accept(context))
        {
            return new HttpProblem(
                StatusCodes.Status403Forbidden,
                HttpProblem.InvalidRequest,
                $"Pages of '{HttpProblem.Brief($"{context.Request.Headers.Origin}")}' may not ask here; whoever runs this can add the origin to " +
                "AllowedOrigins (serve --allow-origin).")
            {
                Code = "origin_not_allowed",
            };
        }

        if (isOpen || !_keys.AreAsked || HttpMethods.IsOptions(context.Request.Method)
            || _keys.Accept(context.Request.Headers.Authorization))
        {
            return null;
        }

        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"GgufConcepts\"";
        return new HttpProblem(
            StatusCodes.Status401Unauthorized,
            HttpProblem.InvalidRequest,
            context.Request.Headers.Authorization.Count == 0
                ? "An API key is needed here; send the header Authorization: Bearer KEY."
                : "That is no API key of this server; send the header Authorization: Bearer KEY with one that is.")
        {
            Code = "invalid_api_key",
        };
    }
}
