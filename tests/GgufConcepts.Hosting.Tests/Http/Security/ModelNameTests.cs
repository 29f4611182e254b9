using System.Text.Json;
using GgufConcepts.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace GgufConcepts.Hosting.Tests.Http.Security;

/// <summary>A model's name is a key, never a path: whatever is no model here is the same answer.</summary>
public sealed class ModelNameTests
{
    private static readonly string[] s_host = ["Host: localhost"];

    public static TheoryData<string> Names =>
    [
        "..", ".", "../atlas", "../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/passwd", "C:\\Windows\\win.ini", "\\\\server\\share\\atlas",
        "file:///etc/passwd", "hf:org/repo", "ollama:atlas", "atlas.gguf", "./atlas", "atlas/", "atlas/../atlas", "atlas\0", "\0", "atlas\0.gguf",
        "CON", "NUL", "LPT1", "aux.gguf", "atlas:stream", "", " ", " atlas", "atlas ", "ATLAS", "Atlas", "аtlas", "ａｔｌａｓ", "atl\u200Bas", "\u202Esalta",
        "atlas\n", "atlas\r\nX: y", "%00", "%2e%2e%2f", "~", "$HOME", "{0}", "<script>", "𝒶tlas", "\uFFFD", new string('a', 300), new string('a', 100_000), new string('/', 300),
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Model_ThatIsNone_IsOneSame404(string name)
    {
        await using Server server = await Server.StartAsync();
        string json = JsonSerializer.Serialize(name);
        foreach ((string path, string more) in new[]
        {
            ("/v1/completions", "\"prompt\":\"a\""), ("/v1/chat/completions", "\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]"),
            ("/v1/concepts/think", "\"prompt\":\"a\""), ("/v1/concepts/nearest", "\"steps\":[]"),
        })
        {
            RawAnswer answer = await RawClient.AskAsync(server, $"POST {path}", s_host, $"{{\"model\":{json},{more}}}");
            AssertNoSuchModel(answer);
        }
    }

    [Theory]
    [InlineData("..%2f..%2fetc%2fpasswd")]
    [InlineData("..%5c..%5cwindows%5cwin.ini")]
    [InlineData("%2e%2e%2fatlas")]
    [InlineData("%2Fetc%2Fpasswd")]
    [InlineData("/etc/passwd")]
    [InlineData("%252e%252e%252fatlas")] // not decoded twice
    [InlineData("%61tlas%2f")]
    [InlineData("atl%2561s")]
    [InlineData("C:%5cWindows")]
    [InlineData("CON")]
    [InlineData("%20")]
    [InlineData("atlas%20")]
    [InlineData("atlas%0a")]
    [InlineData("%d0%b0tlas")]
    [InlineData("%ff%fe")]
    [InlineData("ATLAS")]
    [InlineData("atlas.gguf")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task ModelPath_ThatIsNone_IsTheSame404(string id)
    {
        await using Server server = await Server.StartAsync();
        AssertNoSuchModel(await RawClient.AskAsync(server, $"GET /v1/models/{id}", s_host));
    }

    /// <summary>Paths that the server takes together before it looks where they lead: to nothing of ours.</summary>
    [Theory]
    [InlineData("GET /v1/models/..")]
    [InlineData("GET /v1/models/%2e%2e")]
    [InlineData("GET /v1/models/../nothing")]
    [InlineData("GET /v1/%2e/nothing")]
    public async Task ModelPath_WithDots_LeadsNowhere(string request)
    {
        await using Server server = await Server.StartAsync();
        RawAnswer answer = await RawClient.AskAsync(server, request, s_host);
        Assert.Equal((404, "unknown_path"), (answer.Status, answer.Error("code")));
    }

    [Fact]
    public async Task ModelPath_WithNul_IsNoRequest()
    {
        await using Server server = await Server.StartAsync();
        Assert.Equal(400, (await RawClient.AskAsync(server, "GET /v1/models/%00", s_host)).Status);
        Assert.Equal(400, (await RawClient.AskAsync(server, "GET /v1/models/atlas%00.gguf", s_host)).Status);
    }

    [Theory]
    [InlineData("org/repo:Q4_K_M", "org/repo:Q4_K_M")]
    [InlineData("org/repo:Q4_K_M", "org%2Frepo%3AQ4_K_M")]
    [InlineData("Große Atlanten 图", "Gro%C3%9Fe%20Atlanten%20%E5%9B%BE")]
    public async Task ModelPath_OfAModel_IsThatOne(string name, string id)
    {
        await using Server server = await Server.StartAsync(models => models.AddModel(name, model =>
            (model.Model, model.Loading) = (CommittedModels.Path("atlas.gguf"), ModelLoading.OnFirstRequest)));
        RawAnswer answer = await RawClient.AskAsync(server, $"GET /v1/models/{id}", s_host);
        Assert.Equal(200, answer.Status);
        Assert.Equal(name, JsonElement.Parse(answer.Body).GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("../atlas")]
    [InlineData("atlas\n")]
    [InlineData(" atlas")]
    public void AddModel_ThatCouldNotBeCalledSo_IsRefused(string name) => Assert.Equal(
        "name", Assert.Throws<ArgumentException>(() => new ServiceCollection().AddGgufConcepts().AddModel(name, _ => { })).ParamName);

    private static void AssertNoSuchModel(RawAnswer answer)
    {
        Assert.Equal((404, "model_not_found", "model"), (answer.Status, answer.Error("code"), answer.Error("param")));
        Assert.Equal("There is no such model here; there is atlas.", answer.Error("message"));
    }
}
