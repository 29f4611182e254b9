namespace GgufConcepts.Hosting.Tests.Http.Security;

/// <summary>By what name a server may be called: a name of somebody else's that was made to lead here (DNS rebinding) is
/// refused.</summary>
public sealed class HostTests
{
    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:1")] // ports do not count
    [InlineData("127.0.0.1:8080")]
    [InlineData("127.1.2.3")]
    [InlineData("[::1]:8080")]
    public async Task Host_OfThisMachine_IsAnswered(string host)
    {
        await using Server server = await Server.StartAsync();
        Assert.Equal(200, (await RawClient.AskAsync(server, "GET /v1/models", [$"Host: {host}"])).Status);
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:8080")]
    [InlineData("localhost.evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("localhost.")]
    [InlineData("192.0.2.1")] // an address, but not the one that the connection came to
    [InlineData("0.0.0.0:8080")]
    [InlineData("[2001:db8::1]")]
    [InlineData("")]
    public async Task Host_OfSomebodyElse_IsRefusedEverywhere(string host)
    {
        await using Server server = await Server.StartAsync();
        foreach (string request in new[] { "GET /v1/models", "GET /", "GET /page/main.js", "GET /health", "GET /ready", "GET /metrics", "GET /v1/nothing", "OPTIONS /v1/models" })
        {
            RawAnswer answer = await RawClient.AskAsync(server, request, [$"Host: {host}"]);
            Assert.Equal((request, 421, "host_not_allowed"), (request, answer.Status, answer.Error("code")));
            Assert.Contains("AllowedHosts (serve --allow-host)", answer.Error("message"), StringComparison.Ordinal);
        }

        RawAnswer thought = await RawClient.AskAsync(server, "POST /v1/concepts/think", [$"Host: {host}"], """{"prompt":"a"}""");
        Assert.Equal(421, thought.Status);
    }

    [Theory]
    [InlineData("models.example.org", 200)]
    [InlineData("MODELS.example.org:443", 200)]
    [InlineData("localhost", 200)]
    [InlineData("other.example.org", 421)]
    public async Task AllowedHosts_OneMore_IsAnsweredToo(string host, int status)
    {
        await using Server server = await Server.StartAsync(configure: settings => settings.AllowedHosts.Add("models.example.org"));
        Assert.Equal(status, (await RawClient.AskAsync(server, "GET /v1/models", [$"Host: {host}"])).Status);
    }

    [Fact]
    public async Task AllowedHosts_Star_IsAny()
    {
        await using Server server = await Server.StartAsync(configure: settings => settings.AllowedHosts.Add("*"));
        Assert.Equal(200, (await RawClient.AskAsync(server, "GET /v1/models", ["Host: evil.example"])).Status);
    }

    [Fact]
    public async Task Host_OfAProgramsOwnEndpoints_IsItsOwnBusiness()
    {
        await using Server server = await Server.StartAsync(map: Apps.WithOwnEndpoint);
        Assert.Equal(200, (await RawClient.AskAsync(server, "GET /own", ["Host: evil.example", "Origin: https://evil.example"])).Status);
        Assert.Equal(421, (await RawClient.AskAsync(server, "GET /ai/v1/models", ["Host: evil.example"])).Status);
        Assert.Equal(200, (await RawClient.AskAsync(server, "GET /ai/v1/models", ["Host: localhost"])).Status);
    }
}
