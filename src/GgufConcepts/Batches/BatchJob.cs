using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GgufConcepts.Batches;

/// <summary>One thought of a batch: all that a machine which has the model needs to think it.</summary>
/// <param name="Index">Its number in the batch, from 0.</param>
/// <param name="Key">Knows the job again: a hash of the model's name and of everything below. Equal jobs have equal
/// keys.</param>
/// <param name="Prompt">The text to think about.</param>
/// <param name="Settings">How, all of it, as <see cref="Thinking.ThinkSettings"/> reads it.</param>
public sealed record BatchJob(int Index, string Key, string Prompt, JsonObject Settings)
{
    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    /// <summary>What its line calls it: a text or a number; null for nothing.</summary>
    public JsonNode? Id { get; init; }

    /// <summary>Whether the result says only what was answered and read, without the steps.</summary>
    public bool Brief { get; init; }

    /// <summary>Ends this job alone.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Makes a job and its key.</summary>
    /// <param name="index">Its number, from 0.</param>
    /// <param name="model">The model's name: see <see cref="BatchModel.NameOf"/>.</param>
    /// <param name="prompt">The text to think about.</param>
    /// <param name="settings">How, all of it.</param>
    /// <param name="id">What its line calls it.</param>
    /// <param name="brief">Whether the result goes without steps.</param>
    public static BatchJob Make(int index, string model, string prompt, JsonObject settings, JsonNode? id = null, bool brief = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(model);
        BatchJob job = new(index, "", prompt, settings) { Id = id, Brief = brief };
        byte[] hash = SHA256.HashData([.. Encoding.UTF8.GetBytes($"{model}\n"), .. job.Write(withPlace: false)]);
        return job with { Key = Convert.ToHexStringLower(hash.AsSpan(0, 16)) };
    }

    /// <summary>The job as JSON, UTF-8.</summary>
    public byte[] ToJson() => Write(withPlace: true);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="ConceptInputException">It is no job.</exception>
    public static BatchJob Read(ReadOnlySpan<byte> json)
    {
        try
        {
            JsonFields fields = JsonNode.Parse(json, documentOptions: s_strict) is JsonObject job
                ? new JsonFields(job)
                : throw new ConceptInputException("A job is a JSON object.");
            BatchJob read = new(
                fields.Whole("index") switch
                {
                    null => throw Missing("index"),
                    < 0 => throw fields.Unusable("index", fields.Node("index")!, "a whole number from 0 on"),
                    { } index => index,
                },
                fields.Text("key") ?? throw Missing("key"),
                fields.Text("prompt") ?? throw Missing("prompt"),
                fields.Node("settings") as JsonObject ?? throw Missing("settings"))
            {
                Id = fields.Node("id"), Brief = fields.Flag("brief") ?? false,
            };
            fields.RefuseOthers();
            return read;
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException) // the latter: half a character in a name
        {
            throw new ConceptInputException("A job is no JSON.", problem);
        }
    }

    private static ConceptInputException Missing(string field) => new($"A job has no {field}.");

    private byte[] Write(bool withPlace)
    {
        ArrayBufferWriter<byte> bytes = new();
        using Utf8JsonWriter json = new(bytes);
        json.WriteStartObject();
        if (withPlace)
        {
            json.WriteNumber("index", Index);
            json.WriteString("key", Key);
        }

        json.WriteString("prompt", Prompt);
        if (Id is not null)
        {
            json.WritePropertyName("id");
            Id.WriteTo(json);
        }

        if (Brief)
        {
            json.WriteBoolean("brief", true);
        }

        json.WritePropertyName("settings");
        Settings.WriteTo(json);
        json.WriteEndObject();
        json.Flush();
        return bytes.WrittenSpan.ToArray();
    }
}
