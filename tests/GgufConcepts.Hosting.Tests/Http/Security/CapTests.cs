using System.Text.Json;
using GgufConcepts.Hosting.Http;

namespace GgufConcepts.Hosting.Tests.Http.Security;

/// <summary>How much a request may ask for, and that whatever is wrong with one is said by the name of its field.</summary>
public sealed class CapTests
{
    private const string Unreadable = "The body cannot be read: its chunks are none, or it ended too early.";

    private static readonly string[] s_host = ["Host: localhost"];

    /// <summary>Path, fields beside the prompt or the messages, and the field that is wrong.</summary>
    public static TheoryData<string, string, string> Fields()
    {
        TheoryData<string, string, string> all = [];
        foreach (string path in new[] { "/v1/completions", "/v1/chat/completions" })
        {
            foreach ((string field, string values) in new[]
            {
                ("temperature", "-1 101 1e999 \"NaN\" true [] -0.5 1e-40"), ("top_p", "0 -0.1 1.1 \"a\" {}"), ("top_k", "-1 1.5 9999999999 \"1\""),
                ("min_p", "-0.1 1 \"a\""), ("max_tokens", "-1 131073 1.5 \"many\" true"), ("max_completion_tokens", "-1 131073 1e99"),
                ("n", "0 -1 17 1.5 \"1\""), ("seed", "1.5 \"a\" 99999999999999999999 true"), ("stream", "1 \"true\" []"), ("stop", "1 [1] [\"\"] {}"),
                ("reasoning_effort", "\"much\" 1"), ("stream_options", "1 []"), ("concept", "1 [] \"soft\""), ("model", "1 [] true"), ("unknown", "1 null"),
                ("best_of", "2 -1"),
            })
            {
                foreach (string value in values.Split(' '))
                {
                    all.Add(path, $"\"{field}\":{value}", field);
                }
            }
        }

        foreach ((string field, string values) in new[]
        {
            ("maxSteps", "-1 131073 1.5 \"many\" 1e99 true"), ("chunk", "-1 4097 \"a\""), ("stopEntropy", "-1 \"NaN\" 1e999"), ("stopPatience", "0 -1 1.5"),
            ("fixedLength", "1"), ("seed", "-1 1.5"), ("strategy", "\"softer\" \"\" 1 \"soft,token\" \"soft:a=1\" \"soft:maxTopK=0\" \"soft:maxTopK=4,maxTopK=5\""), ("preset", "\"none\" 1"),
            ("maxTopK", "0 1000000 -1 \"a\" []"), ("temperature", "0 -1 \"NaN\" \"Infinity\" 1e39"), ("topP", "0 1.1 \"NaN\""), ("topK", "-1"), ("minP", "-1 1 \"NaN\""),
            ("unknown", "1"), ("thinkStart", "1"), ("chat", "1 \"a\""), ("reader", "1 \"a\""), ("answer", "1 true"),
        })
        {
            foreach (string value in values.Split(' '))
            {
                all.Add("/v1/concepts/think", $"\"concept\":{{\"{field}\":{value}}}", $"concept.{field}");
            }
        }

        foreach ((string place, string field, string values) in new[]
        {
            ("answer", "maxTokens", "-1 131073"), ("answer", "stop", "[\"\"] 1 [1]"), ("answer", "temperature", "-1 0"), ("answer", "topP", "0 2"),
            ("answer", "topK", "-1"), ("answer", "minP", "1"), ("answer", "unknown", "1"), ("answer", "greedy", "1"),
            ("reader", "prompt", "\"no_slot\" 1"), ("reader", "maxTokens", "0 4097 -1"), ("reader", "repeat", "0 1001"), ("reader", "readings", "-1 65"),
            ("reader", "faithfulness", "1"), ("reader", "unknown", "1"), ("reader", "other", "1"), ("reader", "draw", "1"),
            ("chat", "history", "1 [1]"), ("chat", "system", "1"), ("chat", "unknown", "1"),
        })
        {
            foreach (string value in values.Split(' '))
            {
                all.Add("/v1/concepts/think", $"\"concept\":{{\"{place}\":{{\"{field}\":{value}}}}}", $"concept.{place}.{field}");
            }
        }

        all.Add("/v1/concepts/think", "\"concept\":{\"reader\":{\"draw\":{\"temperature\":0}}}", "concept.reader.draw.temperature");
        all.Add("/v1/concepts/think", "\"concept\":{\"reader\":false,\"chunk\":2}", "concept.chunk");
        all.Add("/v1/concepts/think", "\"concept\":{\"strategy\":\"token\",\"chunk\":2}", "concept.chunk");
        foreach ((string fields, string wrong) in new[]
        {
            ("\"chunk\":4096", "chunk"), ("\"reader\":{\"repeat\":1000}", "reader.repeat"), ("\"reader\":{\"maxTokens\":4000}", "reader.maxTokens"),
            ("\"chat\":{\"template\":\"bogus\"}", "chat.template"),
        })
        {
            foreach (string path in new[] { "/v1/concepts/think", "/v1/completions", "/v1/chat/completions" })
            {
                all.Add(path, $"\"concept\":{{{fields}}}", $"concept.{wrong}");
            }
        }

        all.Add("/v1/concepts/think", "\"nearest\":101", "nearest");
        all.Add("/v1/concepts/think", "\"nearest\":-1", "nearest");
        all.Add("/v1/completions", "\"logprobs\":6", "logprobs");
        all.Add("/v1/chat/completions", "\"logprobs\":true,\"top_logprobs\":21", "top_logprobs");
        return all;
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task Field_Unusable_IsNamed(string path, string fields, string wrong)
    {
        await using Server server = await Server.StartAsync();
        string asked = path == "/v1/chat/completions" ? """{"messages":[{"role":"user","content":"a"}],""" : """{"prompt":"a",""";
        AssertRefused(await RawClient.AskAsync(server, $"POST {path}", s_host, $"{asked}{fields}}}"), wrong);
    }

    [Theory]
    [InlineData("""{}""", "messages")]
    [InlineData("""{"messages":1}""", "messages")]
    [InlineData("""{"messages":[]}""", "messages")]
    [InlineData("""{"messages":[1]}""", "messages[0]")]
    [InlineData("""{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"a"}]}""", "messages")]
    [InlineData("""{"messages":[{"role":"king","content":"a"}]}""", "messages[0].role")]
    [InlineData("""{"messages":[{"role":"user","content":1}]}""", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}""", "messages[0].content[0]")]
    [InlineData("""{"messages":[{"role":"user","content":"a","unknown":1}]}""", "messages[0].unknown")]
    public async Task Messages_Unusable_AreNamed(string body, string wrong)
    {
        await using Server server = await Server.StartAsync();
        AssertRefused(await RawClient.AskAsync(server, "POST /v1/chat/completions", s_host, body), wrong);
    }

    [Theory]
    [InlineData("/v1/completions", """{}""")]
    [InlineData("/v1/completions", """{"prompt":""}""")]
    [InlineData("/v1/completions", """{"prompt":"","stream":true}""")]
    [InlineData("/v1/completions", """{"prompt":[]}""")]
    [InlineData("/v1/completions", """{"prompt":[1,2]}""")]
    [InlineData("/v1/completions", """{"prompt":5}""")]
    [InlineData("/v1/concepts/think", """{"prompt":""}""")]
    [InlineData("/v1/concepts/think", """{"prompt":null}""")]
    public async Task Prompt_Unusable_IsNamed(string path, string body)
    {
        await using Server server = await Server.StartAsync();
        AssertRefused(await RawClient.AskAsync(server, $"POST {path}", s_host, body), "prompt");
    }

    [Fact]
    public async Task Prompt_LongerThanTheContext_HasOpenAisCode()
    {
        await using Server server = await Server.StartAsync();
        string text = string.Concat(Enumerable.Repeat(" the capital", 300));
        foreach ((string path, string body, string field) in new[]
        {
            ("/v1/completions", $"{{\"prompt\":\"{text}\"}}", "prompt"), ("/v1/concepts/think", $"{{\"prompt\":\"{text}\",\"stream\":false}}", "prompt"),
            ("/v1/chat/completions", $"{{\"messages\":[{{\"role\":\"user\",\"content\":\"{text}\"}}]}}", "messages"),
        })
        {
            RawAnswer answer = await RawClient.AskAsync(server, $"POST {path}", s_host, body);
            Assert.Equal((400, "context_length_exceeded", field), (answer.Status, answer.Error("code"), answer.Error("param")));
            Assert.Matches("^A prompt of [0-9]+ tokens does not fit the context, which holds 256\\. Shorten", answer.Error("message"));
        }
    }

    /// <summary>Lengths and counts that take too much room to be written out above.</summary>
    [Fact]
    public async Task Request_BeyondACap_IsRefusedByItsField()
    {
        await using Server server = await Server.StartAsync();
        string many = string.Join(',', Enumerable.Repeat("\"a\"", 65));
        string message = """{"role":"user","content":"a"}""";
        string half = new('a', 300_000);
        foreach ((string path, string body, string field) in new[]
        {
            ("/v1/completions", $"{{\"prompt\":\"{half}{half}\"}}", "prompt"),
            ("/v1/completions", $"{{\"prompt\":[\"{half}\",\"{half}\"]}}", "prompt"),
            ("/v1/completions", $"{{\"prompt\":[{many}]}}", "prompt"),
            ("/v1/completions", $"{{\"prompt\":[{string.Join(',', Enumerable.Repeat("\"a\"", 10))}],\"n\":16}}", "n"),
            ("/v1/completions", $"{{\"prompt\":\"a\",\"stop\":[{string.Join(',', Enumerable.Repeat("\"a\"", 17))}]}}", "stop"),
            ("/v1/completions", $"{{\"prompt\":\"a\",\"stop\":\"{new string('a', 257)}\"}}", "stop"),
            ("/v1/concepts/think", $"{{\"prompt\":\"{half}{half}\"}}", "prompt"),
            ("/v1/concepts/think", $"{{\"prompt\":\"a\",\"concept\":{{\"chat\":{{\"history\":[{Turns(1024)}]}}}}}}", "concept.chat.history"),
            ("/v1/completions", $"{{\"prompt\":\"a\",\"concept\":{{\"chat\":{{\"history\":[{Turns(1025)}]}}}}}}", "concept.chat.history"),
            ("/v1/concepts/think", $"{{\"prompt\":\"a\",\"concept\":{{\"chat\":{{\"history\":[{Turns(2, half)}]}}}}}}", "concept.chat.history"),
            ("/v1/concepts/nearest", """{"steps":null}""", "steps"),
            ("/v1/concepts/nearest", """{"steps":[null]}""", "steps[0]"),
            ("/v1/concepts/nearest", """{"steps":[{"index":"a"}]}""", "steps[0].index"),
            ("/v1/concepts/nearest", """{"steps":[{"index":0,"position":0,"kind":"token","entropy":0,"tokens":[],"milliseconds":0}]}""", "steps"),
            ("/v1/concepts/report", """{}""", "model"),
            ("/v1/concepts/report", """{"schema":2}""", "schema"),
            ("/v1/concepts/report", """{"first":null}""", "first"),
            ("/v1/concepts/report", """{"first":{"model":{"name":1}}}""", "first.model.name"),
            ("/v1/concepts/think", $"{{\"prompt\":\"a\",\"concept\":{{\"answer\":{{\"stop\":\"{new string('a', 257)}\"}}}}}}", "concept.answer.stop"),
            ("/v1/chat/completions", $"{{\"messages\":[{string.Join(',', Enumerable.Repeat(message, 1025))}]}}", "messages"),
            ("/v1/chat/completions", $"{{\"messages\":[{{\"role\":\"user\",\"content\":\"{half}{half}\"}}]}}", "messages"),
        })
        {
            AssertRefused(await RawClient.AskAsync(server, $"POST {path}", s_host, body), field);
        }
    }

    /// <summary>A question mark stands for 100,000 characters.</summary>
    [Theory]
    [InlineData("/v1/completions", """{"prompt":"a","?":1}""")]
    [InlineData("/v1/completions", """{"prompt":"a","model":"?"}""")]
    [InlineData("/v1/completions", """{"prompt":"a","reasoning_effort":"?"}""")]
    [InlineData("/v1/completions", """{"prompt":"a","concept":{"thinkStart":["?"]}}""")]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"?","content":"a"}]}""")]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":"a","?":1}]}""")]
    [InlineData("/v1/concepts/think", """{"prompt":"a","concept":{"?":1}}""")]
    [InlineData("/v1/concepts/think", """{"prompt":"a","concept":{"strategy":"?"}}""")]
    [InlineData("/v1/concepts/think", """{"prompt":"a","concept":{"strategy":"?,soft"}}""")]
    [InlineData("/v1/concepts/think", """{"prompt":"a","concept":{"strategy":"?:"}}""")]
    [InlineData("/v1/concepts/think", """{"prompt":"a","concept":{"strategy":"soft:?=1"}}""")]
    [InlineData("/v1/concepts/think", """{"prompt":"a","concept":{"strategy":"soft:?=1,?=2"}}""")]
    [InlineData("/v1/concepts/think", """{"prompt":"a","concept":{"strategy":"soft:maxTopK=?"}}""")]
    [InlineData("/v1/concepts/think", """{"prompt":"a","concept":{"maxTopK":"?"}}""")]
    [InlineData("/v1/concepts/think", """{"prompt":"a","concept":{"preset":"?"}}""")]
    [InlineData("/v1/concepts/think", """{"prompt":"a","concept":{"preset":"soft-thinking","strategy":"?"}}""")]
    [InlineData("/v1/concepts/think", """{"prompt":"a","concept":{"reader":{"prompt":"?"}}}""")]
    [InlineData("/v1/concepts/think", """{"prompt":"a","concept":{"chat":{"template":"?"}}}""")]
    [InlineData("/v1/concepts/think", """{"prompt":"a","concept":{"chat":{"history":[{"role":"?","text":"a"}]}}}""")]
    [InlineData("/v1/concepts/report", """{"first":{},"?":1}""")]
    [InlineData("/v1/concepts/nearest", """{"steps":[],"?":1}""")]
    public async Task Refusal_OfALongValue_HasItsBeginningAlone(string path, string body)
    {
        await using Server server = await Server.StartAsync();
        RawAnswer answer = await RawClient.AskAsync(
            server, $"POST {path}", s_host, body.Replace("?", new string('y', 100_000), StringComparison.Ordinal));
        Assert.InRange(answer.Status, 400, 404);
        Assert.InRange(answer.Body.Length, 1, 1_500);
    }

    private static string Turns(int count, string text = "a") =>
        string.Join(',', Enumerable.Repeat($"{{\"role\":\"user\",\"text\":\"{text}\"}}", count));

    [Theory]
    [InlineData(31, 400, "There is no field unknown")] // the braces around make it 32
    [InlineData(32, 400, "The body is no JSON: it nests more than 32 deep.")]
    [InlineData(100_000, 400, "The body is no JSON: it nests more than 32 deep.")]
    public async Task Json_Nested_IsReadSoFar(int depth, int status, string message)
    {
        await using Server server = await Server.StartAsync();
        RawAnswer answer = await RawClient.AskAsync(
            server, "POST /v1/concepts/think", s_host, $"{{\"prompt\":\"a\",\"unknown\":{new string('[', depth)}{new string(']', depth)}}}");
        Assert.Equal(status, answer.Status);
        Assert.StartsWith(message, answer.Error("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_SaidToBeTooLong_IsRefusedUnread()
    {
        await using Server server = await Server.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(server);
        await client.SendAsync("POST /v1/concepts/think HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2000000\r\nConnection: close\r\n\r\n{");
        Assert.Equal(413, (await client.ReadAsync()).Status);
    }

    [Fact]
    public async Task Body_InChunksTooLong_IsRefused()
    {
        await using Server server = await Server.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(server);
        await client.SendAsync("POST /v1/concepts/think HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
        await client.SendAsync($"{(1 << 20) + 1:x}\r\n{new string(' ', (1 << 20) + 1)}\r\n0\r\n\r\n");
        Assert.Equal(413, (await client.ReadAsync()).Status);
    }

    [Theory]
    [InlineData("ffffffffffffffff\r\n{}\r\n0\r\n\r\n", 0, 400, Unreadable)]
    [InlineData("-2\r\n{}\r\n0\r\n\r\n", 0, 400, Unreadable)]
    [InlineData("2\r\n{}}\r\n0\r\n\r\n", 0, 400, Unreadable)]
    [InlineData("2\n{}\n0\n\n", 0, 400, Unreadable)]
    [InlineData("2\r\n{}\r\n0\r\n", 200, 431, "More headers stand after the body than are taken; leave them out.")]
    public async Task Body_InChunksThatAreNone_IsRefusedInWordsOfTheUser(string chunks, int trailers, int status, string message)
    {
        await using Server server = await Server.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(server);
        await client.SendAsync("POST /v1/concepts/think HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
        await client.SendAsync(chunks + string.Concat(Enumerable.Repeat("X-A: a\r\n", trailers)) + (trailers > 0 ? "\r\n" : ""));
        RawAnswer answer = await client.ReadAsync();
        Assert.Equal((status, message), (answer.Status, answer.Error("message")));
    }

    /// <summary>The web server's own words are for whoever programs it.</summary>
    [Theory]
    [InlineData(400, Unreadable)]
    [InlineData(408, "The body came too slowly, and was not waited for.")]
    [InlineData(413, "The body is larger than this server takes.")]
    [InlineData(431, "More headers stand after the body than are taken; leave them out.")]
    public void Of_RefusalByTheWebServer_IsInWordsOfTheUser(int status, string message)
    {
        HttpProblem? told = HttpProblem.Of(new Microsoft.AspNetCore.Http.BadHttpRequestException("See MinRequestBodyDataRate.", status));
        Assert.Equal((status, message), (told?.Status, told?.Message));
    }

    [Theory]
    [InlineData("GET /v1/nothing", 404, "unknown_path", null)]
    [InlineData("POST /v1", 404, "unknown_path", null)]
    [InlineData("DELETE /v1/nothing/at/all", 404, "unknown_path", null)]
    [InlineData("GET /v1/completions", 405, "method_not_allowed", "POST, OPTIONS")]
    [InlineData("DELETE /v1/models/atlas", 405, "method_not_allowed", "GET, HEAD, OPTIONS")]
    [InlineData("PUT /v1/models", 405, "method_not_allowed", "GET, HEAD, OPTIONS")]
    [InlineData("POST /health", 405, "method_not_allowed", "GET, HEAD, OPTIONS")]
    [InlineData("TRACE /v1/models", 405, "method_not_allowed", "GET, HEAD, OPTIONS")]
    public async Task Path_OrMethodThatIsNone_IsAnErrorObject(string request, int status, string code, string? allow)
    {
        await using Server server = await Server.StartAsync();
        RawAnswer answer = await RawClient.AskAsync(server, request, s_host);
        Assert.Equal((status, code, "invalid_request_error"), (answer.Status, answer.Error("code"), answer.Error("type")));
        Assert.Equal(allow, answer.Headers.GetValueOrDefault("Allow"));
    }

    [Fact]
    public async Task Options_OfAPath_TellsItsMethods()
    {
        await using Server server = await Server.StartAsync();
        RawAnswer answer = await RawClient.AskAsync(server, "OPTIONS /v1/completions", s_host);
        Assert.Equal((204, "POST, OPTIONS"), (answer.Status, answer.Headers["Allow"]));
    }

    [Fact]
    public async Task Path_OfAProgramsOwnBesideOurs_IsItsOwn()
    {
        await using Server server = await Server.StartAsync(map: Apps.WithOwnEndpoint);
        Assert.Equal("own", (await RawClient.AskAsync(server, "GET /ai/v1/own", s_host)).Body);
        Assert.Equal(404, (await RawClient.AskAsync(server, "GET /v1/nothing", s_host)).Status);
    }

    [Theory]
    [InlineData("{}", "The body is no trace: it lacks ")]
    [InlineData("""{"schema":1,"model":7}""", "The body is no trace: model is of the wrong type (line ")]
    [InlineData("""{"first":null,"second":null}""", "first holds null, not a trace")]
    [InlineData("""{"schema":"one"}""", "The body is no trace: schema ")]
    [InlineData("", "The body is no JSON: it ends too early, or a sign is where none may be, in line 1 at byte 1.")]
    [InlineData("{\"schema\":", "The body is no JSON: it ends too early, or a sign is where none may be, in line 1 at byte ")]
    public async Task Report_OfNoTrace_SaysSoInWordsOfTheUser(string body, string message)
    {
        await using Server server = await Server.StartAsync();
        RawAnswer answer = await RawClient.AskAsync(server, "POST /v1/concepts/report", s_host, body);
        Assert.Equal(400, answer.Status);
        string told = answer.Error("message")!;
        Assert.StartsWith(message, told, StringComparison.Ordinal);
        foreach (string ofProgrammers in new[] { "GgufConcepts.", "System.", "isFinalBlock", "JsonException", "Path: $" })
        {
            Assert.DoesNotContain(ofProgrammers, told, StringComparison.Ordinal);
        }
    }

    private static void AssertRefused(RawAnswer answer, string field)
    {
        Assert.True(answer.Status == 400, $"{answer.Status}: {answer.Body}");
        Assert.Equal((field, "invalid_request_error"), (answer.Error("param"), answer.Error("type")));
        string told = answer.Error("message")!;
        Assert.True(!told.Contains("--", StringComparison.Ordinal) || told.Contains("on the command line --", StringComparison.Ordinal), told);
        Assert.DoesNotContain("System.", JsonElement.Parse(answer.Body).GetRawText(), StringComparison.Ordinal);
    }
}
