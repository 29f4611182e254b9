using GgufConcepts.Hosting.Http.Access;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GgufConcepts.Hosting.Tests.Http.Security;

/// <summary>Keys: who has none of them is told nothing.</summary>
public sealed class KeyTests
{
    /// <summary>One of the keys here.</summary>
    public const string Key = "one-key-of-this-server";

    private const string Other = "another-key-of-this-server";

    private static readonly string[] s_asked =
    [
        "GET /v1/models", "GET /v1/models/atlas", "GET /v1/concepts/strategies", "GET /metrics", "GET /v1/nothing", "GET /v1/completions",
        "HEAD /v1/models", "POST /v1/completions", "POST /v1/chat/completions", "POST /v1/concepts/think", "POST /v1/concepts/nearest",
        "POST /v1/concepts/report", "POST /v1/concepts/read",
    ];

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer one-key-of-this-serve")]
    [InlineData("Bearer one-key-of-this-server2")]
    [InlineData("Bearer ONE-KEY-OF-THIS-SERVER")]
    [InlineData("Basic one-key-of-this-server")]
    [InlineData("one-key-of-this-server")]
    [InlineData("Bearer one-key-of-this-server, Bearer one-key-of-this-server")]
    public async Task Key_MissingOrWrong_IsToldThatOneIsNeeded(string? authorization)
    {
        await using Server server = await StartAsync();
        string[] headers = ["Host: localhost", .. authorization is null ? [] : new[] { $"Authorization: {authorization}" }];
        foreach (string request in s_asked)
        {
            RawAnswer answer = await RawClient.AskAsync(server, request, headers, request.StartsWith("POST", StringComparison.Ordinal) ? "{}" : null);
            Assert.Equal((request, 401), (request, answer.Status));
            Assert.StartsWith("Bearer ", answer.Headers["WWW-Authenticate"], StringComparison.Ordinal);
            Assert.DoesNotContain("atlas", answer.Body, StringComparison.Ordinal);
            Assert.DoesNotContain(Key, answer.Body, StringComparison.OrdinalIgnoreCase);
            if (!request.StartsWith("HEAD", StringComparison.Ordinal))
            {
                Assert.Equal("invalid_api_key", answer.Error("code"));
            }
        }
    }

    [Theory]
    [InlineData($"Bearer {Key}")]
    [InlineData($"bearer {Other}")] // the scheme is a word of any case (RFC 9110, section 11.1)
    public async Task Key_OneOfThem_LetsIn(string authorization)
    {
        await using Server server = await StartAsync();
        foreach (string request in new[] { "GET /v1/models", "GET /metrics", "GET /v1/concepts/strategies" })
        {
            Assert.Equal(200, (await RawClient.AskAsync(server, request, ["Host: localhost", $"Authorization: {authorization}"])).Status);
        }
    }

    [Fact]
    public async Task Key_ForWhatTellsNothing_IsNotAsked()
    {
        await using Server server = await StartAsync();
        foreach (string request in new[] { "GET /health", "GET /ready", "GET /", "GET /page/main.js", "HEAD /" })
        {
            Assert.Equal((request, 200), (request, (await RawClient.AskAsync(server, request, ["Host: localhost"])).Status));
        }
    }

    [Fact]
    public async Task Keys_None_NobodyIsAsked()
    {
        await using Server server = await Server.StartAsync();
        Assert.Equal(200, (await RawClient.AskAsync(server, "GET /v1/models", ["Host: localhost"])).Status);
    }

    /// <summary>Every wrong key is compared to its end: as hashes, of one length.</summary>
    [Fact]
    public void Accept_ManyKeys_TakesEachAndNoOther()
    {
        string[] keys = [.. Enumerable.Range(0, 100).Select(i => $"a-key-with-the-number-{i}")];
        ApiKeys known = new(keys);
        Assert.All(keys, key => Assert.True(known.Accept($"Bearer {key}")));
        Assert.All(keys, key => Assert.False(known.Accept($"Bearer {key}x")));
        Assert.False(new ApiKeys([]).AreAsked);
    }

    [Fact]
    public void Settings_FromAConfiguration_HaveKeysHostsAndOrigins()
    {
        HostedConceptSettings settings = Bind(
            ("ApiKeys:0", Key), ("AllowedHosts:0", "models.example.org"), ("AllowedOrigins:0", "https://chat.example.org"), ("SlowClientLimit", "00:00:05"));
        Assert.Equal([Key], settings.ApiKeys);
        Assert.Equal(["models.example.org"], settings.AllowedHosts);
        Assert.Equal(["https://chat.example.org"], settings.AllowedOrigins);
        Assert.Equal(TimeSpan.FromSeconds(5), settings.SlowClientLimit);
    }

    [Fact]
    public void Settings_Unusable_NameEachAndNoKey()
    {
        OptionsValidationException problem = Assert.Throws<OptionsValidationException>(() => Bind(
            ("ApiKeys:0", Key), ("ApiKeys:1", "sesame"), ("AllowedHosts:0", "https://a"), ("AllowedOrigins:0", "a"), ("AllowedOrigins:1", "https://a/b")));
        string told = string.Join('\n', problem.Failures);
        foreach (string part in new[] { "ApiKeys[1] has 6 characters", "AllowedHosts[0] is 'https://a'", "AllowedOrigins[0] is 'a'", "AllowedOrigins[1] is 'https://a/b'" })
        {
            Assert.Contains(part, told, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("sesame", told, StringComparison.Ordinal);
    }

    private static Task<Server> StartAsync() => Server.StartAsync(configure: settings =>
    {
        settings.ApiKeys.Add(Key);
        settings.ApiKeys.Add(Other);
    });

    private static HostedConceptSettings Bind(params (string Name, string Value)[] settings)
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>(setting.Name, setting.Value))).Build();
        ServiceCollection services = new();
        services.AddGgufConcepts(configuration);
        using ServiceProvider provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<HostedConceptSettings>>().Value;
    }
}
