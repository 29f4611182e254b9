using GgufConcepts.Hosting.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace GgufConcepts.Hosting;

/// <summary>Limits of a web server that does nothing but serve models.</summary>
public static class GgufConceptsKestrel
{
    /// <summary>Sets what a connection may cost: <c>serve</c> has these limits; a program of yours has Kestrel's own unless it
    /// asks for them.</summary>
    /// <remarks>Who sends its headers or its body, or takes in an answer, more slowly than this is dropped. HTTP/1.1 alone: a
    /// stream each is what clients of language models open.</remarks>
    /// <param name="server">The server's options.</param>
    public static KestrelServerOptions UseGgufConceptsLimits(this KestrelServerOptions server)
    {
        ArgumentNullException.ThrowIfNull(server);
        server.AddServerHeader = false;
        server.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http1);
        KestrelServerLimits limits = server.Limits;
        limits.MaxConcurrentConnections = 1024;
        limits.MaxConcurrentUpgradedConnections = 0; // nothing is upgraded to
        limits.MaxRequestLineSize = 8 * 1024;
        limits.MaxRequestHeaderCount = 64;
        limits.MaxRequestHeadersTotalSize = 16 * 1024;
        limits.MaxRequestBodySize = RequestCaps.LargeBody;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 4096, gracePeriod: TimeSpan.FromSeconds(5));
        limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 8192, gracePeriod: TimeSpan.FromSeconds(10));
        limits.Http2.MaxStreamsPerConnection = 32; // for whoever sets other protocols
        return server;
    }
}
