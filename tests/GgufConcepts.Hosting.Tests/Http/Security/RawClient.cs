using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace GgufConcepts.Hosting.Tests.Http.Security;

/// <summary>What a server answered.</summary>
/// <param name="Status">0 where there was no answer of HTTP/1.1.</param>
/// <param name="Headers">By name, in any case.</param>
/// <param name="Body">As text.</param>
internal sealed record RawAnswer(int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    /// <summary>A part of the error object.</summary>
    public string? Error(string name) => JsonElement.Parse(Body).GetProperty("error").GetProperty(name).GetString();
}

/// <summary>A client that sends just the bytes it is given: others correct paths and headers.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly TcpClient _client = new();

    private RawClient()
    {
    }

    public NetworkStream Stream => _client.GetStream();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="server">Whom to call.</param>
    /// <param name="receiveBuffer">Bytes that the system keeps for a client that does not read; 0 for as many as it likes.</param>
    public static async Task<RawClient> ConnectAsync(Server server, int receiveBuffer = 0)
    {
        RawClient client = new();
        if (receiveBuffer > 0)
        {
            client._client.ReceiveBufferSize = receiveBuffer;
        }

        await client._client.ConnectAsync(server.Client.BaseAddress!.Host, server.Client.BaseAddress.Port, Token);
        return client;
    }

    /// <summary>Sends a request and reads its answer.</summary>
    /// <param name="server">Whom to ask.</param>
    /// <param name="request">The method and the path, as they are sent.</param>
    /// <param name="headers">Lines beside <c>Connection</c>; <c>Host</c> must be among them.</param>
    /// <param name="body">Its JSON; null for none.</param>
    public static async Task<RawAnswer> AskAsync(Server server, string request, string[] headers, string? body = null)
    {
        using RawClient client = await ConnectAsync(server);
        byte[] bytes = Encoding.UTF8.GetBytes(body ?? "");
        string[] about = body is null ? [] : [$"Content-Length: {bytes.Length}", .. HasType(headers) ? [] : new[] { "Content-Type: application/json" }];
        await client.SendAsync($"{request} HTTP/1.1\r\n{string.Join("\r\n", [.. headers, .. about, "Connection: close"])}\r\n\r\n");
        await client.Stream.WriteAsync(bytes, Token);
        return await client.ReadAsync();
    }

    public Task SendAsync(string text) => Stream.WriteAsync(Encoding.Latin1.GetBytes(text), Token).AsTask();

    /// <summary>Reads until the server closes the connection.</summary>
    public async Task<RawAnswer> ReadAsync()
    {
        using MemoryStream all = new();
        try
        {
            await Stream.CopyToAsync(all, Token);
        }
        catch (IOException)
        {
            // reset
        }

        string text = Encoding.Latin1.GetString(all.ToArray()); // a character a byte
        int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
        {
            return new RawAnswer(0, new Dictionary<string, string>(), text); // nothing, or the rest of an answer
        }

        string[] head = text[..end].Split("\r\n");
        Dictionary<string, string> headers = head.Skip(1).Select(line => line.Split(": ", 2))
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
        string body = text[(end + 4)..];
        return new RawAnswer(int.Parse(head[0].Split(' ')[1], CultureInfo.InvariantCulture), headers, Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(
            headers.ContainsKey("Transfer-Encoding") ? Unchunk(body) : body)));
    }

    public void Dispose() => _client.Dispose();

    private static bool HasType(string[] headers) => headers.Any(header => header.StartsWith("Content-Type", StringComparison.OrdinalIgnoreCase));

    private static string Unchunk(string body)
    {
        StringBuilder whole = new();
        for (int at = 0; at < body.Length;)
        {
            int line = body.IndexOf("\r\n", at, StringComparison.Ordinal);
            int length = int.Parse(body[at..line], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            whole.Append(body, line + 2, length);
            at = line + 2 + length + 2;
        }

        return whole.ToString();
    }
}
