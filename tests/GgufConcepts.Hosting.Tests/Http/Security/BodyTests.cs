using System.Text;
using System.Text.Json;
using GgufConcepts.Hosting.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GgufConcepts.Hosting.Tests.Http.Security;

/// <summary>A body may take a few times its size, whatever it holds.</summary>
public sealed class BodyTests
{
    private const int Size = RequestCaps.LargeBody - 64;
    private const int Slack = 1 << 20; // an answer, names of fields
    private const string Trace =
        """{"schema":1,"model":{"name":"a","path":"a","architecture":"a","embeddingLength":1,"vocabularySize":9},"prompt":"a","promptTokens":[1],"strategy":"soft","settings":{"a":?},"steps":[],"chunks":[],"stop":"maxSteps","timings":{}}""";

    /// <summary>The path, the size, and a body of which the question mark stands for a list of so many numbers as fit.</summary>
    [Theory]
    [InlineData("/v1/concepts/report", Size, 2, """{"steps":?}""")]
    [InlineData("/v1/concepts/report", Size, 3, """{"first":{"steps":?}}""")]
    [InlineData("/v1/concepts/report", Size, 18, Trace)]
    [InlineData("/v1/concepts/nearest", Size, 2, """{"count":?}""")]
    [InlineData("/v1/concepts/nearest", Size, 2, """{"steps":?}""")]
    [InlineData("/v1/concepts/nearest", Size, 3, """{"steps":[],"unknown":?}""")]
    [InlineData("/v1/concepts/read", Size, 3, """{"count":1,"vectors":?}""")]
    [InlineData("/v1/concepts/think", RequestCaps.Body, 2, """{"prompt":?}""")]
    public async Task Body_OfMoreNumbersThanAnyRequestHas_IsRefusedByTheirNumber(string path, int size, int others, string body)
    {
        await using Server server = await StartAsync();
        (string text, int count) = Filled(body, "1", size);
        int most = size == Size ? RequestCaps.LargeBodyValues : RequestCaps.BodyValues;
        (int status, string answer) = Ask(server, path, text, 4);
        Assert.Equal((400, $"The body holds {count + others} values; send at most {most}."), (status, Message(answer)));
    }

    /// <summary>As many numbers as may be.</summary>
    [Theory]
    [InlineData("/v1/concepts/report", """{"steps":?}""", "The body is no trace: ")]
    [InlineData("/v1/concepts/report", """{"first":{"steps":?}}""", "first is no trace: ")]
    [InlineData("/v1/concepts/report", Trace, "The body holds ")]
    [InlineData("/v1/concepts/nearest", """{"steps":?}""", "steps holds ")]
    [InlineData("/v1/concepts/nearest", """{"steps":[{"index":?}]}""", "steps are no steps of a trace: ")]
    [InlineData("/v1/concepts/nearest", """{"steps":[],"unknown":?}""", "Beside steps the body holds ")]
    [InlineData("/v1/concepts/read", """{"vectors":"","unknown":?}""", "Beside vectors the body holds ")]
    [InlineData("/v1/concepts/read", """{"count":1,"vectors":?}""", "vectors is [1.000")]
    public async Task Body_OfManyNumbers_TakesAFewTimesItsSize(string path, string body, string message)
    {
        await using Server server = await StartAsync();
        (int status, string answer) = Ask(server, path, Filled(body, "1.000", Size).Text, 8);
        Assert.Equal(400, status);
        Assert.StartsWith(message, Message(answer), StringComparison.Ordinal);
    }

    /// <summary>Among which none may stand twice: that is what takes the room.</summary>
    [Fact]
    public async Task Body_OfManyNames_TakesTwentyTimesItsSize()
    {
        await using Server server = await StartAsync();
        string names = string.Join(',', Enumerable.Range(0, 1_400_000).Select(i => $"\"{i:x}\":1"));
        Assert.Equal(400, Ask(server, "/v1/concepts/report", $"{{\"steps\":{{{names}}}}}", 20).Status);
        (int status, string answer) = Ask(server, "/v1/concepts/nearest", $"{{{names},\"steps\":[]}}", 20);
        Assert.Equal((400, "Beside steps the body holds 1400001 values; send at most 131072."), (status, Message(answer)));
    }

    [Theory]
    [InlineData("""{"steps":["\ud800"]}""", "a text holds half a character")]
    [InlineData("""{"a\udc00":1}""", "a text holds half a character")]
    [InlineData("""{"settings":{"a":1,"b":{"c":1,"\u0063":2}}}""", "a field is there twice")]
    [InlineData("""{"steps":1,"\u0073teps":2}""", "a field is there twice")]
    public async Task Body_WithTextThatCannotBeRead_IsRefused(string body, string reason)
    {
        await using Server server = await StartAsync();
        foreach (string path in new[] { "report", "nearest", "read", "think" })
        {
            (int status, string answer) = Ask(server, $"/v1/concepts/{path}", body, 1);
            Assert.Equal((400, $"The body is no JSON: {reason}."), (status, Message(answer)));
        }
    }

    private static Task<Server> StartAsync() => Server.StartAsync(configure: settings => settings.AcceptVectors = true);

    private static (string Text, int Count) Filled(string body, string number, int size)
    {
        int count = (size - body.Length) / (number.Length + 1);
        return (body.Replace("?", $"[{string.Join(',', Enumerable.Repeat(number, count))}]", StringComparison.Ordinal), count);
    }

    private static string? Message(string answer) => JsonElement.Parse(answer).GetProperty("error").GetProperty("message").GetString();

    /// <summary>Asks on this thread alone, so that what is allocated can be told from what others allocate.</summary>
    /// <param name="server">Whom.</param>
    /// <param name="path">For what.</param>
    /// <param name="body">The request's.</param>
    /// <param name="times">The body's length, so many times, is what may be allocated.</param>
    private static (int Status, string Body) Ask(Server server, string path, string body, int times)
    {
        RequestDelegate handle = server.FindHandler(path);
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        using MemoryStream answer = new();
        Ended ended = new();
        DefaultHttpContext context = new() { RequestServices = server.Services };
        context.Features.Set<IHttpResponseFeature>(ended);
        (context.Request.Method, context.Request.Path, context.Request.ContentType) = ("POST", path, "application/json");
        context.Request.Host = new HostString("localhost");
        context.Request.Body = new MemoryStream(bytes);
        context.Response.Body = answer;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Task asking = handle(context);
        long taken = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(asking.IsCompletedSuccessfully);
        ended.Complete();
        Assert.InRange(taken, 0, ((long)bytes.Length * times) + Slack);
        return (context.Response.StatusCode, Encoding.UTF8.GetString(answer.ToArray()));
    }

    /// <summary>Tells when a response has ended, as a server does.</summary>
    private sealed class Ended : HttpResponseFeature
    {
        private readonly Stack<(Func<object, Task> Call, object State)> _waiting = [];

        public override void OnCompleted(Func<object, Task> callback, object state) => _waiting.Push((callback, state));

        public void Complete()
        {
            while (_waiting.TryPop(out (Func<object, Task> Call, object State) each))
            {
                Assert.True(each.Call(each.State).IsCompletedSuccessfully);
            }
        }
    }
}
