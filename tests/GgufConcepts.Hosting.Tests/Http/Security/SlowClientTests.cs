using System.Diagnostics;
using System.Text;
using GgufConcepts.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace GgufConcepts.Hosting.Tests.Http.Security;

/// <summary>Clients that hold on to a connection without using it lose it.</summary>
[Trait("Speed", "Slow")]
public sealed class SlowClientTests
{
    private const string Long = """{"prompt":"The","concept":{"maxSteps":100000,"fixedLength":true,"reader":false,"answer":{"maxTokens":0}}}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Headers have 10 seconds, a body 5 and then so many bytes a second; Kestrel looks once a second.</summary>
    [Theory]
    [InlineData("GET /health HTTP/1.1\r\nHost: localhost\r\nX-", 8, 20)]
    [InlineData("POST /v1/concepts/think HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{\"prompt\":\"", 4, 16)]
    public async Task Request_ByteByByte_IsDropped(string begin, int least, int most)
    {
        await using Server server = await StartAsync(TimeSpan.FromSeconds(30));
        using RawClient client = await RawClient.ConnectAsync(server);
        Stopwatch clock = Stopwatch.StartNew();
        Task<RawAnswer> answer = client.ReadAsync();
        try
        {
            await client.SendAsync(begin);
            while (!answer.IsCompleted && clock.Elapsed.TotalSeconds < most)
            {
                await client.SendAsync("a");
                await Task.Delay(200, Token);
            }
        }
        catch (IOException)
        {
            // closed while it sent
        }

        Assert.InRange(clock.Elapsed.TotalSeconds, least, most);
        Assert.Contains((await answer).Status, new[] { 0, 408 });
        Assert.Equal(200, (await RawClient.AskAsync(server, "GET /health", ["Host: localhost"])).Status);
    }

    [Fact]
    public async Task Stream_ThatNobodyReads_IsDroppedAndItsThoughtEnded()
    {
        await using Server server = await StartAsync(TimeSpan.FromSeconds(2));
        IConceptService service = server.Services.GetRequiredService<IConceptService>();
        using RawClient client = await RawClient.ConnectAsync(server, receiveBuffer: 4096);
        await client.SendAsync(Think());
        Assert.True(await client.Stream.ReadAtLeastAsync(new byte[500], 500, cancellationToken: Token) == 500);
        Assert.Equal(1, service.Running);
        await Hosts.WaitUntilAsync(() => service.Running == 0); // the thought itself would go on for a minute and more

        Assert.DoesNotContain("event: done", (await client.ReadAsync()).Body, StringComparison.Ordinal);
    }

    /// <summary>So that the test above shows what it says: the same thought, read, goes on.</summary>
    [Fact]
    public async Task Stream_ThatIsRead_OutlivesTheLimit()
    {
        await using Server server = await StartAsync(TimeSpan.FromSeconds(2));
        IConceptService service = server.Services.GetRequiredService<IConceptService>();
        using RawClient client = await RawClient.ConnectAsync(server, receiveBuffer: 4096);
        await client.SendAsync(Think());
        byte[] part = new byte[1 << 16];
        for (Stopwatch clock = Stopwatch.StartNew(); clock.Elapsed.TotalSeconds < 6;)
        {
            Assert.NotEqual(0, await client.Stream.ReadAsync(part, Token));
        }

        Assert.Equal(1, service.Running);
    }

    [Theory]
    [InlineData(70, 10)] // headers
    [InlineData(2, 20_000)] // bytes of them
    public async Task Headers_TooMany_AreRefused(int count, int length)
    {
        await using Server server = await StartAsync(TimeSpan.FromSeconds(30));
        string[] headers = ["Host: localhost", .. Enumerable.Range(0, count).Select(i => $"X-{i}: {new string('a', length)}")];
        Assert.Equal(431, (await RawClient.AskAsync(server, "GET /health", headers)).Status);
    }

    [Fact]
    public async Task RequestLine_TooLong_IsRefused()
    {
        await using Server server = await StartAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(414, (await RawClient.AskAsync(server, $"GET /{new string('a', 10_000)}", ["Host: localhost"])).Status);
    }

    [Fact]
    public async Task Http2_WithPriorKnowledge_IsNotSpoken()
    {
        await using Server server = await StartAsync(TimeSpan.FromSeconds(30));
        using RawClient client = await RawClient.ConnectAsync(server);
        await client.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        Assert.Equal(0, (await client.ReadAsync()).Status); // a frame that says so, and the connection is closed
    }

    private static string Think() => "POST /v1/concepts/think HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
        $"Content-Length: {Encoding.UTF8.GetByteCount(Long)}\r\n\r\n{Long}";

    private static Task<Server> StartAsync(TimeSpan limit) => Server.StartAsync(
        builder => builder.AddModel("tiny", model =>
        {
            model.Model = TinyModels.Path(TinyArchitecture.Qwen2, new TinyOptions { ContextLength = 1 << 17 });
            (model.ContextLength, model.Parallel) = (1 << 17, 1);
        }),
        settings => settings.SlowClientLimit = limit,
        kestrel => kestrel.UseGgufConceptsLimits().Limits.MinResponseDataRate = null); // which would drop it too, later
}
