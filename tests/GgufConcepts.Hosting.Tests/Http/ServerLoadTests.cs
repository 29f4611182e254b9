using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using GgufConcepts.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GgufConcepts.Hosting.Tests.Http;

/// <summary>Many clients, clients that leave, a server that stops.</summary>
public sealed class ServerLoadTests
{
    private const string Brief = """{"prompt":"The","stream":false,"concept":{"maxSteps":4,"stopEntropy":0,"reader":false,"answer":{"maxTokens":2}}}""";
    private const string Long = """{"prompt":"The","concept":{"maxSteps":100000,"fixedLength":true,"reader":false,"answer":{"maxTokens":0}}}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Think_TwoHundredClients_EachGetsAnAnswerOrIsToldToComeAgain()
    {
        await using Server server = await Server.StartAsync();
        (HttpStatusCode Status, RetryConditionHeaderValue? Retry, string Body)[] answers =
            await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => AskAsync()));

        Assert.All(answers, answer => Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.TooManyRequests));
        Assert.True(answers.Count(answer => answer.Status == HttpStatusCode.OK) >= 64); // at least those who could wait
        Assert.All(answers.Where(answer => answer.Status == HttpStatusCode.TooManyRequests), answer =>
        {
            Assert.Equal(TimeSpan.FromSeconds(1), answer.Retry?.Delta);
            Assert.Equal("queue_full", JsonElement.Parse(answer.Body).GetProperty("error").GetProperty("code").GetString());
        });
        Assert.All(answers.Where(answer => answer.Status == HttpStatusCode.OK), answer =>
            Assert.Equal(4, JsonElement.Parse(answer.Body).GetProperty("steps").GetArrayLength()));

        async Task<(HttpStatusCode, RetryConditionHeaderValue?, string)> AskAsync()
        {
            using StringContent content = new(Brief, System.Text.Encoding.UTF8, "application/json");
            using HttpResponseMessage response = await server.Client.PostAsync("/v1/concepts/think", content, Token);
            return (response.StatusCode, response.Headers.RetryAfter, await response.Content.ReadAsStringAsync(Token));
        }
    }

    [Fact]
    public async Task Think_ClientHangsUp_FreesItsPlace()
    {
        await using Server server = await Server.StartAsync(LongThinker);
        IConceptService service = server.Services.GetRequiredService<IConceptService>();
        using (HttpResponseMessage response = await BeginAsync(server))
        {
            Assert.Equal(1, service.Running);
        }

        await Hosts.WaitUntilAsync(() => service.Running == 0);
        (HttpStatusCode status, JsonElement _) = await server.PostAsync("/v1/concepts/think", Brief);
        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Fact]
    public async Task Think_PastTheDeadline_EndsTheStreamWithAnError()
    {
        await using Server server = await Server.StartAsync(builder => LongThinker(builder, TimeSpan.FromSeconds(1)));
        List<(string Name, JsonElement Data)> events = await server.StreamAsync("/v1/concepts/think", Long);
        Assert.Equal(("error", "timeout_error"), (events[^1].Name, events[^1].Data.GetProperty("error").GetProperty("type").GetString()));
        Assert.Contains(events, each => each.Name == "step");
    }

    [Fact]
    public async Task Stop_WhileItThinks_RefusesWhatComesAndEndsWhatRuns()
    {
        Server server = await Server.StartAsync(LongThinker, settings => settings.DrainLimit = TimeSpan.FromSeconds(1));
        try
        {
            IConceptService service = server.Services.GetRequiredService<IConceptService>();
            using HttpResponseMessage running = await BeginAsync(server);
            using StreamReader told = new(await running.Content.ReadAsStreamAsync(Token));
            Task stopping = server.App.StopAsync(CancellationToken.None);
            string rest = await told.ReadToEndAsync(Token);
            Assert.Contains("\"code\":\"stopping\"", rest, StringComparison.Ordinal);
            await stopping;
            Assert.Equal(0, service.Running);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Ready_WhileItLoadsOrCannot_Says503()
    {
        await using Server server = await Server.StartAsync();
        using HttpResponseMessage ready = await server.Client.GetAsync("/ready", Token);
        JsonElement told = JsonElement.Parse(await ready.Content.ReadAsStringAsync(Token));
        Assert.Equal((HttpStatusCode.OK, "ready"), (ready.StatusCode, told.GetProperty("status").GetString()));
        Assert.Equal("ready", told.GetProperty("models")[0].GetProperty("state").GetString());
        using HttpResponseMessage health = await server.Client.GetAsync("/health", Token);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);

        server.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        using HttpResponseMessage stopping = await server.Client.GetAsync("/ready", Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, stopping.StatusCode);
    }

    private static void LongThinker(GgufConceptsBuilder builder) => LongThinker(builder, TimeSpan.FromMinutes(5));

    private static void LongThinker(GgufConceptsBuilder builder, TimeSpan deadline) => builder.AddModel("tiny", model =>
    {
        model.Model = TinyModels.Path(TinyArchitecture.Qwen2, new TinyOptions { ContextLength = 1 << 17 });
        (model.ContextLength, model.Parallel, model.Deadline) = (1 << 17, 1, deadline);
    });

    /// <summary>Asks for a thought that goes on and on, and reads its first steps.</summary>
    private static async Task<HttpResponseMessage> BeginAsync(Server server)
    {
        HttpRequestMessage request = new(HttpMethod.Post, "/v1/concepts/think")
        {
            Content = new StringContent(Long, System.Text.Encoding.UTF8, "application/json"),
        };
        HttpResponseMessage response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Stream stream = await response.Content.ReadAsStreamAsync(Token);
        Assert.True(await stream.ReadAtLeastAsync(new byte[500], 500, cancellationToken: Token) == 500);
        return response;
    }
}
