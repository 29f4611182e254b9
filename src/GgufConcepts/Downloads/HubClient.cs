using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace GgufConcepts.Downloads;

/// <summary>A repository at one commit.</summary>
/// <param name="Name">Such as <c>org/repo</c>.</param>
/// <param name="Commit">40 hexadecimal digits.</param>
/// <param name="Files">Paths with forward slashes.</param>
internal sealed record HubRepository(string Name, string Commit, IReadOnlyList<string> Files);

/// <summary>A file of a repository.</summary>
/// <param name="Path">With forward slashes.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Tag">What its content is known by: its SHA-256, 64 hexadecimal digits.</param>
internal sealed record HubFile(string Path, long Bytes, string Tag);

/// <summary>Speaks with the hub: what a repository holds, and the bytes of a file.</summary>
/// <remarks>Redirects are followed by hand, so that the token goes to the hub alone. Any thread.</remarks>
/// <param name="endpoint">Which hub.</param>
internal sealed class HubClient(HubEndpoint endpoint) : IDisposable
{
    private const int MostRedirects = 5;
    private const string LinkedTag = "X-Linked-Etag", LinkedSize = "X-Linked-Size";

    /// <summary>The longest silence before a connection counts as cut.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        ConnectTimeout = Patience,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan, // of a whole file there is none; silence has one
        DefaultRequestHeaders = { { "User-Agent", "ggufconcepts" }, { "Accept-Encoding", "identity" } },
    };

    public void Dispose() => _http.Dispose();

    /// <summary>What a repository holds at a revision.</summary>
    /// <exception cref="ConceptInputException">There is none such, or it wants a token.</exception>
    /// <exception cref="HttpRequestException">The hub cannot be reached or does not answer as it should.</exception>
    public async Task<HubRepository> ReadRepositoryAsync(string repository, string revision, CancellationToken cancellation)
    {
        Uri address = new(endpoint.Address, $"api/models/{repository}/revision/{Uri.EscapeDataString(revision)}");
        using HttpResponseMessage response = await SendAsync(HttpMethod.Get, address, from: 0, $"{repository}@{revision}", cancellation)
            .ConfigureAwait(false);
        byte[] body = await WithPatienceAsync(address.Host, response.Content.ReadAsByteArrayAsync, cancellation).ConfigureAwait(false);
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            string commit = document.RootElement.GetProperty("sha").GetString() ?? "";
            return commit.Length == 40 && commit.All(char.IsAsciiHexDigit)
                ? new HubRepository(repository, commit, [.. document.RootElement.GetProperty("siblings").EnumerateArray()
                    .Select(file => file.GetProperty("rfilename").GetString() ?? "")])
                : throw new HttpRequestException($"{address} tells no commit.");
        }
        catch (Exception problem) when (problem is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new HttpRequestException($"{address} answers with what is no description of a repository.", problem);
        }
    }

    /// <summary>The size of a file and what its content is known by.</summary>
    /// <exception cref="ConceptInputException">There is none such.</exception>
    /// <exception cref="HttpRequestException">The hub cannot be reached or does not tell.</exception>
    public async Task<HubFile> ReadFileAsync(HubRepository repository, string path, CancellationToken cancellation)
    {
        Uri address = AddressOf(repository, path);
        using HttpResponseMessage response = await SendAsync(HttpMethod.Head, address, from: 0, path, cancellation).ConfigureAwait(false);
        string tag = (Header(response, LinkedTag) ?? response.Headers.ETag?.Tag ?? "").Replace("W/", "", StringComparison.Ordinal).Trim('"');
        long? bytes = Header(response, LinkedSize) is { } size && long.TryParse(size, out long linked) ? linked
            : response.Content.Headers.ContentLength;
        return bytes is > 0 && tag.Length == 64 && tag.All(char.IsAsciiHexDigit)
            ? new HubFile(path, bytes.Value, tag.ToLowerInvariant())
            : throw new HttpRequestException($"{address} tells no size, or no SHA-256 to check its content by.");
    }

    /// <summary>Opens a file from a byte on.</summary>
    /// <returns>Status 206 from there on, or 200 from the beginning.</returns>
    public Task<HttpResponseMessage> OpenAsync(HubRepository repository, string path, long from, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Get, AddressOf(repository, path), from, path, cancellation);

    private Uri AddressOf(HubRepository repository, string path) => new(
        endpoint.Address, $"{repository.Name}/resolve/{repository.Commit}/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}");

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, Uri address, long from, string what, CancellationToken cancellation)
    {
        for (int redirects = 0; redirects <= MostRedirects; redirects++)
        {
            using HttpRequestMessage request = new(method, address);
            if (endpoint.Token is not null && endpoint.IsItself(address))
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", endpoint.Token);
            }

            request.Headers.Range = from > 0 ? new RangeHeaderValue(from, null) : null;
            HttpResponseMessage response = await WithPatienceAsync(
                address.Host,
                token => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token),
                cancellation).ConfigureAwait(false);
            if ((int)response.StatusCode is < 300 or >= 400 || (method == HttpMethod.Head && Header(response, LinkedTag) is not null))
            {
                return Require(response, what);
            }

            using (response)
            {
                Uri next = Header(response, "Location") is { } location && Uri.TryCreate(address, location, out Uri? target)
                    ? target
                    : throw new HttpRequestException($"{address} redirects to nowhere.");
                address = next.Scheme == address.Scheme || next.Scheme == "https"
                    ? next
                    : throw new HttpRequestException($"{address} redirects to {next.Scheme}, which is not safe.");
            }
        }

        throw new HttpRequestException($"{address} is redirected more than {MostRedirects} times.");
    }

    private static async Task<T> WithPatienceAsync<T>(string host, Func<CancellationToken, Task<T>> answer, CancellationToken cancellation)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            return await answer(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new HttpRequestException($"{host} did not answer within {Patience.TotalSeconds:F0} s.");
        }
    }

    private HttpResponseMessage Require(HttpResponseMessage response, string what)
    {
        if (response.IsSuccessStatusCode || (int)response.StatusCode is >= 300 and < 400)
        {
            return response;
        }

        using (response)
        {
            throw response.StatusCode switch
            {
                HttpStatusCode.NotFound => new ConceptInputException(
                    $"{endpoint.Address.Host} has no {what}; check its spelling."),
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new ConceptInputException(
                    $"{endpoint.Address.Host} does not show {what}: there is none, or it wants " +
                    (endpoint.Token is null ? "a token: set HF_TOKEN to yours." : "another token, or its terms accepted on its page.")),
                var status => new HttpRequestException(
                    $"{response.RequestMessage?.RequestUri?.Host} answers {(int)status} for {what}.", null, status),
            };
        }
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.FirstOrDefault() : null;
}
