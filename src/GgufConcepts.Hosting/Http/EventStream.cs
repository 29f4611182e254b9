using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GgufConcepts.Hosting.Http;

/// <summary>Answers with events as they happen: server-sent events, as the HTML standard has them.</summary>
/// <remarks>Begins with the first event, so that what goes wrong before has a status of its own; but not later than after
/// some seconds, and then says now and then that it lives, as whatever stands between wants to hear.</remarks>
internal sealed class EventStream(HttpContext context)
{
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(10);
    private static readonly byte[] s_alive = Encoding.UTF8.GetBytes(": alive\n\n");

    private readonly TimeSpan _limit =
        context.RequestServices.GetRequiredService<IOptions<HostedConceptSettings>>().Value.SlowClientLimit;

    /// <summary>Passes events on. They come as fast as the model thinks, whether or not the client reads them: it may fall
    /// behind by so many, or by so long, and is dropped then.</summary>
    /// <param name="events">The events.</param>
    /// <param name="send">Writes one of them.</param>
    /// <returns>What broke off the events after the stream had begun; null where nothing did.</returns>
    public async Task<Exception?> PassAsync<T>(IAsyncEnumerable<T> events, Func<T, Task> send)
    {
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        Channel<T> unsent = Channel.CreateBounded<T>(new BoundedChannelOptions(RequestCaps.UnsentEvents)
        {
            SingleReader = true, SingleWriter = true,
        });
        Task taking = TakeAsync(events, unsent.Writer, ending.Token);
        try
        {
            return await SendAllAsync(unsent.Reader, send).ConfigureAwait(false);
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await taking.ConfigureAwait(false);
        }
    }

    /// <summary>Sends an event.</summary>
    /// <param name="name">What kind it is; null for none in particular.</param>
    /// <param name="write">Writes its JSON.</param>
    public async Task SendAsync(string? name, Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> data = new();
        data.Write(Encoding.UTF8.GetBytes(name is null ? "data: " : $"event: {name}\ndata: "));
        using (Utf8JsonWriter json = new(data, JsonBody.Options)) // on one line
        {
            write(json);
        }

        data.Write("\n\n"u8);
        await WriteAsync(data.WrittenMemory).ConfigureAwait(false);
    }

    /// <summary>Sends an event that is no JSON.</summary>
    public Task SendTextAsync(string text) => WriteAsync(Encoding.UTF8.GetBytes($"data: {text}\n\n"));

    /// <summary>Takes the events in as they come.</summary>
    private async Task TakeAsync<T>(IAsyncEnumerable<T> events, ChannelWriter<T> unsent, CancellationToken ending)
    {
        try
        {
            await foreach (T each in events.WithCancellation(ending).ConfigureAwait(false))
            {
                if (!unsent.TryWrite(each))
                {
                    throw Drop($"{RequestCaps.UnsentEvents} events wait for it");
                }
            }

            unsent.Complete();
        }
        catch (Exception problem)
        {
            unsent.Complete(problem);
        }
    }

    private async Task<Exception?> SendAllAsync<T>(ChannelReader<T> unsent, Func<T, Task> send)
    {
        CancellationToken leaving = context.RequestAborted;
        Task quiet = Task.Delay(s_quiet, leaving);
        while (true)
        {
            Task<bool> next = unsent.WaitToReadAsync(leaving).AsTask();
            while (!next.IsCompleted && await Task.WhenAny(next, quiet).ConfigureAwait(false) != next)
            {
                leaving.ThrowIfCancellationRequested();
                await WriteAsync(s_alive).ConfigureAwait(false);
                quiet = Task.Delay(s_quiet, leaving);
            }

            if (next.IsFaulted || next.IsCanceled)
            {
                if (context.Response.HasStarted && !leaving.IsCancellationRequested)
                {
                    return next.Exception?.InnerException ?? new OperationCanceledException("The thought was ended.");
                }

                await next.ConfigureAwait(false); // throws
            }

            if (!await next.ConfigureAwait(false))
            {
                return null;
            }

            while (unsent.TryRead(out T? each))
            {
                await send(each).ConfigureAwait(false);
            }
        }
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would gather events up
        }

        using CancellationTokenSource slow = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        slow.CancelAfter(_limit);
        try
        {
            await context.Response.Body.WriteAsync(bytes, slow.Token).ConfigureAwait(false);
            await context.Response.Body.FlushAsync(slow.Token).ConfigureAwait(false); // waits while the client takes nothing in
        }
        catch (OperationCanceledException) when (slow.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            throw Drop($"it took nothing in for {_limit}");
        }
    }

    private ConnectionAbortedException Drop(string reason)
    {
        GgufConceptsEndpoints.LogDropped(context, reason);
        context.Abort(); // ends the thought too
        return new ConnectionAbortedException(reason);
    }
}
