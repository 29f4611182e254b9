namespace GgufConcepts.Hosting.Tests.Http.Security;

/// <summary>Whose pages may ask: our own, and those that are named.</summary>
public sealed class OriginTests
{
    private const string Friend = "https://chat.example.org";
    private const string Thought = """{"prompt":"The","stream":false,"concept":{"maxSteps":1,"reader":false,"answer":{"maxTokens":0}}}""";

    [Theory]
    [InlineData("localhost:5000", "http://localhost:5000")]
    [InlineData("LocalHost:5000", "http://localhost:5000")]
    [InlineData("localhost", "http://localhost:80")]
    [InlineData("localhost", "https://localhost")] // something that speaks TLS stands between
    public async Task Origin_OfOurOwnPage_IsAnsweredWithoutCors(string host, string origin)
    {
        await using Server server = await Server.StartAsync();
        RawAnswer answer = await RawClient.AskAsync(server, "POST /v1/concepts/think", [$"Host: {host}", $"Origin: {origin}"], Thought);
        Assert.Equal(200, answer.Status);
        Assert.DoesNotContain("Access-Control-Allow-Origin", answer.Headers.Keys);
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("http://localhost:5001")] // another program of this machine
    [InlineData("http://localhost")]
    [InlineData("http://127.0.0.1:5000")]
    [InlineData("null")]
    [InlineData("app://localhost:5000")]
    [InlineData("not an origin")]
    [InlineData("https://chat.example.org.evil.example")]
    public async Task Origin_OfAnotherPage_IsRefused(string origin)
    {
        await using Server server = await Server.StartAsync(configure: settings => settings.AllowedOrigins.Add(Friend));
        foreach ((string request, string? body) in new[] { ("POST /v1/concepts/think", Thought), ("GET /v1/models", null), ("OPTIONS /v1/concepts/think", null) })
        {
            RawAnswer answer = await RawClient.AskAsync(
                server, request, ["Host: localhost:5000", $"Origin: {origin}", "Access-Control-Request-Method: POST"], body);
            Assert.Equal((request, 403, "origin_not_allowed"), (request, answer.Status, answer.Error("code")));
            Assert.Contains("AllowedOrigins (serve --allow-origin)", answer.Error("message"), StringComparison.Ordinal);
            Assert.DoesNotContain(answer.Headers.Keys, name => name.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task Origin_Configured_MayAskAndReadTheAnswer()
    {
        await using Server server = await Server.StartAsync(configure: settings =>
        {
            settings.AllowedOrigins.Add($"{Friend}/");
            settings.ApiKeys.Add(KeyTests.Key);
        });
        string[] headers = ["Host: localhost", $"Origin: {Friend}"];
        RawAnswer asked = await RawClient.AskAsync(
            server, "OPTIONS /v1/concepts/think",
            [.. headers, "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization,x-stainless-os"]);
        Assert.Equal(204, asked.Status); // which browsers ask without a key
        Assert.Equal(Friend, asked.Headers["Access-Control-Allow-Origin"]);
        Assert.Equal("POST, OPTIONS", asked.Headers["Access-Control-Allow-Methods"]);
        Assert.Equal("authorization,x-stainless-os", asked.Headers["Access-Control-Allow-Headers"]);
        Assert.Equal("Origin", asked.Headers["Vary"]);
        Assert.DoesNotContain("Access-Control-Allow-Credentials", asked.Headers.Keys);

        RawAnswer thought = await RawClient.AskAsync(server, "POST /v1/concepts/think", [.. headers, $"Authorization: Bearer {KeyTests.Key}"], Thought);
        Assert.Equal((200, Friend), (thought.Status, thought.Headers["Access-Control-Allow-Origin"]));
        RawAnswer refused = await RawClient.AskAsync(server, "POST /v1/concepts/think", headers, Thought);
        Assert.Equal((401, Friend), (refused.Status, refused.Headers["Access-Control-Allow-Origin"])); // a problem can be read too
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=a")]
    [InlineData("text/plain; application/json")]
    public async Task Post_OfATypeThatAnyPageMaySend_IsRefused(string type)
    {
        await using Server server = await Server.StartAsync();
        foreach (string path in new[] { "/v1/completions", "/v1/chat/completions", "/v1/concepts/think", "/v1/concepts/nearest", "/v1/concepts/report" })
        {
            RawAnswer answer = await RawClient.AskAsync(server, $"POST {path}", ["Host: localhost", $"Content-Type: {type}"], Thought);
            Assert.Equal((path, 415), (path, answer.Status));
            Assert.Contains("send application/json", answer.Error("message"), StringComparison.Ordinal);
        }
    }
}
