using System.CommandLine;
using GgufConcepts.Nats;

namespace GgufConcepts.Cli.Arguments;

/// <summary>Which NATS server, and how to be let in.</summary>
internal sealed class NatsArguments
{
    private const string UrlVariable = "NATS_URL"; // these names are those of the program nats

    private readonly Option<string?> _url;

    private readonly Option<string?> _credentials = new("--nats-creds")
    {
        Description = "A file of credentials, as nsc writes it. [NATS_CREDS]",
        HelpName = "FILE.creds",
    };

    private readonly Option<string?> _ca = new("--nats-tls-ca")
    {
        Description = "Certificates of those who may sign the server's; with it only TLS will do. Default: those the system trusts. [NATS_CA]",
        HelpName = "FILE.pem",
    };

    private readonly Option<string?> _certificate = new("--nats-tls-cert")
    {
        Description = "The client's own certificate, where the server asks for one. [NATS_CERT]",
        HelpName = "FILE.pem",
    };

    private readonly Option<string?> _key = new("--nats-tls-key") { Description = "Its key. [NATS_KEY]", HelpName = "FILE.pem" };

    private readonly bool _isNeeded;

    /// <param name="command">The command that gets the options.</param>
    /// <param name="isNeeded">Whether nothing works without a server; the environment may name it then.</param>
    /// <param name="description">What the server is for.</param>
    public NatsArguments(Command command, bool isNeeded, string description)
    {
        _isNeeded = isNeeded;
        _url = new Option<string?>("--nats")
        {
            Description = description + " Several servers of a cluster: with commas between. tls:// asks for TLS; a user and a password may " +
                "stand before the host." + (isNeeded ? $" [{UrlVariable}]" : ""),
            HelpName = "nats://HOST:4222",
        };
        foreach (Option option in (Option[])[_url, _credentials, _ca, _certificate, _key])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The server; null where none was named.</summary>
    public NatsServerOptions? Read(ParseResult parse)
    {
        if ((parse.GetValue(_url) ?? (_isNeeded ? Environment.GetEnvironmentVariable(UrlVariable) : null)) is not { } url)
        {
            string[] given = [.. ((Option[])[_credentials, _ca, _certificate, _key])
                .Where(option => parse.GetResult(option) is { Implicit: false }).Select(option => option.Name)];
            return given is [] && !_isNeeded
                ? null
                : throw new ConceptInputException(
                    $"--nats is missing{(given is [] ? "" : $", and given are {string.Join(", ", given)}")}; name a server, such as nats://localhost:4222.");
        }

        NatsServerOptions options = new(url)
        {
            CredentialsFile = Value(parse, _credentials, "NATS_CREDS"),
            CaFile = Value(parse, _ca, "NATS_CA"),
            CertificateFile = Value(parse, _certificate, "NATS_CERT"),
            KeyFile = Value(parse, _key, "NATS_KEY"),
        };
        return options.FindProblems() is { Count: > 0 } problems
            ? throw new ConceptInputException(string.Join(" ", problems))
            : options;
    }

    private static string? Value(ParseResult parse, Option<string?> option, string variable) =>
        parse.GetValue(option) ?? (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null);
}
