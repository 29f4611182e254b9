using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using GgufConcepts.Hosting.Page;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace GgufConcepts.Hosting.Tests.Page;

/// <summary>What the page is made of, as a server sends it.</summary>
public sealed partial class PageFileTests : IAsyncLifetime
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private WebApplication? _app;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.UsePathBase("/some/where");
        _app.UseRouting(); // after the prefix is taken off
        _app.MapPage();
        _app.MapGroup("/group").MapPage();
        _app.MapGroup("/taken").MapPage();
        _app.MapGet("/taken/", () => "the program's");
        await _app.StartAsync(Token);
        _client.BaseAddress = new Uri(_app.Urls.Single());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/some/where/")]
    [InlineData("/group/")]
    public async Task Get_Page_LoadsNothingButItsOwnParts(string address)
    {
        using HttpResponseMessage page = await _client.GetAsync(address, Token);
        string html = await page.Content.ReadAsStringAsync(Token);

        Assert.Equal("text/html; charset=utf-8", page.Content.Headers.ContentType?.ToString());
        AssertPolicy(page);
        Assert.DoesNotContain("<style", html, StringComparison.Ordinal); // the policy would refuse both
        Assert.DoesNotMatch("<[^>]* (style|on[a-z]+)=|<script>", html);

        // Everything that is named, and everything that this names in its turn.
        HashSet<string> seen = [];
        Queue<string> waiting = new(PartOfPage().Matches(html).Select(match => match.Groups[1].Value));
        while (waiting.TryDequeue(out string? part))
        {
            if (seen.Add(part))
            {
                using HttpResponseMessage file = await _client.GetAsync($"{address}{part}", Token);
                Assert.True(file.StatusCode == HttpStatusCode.OK, $"{part}: {file.StatusCode}");
                Assert.Equal(TypeOf(part), file.Content.Headers.ContentType?.MediaType);
                AssertPolicy(file);
                string text = await file.Content.ReadAsStringAsync(Token);
                foreach (Match import in Import().Matches(text))
                {
                    waiting.Enqueue($"page/{import.Groups[1].Value}");
                }
            }
        }

        Assert.Equal(PageFile.Parts.Select(part => $"page/{part.Name}").Order(), seen.Order()); // and nothing lies around
    }

    [Fact]
    public async Task Get_Unchanged_IsNotSentAgain()
    {
        using HttpResponseMessage first = await _client.GetAsync("/page/main.js", Token);
        EntityTagHeaderValue tag = Assert.IsType<EntityTagHeaderValue>(first.Headers.ETag);
        Assert.Equal("no-cache", first.Headers.CacheControl?.ToString());

        using HttpRequestMessage again = new(HttpMethod.Get, "/page/main.js") { Headers = { IfNoneMatch = { tag } } };
        using HttpResponseMessage unchanged = await _client.SendAsync(again, Token);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        Assert.Empty(await unchanged.Content.ReadAsByteArrayAsync(Token));

        using HttpRequestMessage other = new(HttpMethod.Get, "/page/main.js") { Headers = { IfNoneMatch = { new("\"other\"") } } };
        using HttpResponseMessage changed = await _client.SendAsync(other, Token);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
    }

    [Theory]
    [InlineData("/some/where", "/some/where/")]
    [InlineData("/some/where?a=b", "/some/where/?a=b")]
    [InlineData("/group", "/group/")]
    public async Task Get_PrefixWithoutSlash_IsSentToTheOneWithIt(string address, string wanted)
    {
        using HttpResponseMessage moved = await _client.GetAsync(address, Token);
        Assert.Equal((HttpStatusCode.TemporaryRedirect, wanted), (moved.StatusCode, moved.Headers.Location?.OriginalString));
    }

    [Fact]
    public async Task Get_ProgramHasAPageOfItsOwn_ThatOneIsSent()
    {
        using HttpResponseMessage page = await _client.GetAsync("/taken/", Token);
        Assert.Equal("the program's", await page.Content.ReadAsStringAsync(Token));
        using HttpResponseMessage part = await _client.GetAsync("/taken/page/main.js", Token);
        Assert.Equal(HttpStatusCode.OK, part.StatusCode);
    }

    [Fact]
    public async Task Head_Page_HasNoBody()
    {
        using HttpRequestMessage head = new(HttpMethod.Head, "/");
        using HttpResponseMessage page = await _client.SendAsync(head, Token);
        Assert.Equal((HttpStatusCode.OK, PageFile.Index.Content.Length), (page.StatusCode, (int)page.Content.Headers.ContentLength!));
        Assert.Empty(await page.Content.ReadAsByteArrayAsync(Token));
    }

    private static void AssertPolicy(HttpResponseMessage file)
    {
        Assert.Equal(
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; " +
            "base-uri 'none'; frame-ancestors 'none'",
            Assert.Single(file.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("nosniff", Assert.Single(file.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(file.Headers.GetValues("Referrer-Policy")));
    }

    private static string TypeOf(string part) => Path.GetExtension(part) switch
    {
        ".js" => "text/javascript",
        ".css" => "text/css",
        _ => "image/svg+xml",
    };

    [GeneratedRegex("(?:href|src)=\"([^\"#]+)\"")]
    private static partial Regex PartOfPage();

    [GeneratedRegex("from \"\\./([^\"]+)\"")]
    private static partial Regex Import();
}
