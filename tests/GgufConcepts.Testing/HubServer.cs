using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace GgufConcepts.Testing;

/// <summary>A hub on this machine that redirects to a second host for contents, as the real one does.</summary>
public sealed class HubServer : IDisposable
{
    public const string Commit = "89abcdef0123456789abcdef0123456789abcdef";
    public const string Repository = "org/repo";

    private readonly HttpListener _hub = Listen("127.0.0.1"), _contents = Listen("localhost");
    private readonly Dictionary<string, byte[]> _files = [];

    public HubServer()
    {
        Address = Answer(_hub, "127.0.0.1", AnswerAsHub);
        ContentsAddress = Answer(_contents, "localhost", AnswerWithContentsAsync);
    }

    public string Address { get; }

    public string ContentsAddress { get; }

    /// <summary>What was asked: host, method, path, range, authorization.</summary>
    public ConcurrentQueue<HubRequest> Requests { get; } = [];

    public IEnumerable<HubRequest> ContentRequests => Requests.Where(request => request.Host == "localhost");

    /// <summary>For each answer with contents the bytes after which it is cut; the rest are whole.</summary>
    public ConcurrentQueue<int> Cuts { get; } = [];

    /// <summary>Sent in place of a file's own contents.</summary>
    public byte[]? WrongContents { get; set; }

    /// <summary>Told in place of a file's own size.</summary>
    public long? WrongSize { get; set; }

    public bool IgnoresRanges { get; set; }

    /// <summary>Told in place of a file's SHA-256.</summary>
    public string? Tag { get; set; }

    /// <summary>Contents wait for it.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Answered to everything, where it is set.</summary>
    public HttpStatusCode? Refuses { get; set; }

    public static byte[] Bytes(int count, int seed = 1)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public void Add(string path, byte[] contents) => _files.Add(path, contents);

    public void Dispose()
    {
        _hub.Close();
        _contents.Close();
    }

    /// <summary>Listens on a free port; where somebody takes it in between, on another.</summary>
    private static HttpListener Listen(string host)
    {
        for (int tries = 10; ; tries--)
        {
            HttpListener listener = new();
            using (TcpListener free = new(IPAddress.Loopback, 0))
            {
                free.Start();
                listener.Prefixes.Add($"http://{host}:{((IPEndPoint)free.LocalEndpoint).Port}/");
            }

            try
            {
                listener.Start();
                return listener;
            }
            catch (HttpListenerException) when (tries > 0)
            {
                listener.Close();
            }
        }
    }

    private string Answer(HttpListener listener, string host, Func<HttpListenerContext, Task> answer)
    {
        _ = Task.Run(async () =>
        {
            while (listener.IsListening)
            {
                HttpListenerContext context;
                try
                {
                    context = await listener.GetContextAsync();
                }
                catch (Exception problem) when (problem is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }

                Requests.Enqueue(new HubRequest(
                    host, context.Request.HttpMethod, context.Request.Url!.AbsolutePath,
                    context.Request.Headers["Range"], context.Request.Headers["Authorization"]));
                _ = Task.Run(() => AnswerAsync(context, answer));
            }
        });
        return listener.Prefixes.Single();
    }

    private static async Task AnswerAsync(HttpListenerContext context, Func<HttpListenerContext, Task> answer)
    {
        try
        {
            await answer(context);
            context.Response.Close();
        }
        catch (Exception problem) when (problem is HttpListenerException or ObjectDisposedException or InvalidOperationException or IOException)
        {
            context.Response.Abort(); // the client went away, or it was to be cut
        }
    }

    private Task AnswerAsHub(HttpListenerContext context)
    {
        string path = Uri.UnescapeDataString(context.Request.Url!.AbsolutePath);
        string resolve = $"/{Repository}/resolve/{Commit}/";
        if (Refuses is { } status)
        {
            context.Response.StatusCode = (int)status;
        }
        else if (path.StartsWith($"/api/models/{Repository}/revision/", StringComparison.Ordinal))
        {
            string files = string.Join(", ", _files.Keys.Select(name => $$"""{ "rfilename": "{{name}}" }"""));
            byte[] body = Encoding.UTF8.GetBytes($$"""{ "sha": "{{Commit}}", "siblings": [ {{files}} ] }""");
            context.Response.OutputStream.Write(body);
        }
        else if (path.StartsWith(resolve, StringComparison.Ordinal) && _files.TryGetValue(path[resolve.Length..], out byte[]? contents))
        {
            context.Response.StatusCode = 302;
            context.Response.Headers["X-Repo-Commit"] = Commit;
            context.Response.Headers["X-Linked-Etag"] = $"\"{Tag ?? Sha256(contents)}\"";
            context.Response.Headers["X-Linked-Size"] = $"{WrongSize ?? contents.Length}";
            context.Response.Headers["Location"] = ContentsAddress + path[resolve.Length..];
        }
        else
        {
            context.Response.StatusCode = 404;
        }

        return Task.CompletedTask;
    }

    private async Task AnswerWithContentsAsync(HttpListenerContext context)
    {
        await Gate;
        byte[] contents = WrongContents ?? _files[Uri.UnescapeDataString(context.Request.Url!.AbsolutePath)[1..]];
        int from = 0;
        if (!IgnoresRanges && context.Request.Headers["Range"] is { } range)
        {
            from = int.Parse(range["bytes=".Length..^1], null);
            context.Response.StatusCode = 206;
            context.Response.Headers["Content-Range"] = $"bytes {from}-{contents.Length - 1}/{contents.Length}";
        }

        context.Response.ContentLength64 = contents.Length - from;
        int count = Cuts.TryDequeue(out int cut) ? Math.Min(cut, contents.Length - from) : contents.Length - from;
        await context.Response.OutputStream.WriteAsync(contents.AsMemory(from, count));
        await context.Response.OutputStream.FlushAsync();
        if (from + count < contents.Length)
        {
            throw new IOException("cut");
        }
    }
}

/// <summary>One request that came.</summary>
public sealed record HubRequest(string Host, string Method, string Path, string? Range, string? Authorization);
