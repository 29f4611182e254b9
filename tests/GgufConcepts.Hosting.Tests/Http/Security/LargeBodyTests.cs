using System.Diagnostics;
using System.Text;
using GgufConcepts.Hosting.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace GgufConcepts.Hosting.Tests.Http.Security;

/// <summary>Requests that are large are answered two at a time.</summary>
public sealed class LargeBodyTests
{
    private const int Length = 2_000_000;
    private const int Part = 1_500_000;

    [Fact]
    public async Task Body_LargeOnesAtOnce_AreRefusedBeyondTwo()
    {
        await using Server server = await Server.StartAsync();
        using RawClient first = await BeginAsync(server), second = await BeginAsync(server);
        await UntilRefusedAsync(server);

        await first.SendAsync(new string(' ', Length - Part));
        Assert.Equal(400, (await first.ReadAsync()).Status); // no JSON, but read
    }

    [Fact]
    public async Task Body_LargeOnesOfOneHost_LeaveAnotherFree()
    {
        await using Server server = await Server.StartAsync(), other = await Server.StartAsync();
        using RawClient first = await BeginAsync(server), second = await BeginAsync(server);
        await UntilRefusedAsync(server);

        Assert.Equal(400, await AskAsync(other));
    }

    /// <summary>Two minutes of this clock are three seconds.</summary>
    [Fact]
    public async Task Body_ThatComesTooSlowly_IsRefusedAndLeavesItsPlace()
    {
        await using Server server = await Server.StartAsync(clock: new FastClock(40));
        Stopwatch clock = Stopwatch.StartNew();
        using RawClient first = await BeginAsync(server), second = await BeginAsync(server);
        foreach (RawClient client in (RawClient[])[first, second])
        {
            RawAnswer answer = await client.ReadAsync();
            Assert.Equal((408, "The body was not there within 120 seconds."), (answer.Status, answer.Error("message")));
        }

        Assert.InRange(clock.Elapsed.TotalSeconds, 2.5, 60);
        Assert.Equal(400, await AskAsync(server)); // no JSON, but read
    }

    /// <summary>Two minutes of this clock are a second.</summary>
    [Fact]
    public async Task Page_ThatNobodyTakesIn_IsDropped()
    {
        await using Server server = await Server.StartAsync(clock: new FastClock(120));
        RequestDelegate handle = server.FindHandler("/v1/concepts/report");
        DefaultHttpContext context = new() { RequestServices = server.Services };
        Connection connection = new();
        context.Features.Set<IHttpRequestLifetimeFeature>(connection);
        (context.Request.Method, context.Request.Path, context.Request.ContentType) = ("POST", "/v1/concepts/report", "application/json");
        context.Request.Host = new HostString("localhost");
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(
            """{"schema":1,"model":{"name":"a","path":"a","architecture":"a","embeddingLength":1,"vocabularySize":9},"prompt":"a","promptTokens":[1],"strategy":"soft","settings":{},"steps":[],"chunks":[],"stop":"maxSteps","timings":{}}"""));
        using StuckStream stuck = new();
        context.Response.Body = stuck;

        await handle(context);
        Assert.True(stuck.WasWrittenTo);
        Assert.True(connection.WasAborted);
    }

    /// <summary>Sends most of a body, and waits.</summary>
    private static async Task<RawClient> BeginAsync(Server server)
    {
        RawClient client = await RawClient.ConnectAsync(server);
        await client.SendAsync(
            "POST /v1/concepts/report HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
            $"Content-Length: {Length}\r\nConnection: close\r\n\r\n{new string(' ', Part)}");
        return client;
    }

    /// <summary>Until those that have begun have been heard that far: whoever asked meanwhile might get in before them.</summary>
    private static async Task UntilRefusedAsync(Server server)
    {
        await Hosts.WaitUntilAsync(() => server.Services.GetRequiredService<LargeBodies>().Free == 0);
        Assert.Equal(429, await AskAsync(server));
    }

    private static async Task<int> AskAsync(Server server)
    {
        using RawClient client = await BeginAsync(server);
        await client.SendAsync(new string(' ', Length - Part));
        return (await client.ReadAsync()).Status;
    }

    /// <summary>A clock whose timers go off so many times sooner.</summary>
    private sealed class FastClock(int times) : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / times : dueTime, period);
    }

    private sealed class Connection : IHttpRequestLifetimeFeature
    {
        public bool WasAborted { get; private set; }

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => WasAborted = true;
    }

    /// <summary>A client that takes in nothing.</summary>
    private sealed class StuckStream : MemoryStream
    {
        public bool WasWrittenTo { get; private set; }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            WasWrittenTo = true;
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }
}
