using System.Net;
using System.Text.Json;
using GgufConcepts.Models;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;
using Microsoft.Extensions.DependencyInjection;

namespace GgufConcepts.Hosting.Tests.Http;

/// <summary>What is ours over HTTP, against what the library itself gives.</summary>
public sealed class ConceptEndpointTests
{
    private const string Think = "/v1/concepts/think";
    private const string Prompt = "The capital of France is";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Think_Streamed_TellsWhatTheLibraryTells()
    {
        await using Server server = await Server.StartAsync();
        List<(string Name, JsonElement Data)> events = await server.StreamAsync(Think, $$$"""
            {"prompt":"{{{Prompt}}}","seed":3,"concept":{"strategy":"soft:maxTopK=4","maxSteps":6,"stopEntropy":0,"chunk":2,"answer":{"maxTokens":5} } }
            """);
        ConceptModel model = server.Services.GetRequiredService<IConceptService>().Model;
        ThinkOptions options = new()
        {
            Strategy = StrategyCatalog.Standard.Make(StrategySpec.ParseList("soft:maxTopK=4")[0]),
            MaxSteps = 6, ColdStop = new ColdStop { Entropy = 0 }, ChunkLength = 2, AnswerTokens = 5, Seed = 3,
        };
        using ConceptSession session = model.CreateSession();
        TraceRecorder recorder = new(model.Info, Prompt, "soft", options.Settings, 3);
        foreach (ThoughtEvent happened in session.Think(Prompt, options, Token))
        {
            recorder.Add(happened);
        }

        Trace alone = recorder.Build();
        Assert.Equal("prompt", events[0].Name);
        Assert.Equal("done", events[^1].Name);
        Assert.Equal(alone.PromptTokens, events[0].Data.GetProperty("tokens").EnumerateArray().Select(token => token.GetInt32()));
        Assert.Equal(alone.Steps.Count, events.Count(each => each.Name == "step"));
        Assert.Equal(alone.Chunks.Select(chunk => chunk.Translation), events.Where(each => each.Name == "chunk").Select(each => each.Data.GetProperty("translation").GetString()));
        Assert.Equal(alone.Answer, string.Concat(events.Where(each => each.Name == "answer").Select(each => each.Data.GetProperty("text").GetString())));
        Trace told = TraceJson.Read(events[^1].Data, "done");
        Assert.Equal(alone.Steps.Select(step => step.Tokens[0].Text), told.Steps.Select(step => step.Tokens[0].Text));
        Assert.Equal(alone.Settings.ToJsonString(), told.Settings.ToJsonString());
        Assert.Equal((alone.Answer, alone.Stop, alone.Seed), (told.Answer, told.Stop, told.Seed));
        Assert.Equal("atlas.gguf", told.Model.Path); // not where it lies on the server
    }

    [Fact]
    public async Task Think_Whole_IsATraceWithNearestTokens()
    {
        await using Server server = await Server.StartAsync();
        (HttpStatusCode status, JsonElement json) = await server.PostAsync(
            Think, $$$"""{"model":"atlas","prompt":"{{{Prompt}}}","stream":false,"nearest":3,"concept":{"maxSteps":2,"stopEntropy":0} }""");
        Assert.Equal(HttpStatusCode.OK, status);
        Trace trace = TraceJson.Read(json, "it");
        Assert.Equal(2, trace.Steps.Count);
        Assert.All(trace.Steps, step => Assert.Equal(3, step.Nearest?.Count));

        string steps = JsonSerializer.Serialize(json.GetProperty("steps"));
        (status, json) = await server.PostAsync("/v1/concepts/nearest", $$"""{"count":3,"steps":{{steps}}}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            trace.Steps[1].Nearest!.Select(token => token.Id),
            json.GetProperty("steps")[1].GetProperty("nearest").EnumerateArray().Select(token => token.GetProperty("id").GetInt32()));
    }

    [Theory]
    [InlineData("""{"prompt":5}""", 400, "prompt is 5; use a text in quotes.")]
    [InlineData("""{}""", 400, "prompt is missing; give the text to think about.")]
    [InlineData("""{"prompt":"a","concept":{"maxSteps":-1}}""", 400, "concept.maxSteps is -1; use a whole number from 0 to 131072.")]
    [InlineData("""{"prompt":"a","concept":{"maxStep":1}}""", 400, "There is no field concept.maxStep; there are")]
    [InlineData("""{"prompt":"a","nearest":101}""", 400, "nearest is 101; use a whole number from 0 to 100.")]
    [InlineData("""{"prompt":"a","prompt":"b"}""", 400, "The body is no JSON:")]
    [InlineData("""{"prompt":"a",""", 400, "The body is no JSON:")]
    [InlineData("""["prompt"]""", 400, "The body is no JSON object; send one in braces.")]
    [InlineData("""{"prompt":"\ud800"}""", 400, "The body is no JSON:")]
    [InlineData("""{"\ud800":1}""", 400, "The body is no JSON:")]
    [InlineData("""{"prompt":"a","concept":{"maxTopK":"\ud800"}}""", 400, "The body is no JSON:")]
    [InlineData("""{"model":"../atlas","prompt":"a"}""", 404, "There is no such model here; there is atlas.")]
    [InlineData("""{"prompt":""}""", 400, "The prompt is empty")]
    public async Task Think_Unusable_SaysWhatIsWrong(string body, int status, string message)
    {
        await using Server server = await Server.StartAsync();
        (HttpStatusCode answered, JsonElement json) = await server.PostAsync(Think, body);
        Assert.Equal(status, (int)answered);
        Assert.StartsWith(message, json.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("invalid_request_error", json.GetProperty("error").GetProperty("type").GetString());
    }

    [Fact]
    public async Task Think_OtherContentOrTooLarge_IsRefused()
    {
        await using Server server = await Server.StartAsync();
        using StringContent text = new("""{"prompt":"a"}""");
        using HttpResponseMessage plain = await server.Client.PostAsync(Think, text, Token);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, plain.StatusCode);
        (HttpStatusCode status, JsonElement _) = await server.PostAsync(Think, $$"""{"prompt":"{{new string('a', 1 << 20)}}"}""");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        using HttpResponseMessage get = await server.Client.GetAsync(Think, Token);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
    }

    [Fact]
    public async Task Read_Off_IsRefused()
    {
        await using Server server = await Server.StartAsync();
        (HttpStatusCode status, JsonElement json) = await server.PostAsync("/v1/concepts/read", "{}");
        Assert.Equal((HttpStatusCode.Forbidden, "vectors_off"), (status, json.GetProperty("error").GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Read_AWordsOwnRow_IsThatWord()
    {
        await using Server server = await Server.StartAsync(configure: settings => settings.AcceptVectors = true);
        ConceptModel model = server.Services.GetRequiredService<IConceptService>().Model;
        using ConceptSession session = model.CreateSession();
        float[] row = new float[model.Info.EmbeddingLength];
        session.Embeddings.Row(model.Tokenizer.EncodeContinuation(" Paris")[0], row);
        string expected = session.Read(row, cancellation: Token);
        (HttpStatusCode status, JsonElement json) = await server.PostAsync("/v1/concepts/read", Body(row, 1));
        Assert.Equal((HttpStatusCode.OK, expected), (status, json.GetProperty("translation").GetString()));
        Assert.Contains("Paris", expected, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 0f, 2, "vectors holds 512 bytes; 2 vectors of 128 numbers are 1024.")]
    [InlineData(1, 0f, 0, "count is 0; use a whole number from 1 to 100000.")]
    [InlineData(1, float.NaN, 1, "vectors holds NaN, infinity or a number beyond")]
    [InlineData(1, float.NegativeInfinity, 1, "vectors holds NaN, infinity or a number beyond")]
    [InlineData(1, 1e30f, 1, "vectors holds NaN, infinity or a number beyond")]
    [InlineData(1, -1e30f, 1, "vectors holds NaN, infinity or a number beyond")]
    public async Task Read_OddVectors_AreRefused(int rows, float last, int count, string message)
    {
        await using Server server = await Server.StartAsync(configure: settings => settings.AcceptVectors = true);
        float[] vectors = new float[128 * rows];
        vectors[^1] = last;
        (HttpStatusCode status, JsonElement json) = await server.PostAsync("/v1/concepts/read", Body(vectors, count));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.StartsWith(message, json.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_ATraceOrTwo_IsAPage()
    {
        await using Server server = await Server.StartAsync();
        (_, JsonElement trace) = await server.PostAsync(Think, """{"prompt":"The capital of","stream":false,"concept":{"maxSteps":2}}""");
        string one = JsonSerializer.Serialize(trace);
        foreach (string body in new[] { one, $$"""{"first":{{one}},"second":{{one}}}""" })
        {
            using StringContent content = new(body, System.Text.Encoding.UTF8, "application/json");
            using HttpResponseMessage response = await server.Client.PostAsync("/v1/concepts/report", content, Token);
            Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
            Assert.Contains("The capital of", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }

        (HttpStatusCode status, JsonElement json) = await server.PostAsync("/v1/concepts/report", """{"schema":9}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(
            "The body is no trace: schema 9 is unknown; this program reads schema 1.", json.GetProperty("error").GetProperty("message").GetString());
    }

    [Fact]
    public async Task Strategies_Asked_AreThoseOfTheCatalog()
    {
        await using Server server = await Server.StartAsync();
        JsonElement json = JsonElement.Parse(await server.Client.GetStringAsync("/v1/concepts/strategies", Token));
        Assert.Equal(
            StrategyCatalog.Standard.Names, json.GetProperty("strategies").EnumerateArray().Select(rule => rule.GetProperty("name").GetString()));
        Assert.Equal(PresetCatalog.All.Count, json.GetProperty("presets").GetArrayLength());
    }

    private static string Body(float[] vectors, int count) => JsonSerializer.Serialize(new
    {
        count,
        vectors = Convert.ToBase64String(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(vectors)),
    });
}
