using NATS.Client.Core;

namespace GgufConcepts.Nats;

/// <summary>Which server, and how to be let in.</summary>
/// <param name="Url">Such as <c>nats://host:4222</c> or <c>tls://host</c>; several servers of a cluster with commas between. A
/// user and a password may stand in it.</param>
public sealed record NatsServerOptions(string Url)
{
    /// <summary>The servers.</summary>
    public string Url { get; init => field = value ?? ""; } = Url ?? ""; // which is no address

    /// <summary>A file of credentials, as <c>nsc</c> writes it (JWT and seed).</summary>
    public string? CredentialsFile { get; init; }

    /// <summary>Certificates (PEM) of those who may sign the server's; null for those that the system trusts.</summary>
    public string? CaFile { get; init; }

    /// <summary>The client's own certificate (PEM), where the server asks for one.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The key of <see cref="CertificateFile"/> (PEM).</summary>
    public string? KeyFile { get; init; }

    /// <summary>The servers without user and password, for messages.</summary>
    public string SafeUrl => string.Join(',', Url.Split(',').Select(url =>
        url.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme && url.LastIndexOf('@') is var at && at > scheme
            ? url[..(scheme + 3)] + url[(at + 1)..]
            : url[(url.LastIndexOf('@') + 1)..]));

    /// <summary>Lists what is wrong with these, in words a user can act on.</summary>
    public IReadOnlyList<string> FindProblems()
    {
        List<string> problems = [];
        foreach (string url in Url.Split(','))
        {
            bool isWhole = url.Contains("://", StringComparison.Ordinal);
            if (!Uri.TryCreate(isWhole ? url : $"nats://{url}", UriKind.Absolute, out Uri? uri) || uri.Host.Length == 0
                || uri.Scheme is not ("nats" or "tls" or "ws" or "wss"))
            {
                problems.Add($"'{SafeUrl}' is no address of a NATS server; write nats://host:4222, or tls://host:4222.");
                break;
            }
        }

        foreach ((string what, string? path) in (ReadOnlySpan<(string, string?)>)
        [
            ("credentials", CredentialsFile), ("certificates", CaFile), ("the certificate", CertificateFile), ("the key", KeyFile),
        ])
        {
            if (path is not null && !File.Exists(path))
            {
                problems.Add($"There is no file '{path}' with {what} for the NATS server; check the path.");
            }
        }

        if (CertificateFile is null != KeyFile is null)
        {
            problems.Add("The client's certificate and its key belong together; give both or neither.");
        }

        return problems;
    }

    internal NatsOpts ToClient(string name)
    {
        NatsOpts options = NatsOpts.Default with
        {
            Url = Url,
            Name = name,
            AuthOpts = NatsAuthOpts.Default with { CredsFile = CredentialsFile },
            TlsOpts = NatsTlsOpts.Default with { CaFile = CaFile, CertFile = CertificateFile, KeyFile = KeyFile },
            ConnectTimeout = TimeSpan.FromSeconds(5),
            RequestTimeout = TimeSpan.FromSeconds(5),
            ReconnectWaitMin = TimeSpan.FromMilliseconds(250),
            ReconnectWaitMax = TimeSpan.FromSeconds(5),
            MaxReconnectRetry = -1,
        };
        return CaFile is null && CertificateFile is null
            ? options
            : options with { TlsOpts = options.TlsOpts with { Mode = TlsMode.Require } };
    }
}
