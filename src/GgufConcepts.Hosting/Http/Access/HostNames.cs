using System.Net;
using Microsoft.AspNetCore.Http;

namespace GgufConcepts.Hosting.Http.Access;

/// <summary>The names that this server may be called by.</summary>
/// <remarks>A page of somebody else's whose name is made to resolve to this machine (DNS rebinding) is of one origin with
/// us to its browser, and calls us by that name. An address cannot be rebound, so the one that the connection came to is
/// right. Ports do not count: what forwards to us has another. Immutable; any thread.</remarks>
/// <param name="allowed">More names; <see cref="Any"/> for whatever.</param>
internal sealed class HostNames(IEnumerable<string> allowed)
{
    /// <summary>Stands for every name.</summary>
    public const string Any = "*";

    private readonly HashSet<string> _allowed = new(allowed, StringComparer.OrdinalIgnoreCase) { "localhost" };

    /// <summary>Whether a request calls us by a name of ours.</summary>
    public bool Accept(HttpContext context)
    {
        string name = context.Request.Host.Host;
        return _allowed.Contains(Any) || _allowed.Contains(name)
            || (IPAddress.TryParse(name, out IPAddress? address)
                && (IPAddress.IsLoopback(address) || Plain(address)!.Equals(Plain(context.Connection.LocalIpAddress))));
    }

    /// <summary>What is wrong with a name; null where nothing is.</summary>
    public static string? FindProblem(string? name) =>
        name == Any || (name is { Length: > 0 and <= 255 } && Uri.CheckHostName(name) != UriHostNameType.Unknown)
            ? null
            : $"is '{name}'; use a host name without a port, such as models.example.org, or * for any.";

    private static IPAddress? Plain(IPAddress? address) =>
        address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address; // of a socket for both
}
