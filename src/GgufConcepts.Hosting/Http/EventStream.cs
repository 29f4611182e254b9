using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace GgufConcepts.Hosting.Http;

/// <summary>Answers with events as they happen: server-sent events, as the HTML standard has them.</summary>
/// <remarks>Begins with the first event, so that what goes wrong before has a status of its own; but not later than after
/// some seconds, and then says now and then that it lives, as whatever stands between wants to hear.</remarks>
internal sealed class EventStream(HttpContext context)
{
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(10);
    private static readonly byte[] s_alive = Encoding.UTF8.GetBytes(": alive\n\n");

    /// <summary>Passes events on.</summary>
    /// <param name="events">The events.</param>
    /// <param name="send">Writes one of them.</param>
    /// <returns>What broke off the events after the stream had begun; null where nothing did.</returns>
    public async Task<Exception?> PassAsync<T>(IAsyncEnumerable<T> events, Func<T, Task> send)
    {
        CancellationToken leaving = context.RequestAborted;
        await using IAsyncEnumerator<T> each = events.GetAsyncEnumerator(leaving);
        Task quiet = Task.Delay(s_quiet, leaving);
        while (true)
        {
            Task<bool> next = each.MoveNextAsync().AsTask();
            try
            {
                while (!next.IsCompleted && await Task.WhenAny(next, quiet).ConfigureAwait(false) != next)
                {
                    leaving.ThrowIfCancellationRequested();
                    await WriteAsync(s_alive).ConfigureAwait(false);
                    quiet = Task.Delay(s_quiet, leaving);
                }
            }
            finally
            {
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // nobody else may ask meanwhile
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

            await send(each.Current).ConfigureAwait(false);
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

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would gather events up
        }

        await context.Response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }
}
