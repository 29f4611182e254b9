using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Text;
using GgufConcepts.Hosting;

namespace GgufConcepts.Cli.Arguments;

/// <summary>Who may ask a server: keys, names, origins.</summary>
internal sealed class AccessArguments
{
    /// <summary>A key; on the command line every user of the machine could read it.</summary>
    public const string KeyVariable = "GGUFCONCEPTS_API_KEY";

    private const int MostKeyBytes = 1 << 20;

    private readonly Option<string?> _keys = new("--api-key-file")
    {
        Description = $"Ask clients for a key (Authorization: Bearer KEY): any line of this file, or {KeyVariable} of the environment.",
        HelpName = "FILE",
    };

    private readonly Option<string[]> _hosts = new("--allow-host")
    {
        Description = "A name that requests may call this server by, beside localhost and its addresses; more than once for several, * for any.",
        HelpName = "NAME",
    };

    private readonly Option<string[]> _origins = new("--allow-origin")
    {
        Description = "An origin whose pages may ask, such as https://chat.example.org; more than once for several, * for any.",
        HelpName = "ORIGIN",
    };

    /// <param name="command">The command that gets the options.</param>
    public AccessArguments(Command command)
    {
        foreach (Option option in (Option[])[_keys, _hosts, _origins])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Reads them into a host's settings.</summary>
    /// <param name="parse">The options.</param>
    /// <param name="address">Where it is to listen.</param>
    /// <exception cref="ConceptInputException">One is unusable, or others than this machine could ask without a key.</exception>
    public Action<HostedConceptSettings> Read(ParseResult parse, string address)
    {
        List<(string Place, string Value)> keys = [];
        if (Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } key)
        {
            keys.Add((KeyVariable, key));
        }

        if (parse.GetValue(_keys) is { } file)
        {
            keys.AddRange(ReadKeys(file));
        }

        if (keys.Count == 0 && !(address == "localhost" || IPAddress.IsLoopback(IPAddress.Parse(address))))
        {
            throw new ConceptInputException(
                $"--host {address} lets other machines ask, and nobody would be asked for a key; give keys with --api-key-file FILE " +
                $"(openssl rand -hex 24 > FILE makes one) or in {KeyVariable}, or listen on 127.0.0.1.");
        }

        Check(keys, settings => settings.ApiKeys);
        string[] hosts = parse.GetValue(_hosts) ?? [];
        string[] origins = parse.GetValue(_origins) ?? [];
        Check(hosts.Select(host => (_hosts.Name, host)), settings => settings.AllowedHosts);
        Check(origins.Select(origin => (_origins.Name, origin)), settings => settings.AllowedOrigins);
        return settings =>
        {
            Add(settings.ApiKeys, keys.Select(key => key.Value));
            Add(settings.AllowedHosts, hosts);
            Add(settings.AllowedOrigins, origins);
        };
    }

    private static (string Place, string Key)[] ReadKeys(string file)
    {
        string[] lines;
        try
        {
            lines = ReadShort(file).Split('\n');
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new ConceptInputException($"--api-key-file {file} cannot be read: {problem.Message.ReplaceLineEndings(" ")}", problem);
        }

        (string, string)[] keys =
        [
            .. lines.Select((line, i) => ($"--api-key-file {file} line {i + 1}", line.Trim())).Where(key => key.Item2.Length > 0),
        ];
        return keys is [] ? throw new ConceptInputException($"--api-key-file {file} holds no key; write one a line.") : keys;
    }

    /// <summary>Reads a file whose length may be unknown, as that of a pipe is.</summary>
    private static string ReadShort(string file)
    {
        using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        byte[] bytes = new byte[MostKeyBytes + 1];
        int count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return count <= MostKeyBytes
            ? Encoding.UTF8.GetString(bytes, 0, count)
            : throw new ConceptInputException($"--api-key-file {file} has more than {MostKeyBytes} bytes; name a file with a key a line.");
    }

    /// <summary>Has the settings check each value, and says where it came from.</summary>
    private static void Check(IEnumerable<(string Place, string Value)> values, Func<HostedConceptSettings, IList<string>> list)
    {
        foreach ((string place, string value) in values)
        {
            HostedConceptSettings settings = new();
            list(settings).Add(value);
            if (((IValidatableObject)settings).Validate(new ValidationContext(settings, place, null, null)).FirstOrDefault() is { } problem)
            {
                throw new ConceptInputException($"{place} {problem.ErrorMessage!.Split("] ", 2)[1]}");
            }
        }
    }

    private static void Add(IList<string> list, IEnumerable<string> values)
    {
        foreach (string value in values)
        {
            list.Add(value);
        }
    }
}
