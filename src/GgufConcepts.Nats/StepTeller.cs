using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading.Channels;
using GgufConcepts.Batches;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Nats;

/// <summary>Tells whoever listens what happens in thoughts, as it happens; what cannot be sent at once is lost.</summary>
/// <remarks>
/// <code>
/// {"event": "step", "step": {...}}   {"event": "chunk", "chunk": {...}}   {"event": "answer", "text": "..."}
/// {"event": "done", "failed": false}
/// </code>
/// Steps and chunks are those of a trace.
/// </remarks>
internal sealed class StepTeller(NatsLink link)
{
    private static readonly JsonWriterOptions s_readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Channel<(string Subject, byte[] Content)> _waiting = Channel.CreateBounded<(string, byte[])>(
        new BoundedChannelOptions(4096) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    /// <summary>Tells of something.</summary>
    public void Tell(HeldJob job, ThoughtEvent happened)
    {
        switch (happened)
        {
            case ConceptStep step:
                Tell(job, "step", json =>
                {
                    json.WritePropertyName("step"u8);
                    TraceJson.Write(json, TraceStep.Of(step));
                });
                break;
            case ChunkRead chunk:
                Tell(job, "chunk", json =>
                {
                    json.WritePropertyName("chunk"u8);
                    TraceJson.Write(json, TraceChunk.Of(chunk));
                });
                break;
            case AnswerPiece { Text.Length: > 0 } piece:
                Tell(job, "answer", json => json.WriteString("text"u8, piece.Text));
                break;
        }
    }

    /// <summary>Tells of an end.</summary>
    public void Tell(HeldJob job, BatchResult result) => Tell(job, "done", json => json.WriteBoolean("failed"u8, result.HasFailed));

    /// <summary>Sends what is told until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await foreach ((string subject, byte[] content) in _waiting.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            try
            {
                await link.Connection.PublishAsync(
                    subject, content, serializer: NatsLink.Raw, cancellationToken: cancellation).ConfigureAwait(false);
            }
            catch (Exception problem) when (link.Passes(problem, cancellation))
            {
                // nobody hears it
            }
        }
    }

    private void Tell(HeldJob job, string name, Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> bytes = new();
        using Utf8JsonWriter json = new(bytes, s_readable);
        json.WriteStartObject();
        json.WriteString("event"u8, name);
        write(json);
        json.WriteEndObject();
        json.Flush();
        if (bytes.WrittenCount <= link.LargestMessage)
        {
            _waiting.Writer.TryWrite((NatsNames.StepsSubject(job.Run, job.Job.Index), bytes.WrittenSpan.ToArray()));
        }
    }
}
