using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using GgufConcepts.Reading;

namespace GgufConcepts.Tracing;

/// <summary>Traces as JSON: written whole or not at all, read with everything checked.</summary>
public static class TraceJson
{
    private const long LargestFile = 1L << 30;

    /// <summary>The trace as one JSON document.</summary>
    public static string Write(Trace trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        return JsonSerializer.Serialize(trace, TraceJsonContext.Readable.Trace);
    }

    /// <summary>Writes a trace to a file: under a temporary name first, so that no half of one is ever there.</summary>
    /// <exception cref="ConceptInputException">The file cannot be written.</exception>
    public static void Save(Trace trace, string path)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, trace, TraceJsonContext.Readable.Trace));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new ConceptInputException($"Cannot write the trace to {path}: {problem.Message}", problem);
        }
    }

    /// <summary>Reads a trace.</summary>
    /// <exception cref="ConceptInputException">It is missing, no trace, or of another version; says where.</exception>
    public static Trace Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            if (Directory.Exists(path))
            {
                throw new ConceptInputException($"{path} is a folder; name the trace in it.");
            }

            if (new FileInfo(path) is { Exists: true, Length: 0 })
            {
                // opening a pipe would wait for whoever writes to it
                throw new ConceptInputException(
                    $"{path} holds no bytes: an empty file, a pipe or a device; name a trace written with think --trace.");
            }

            using FileStream stream = File.OpenRead(path);
            if (!stream.CanSeek)
            {
                throw new ConceptInputException($"{path} is a pipe; save the trace to a file and name that.");
            }

            if (stream.Length > LargestFile)
            {
                throw new ConceptInputException($"{path} has {stream.Length} bytes; a trace has at most {LargestFile}.");
            }

            return Checked(Read(stream), path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new ConceptInputException($"Cannot read the trace {path}: {problem.Message}", problem);
        }
        catch (JsonException problem)
        {
            string reason = OtherSchema(path) ?? JsonWords.Of(problem);
            throw new ConceptInputException($"{path} is no trace: {reason} Write one with think --trace.", problem);
        }
    }

    /// <summary>Reads a trace out of a document that holds it.</summary>
    /// <param name="json">The trace.</param>
    /// <param name="place">What messages call it.</param>
    /// <exception cref="ConceptInputException">It is no trace, or of another version; says where, and in its field where
    /// within the trace.</exception>
    public static Trace Read(JsonElement json, string place)
    {
        ArgumentNullException.ThrowIfNull(place);
        try
        {
            return Checked(json.Deserialize(TraceJsonContext.Readable.Trace), place);
        }
        catch (JsonException problem)
        {
            string? other = OtherSchema(json);
            throw new ConceptInputException($"{place} is no trace: {other ?? JsonWords.Of(problem)}", problem)
            {
                Field = other is null ? JsonWords.FieldOf(problem) : "schema",
            };
        }
    }

    /// <summary>Reads steps out of a document that holds a list of them.</summary>
    /// <param name="json">The steps.</param>
    /// <param name="place">What messages call them.</param>
    /// <exception cref="ConceptInputException">They are no steps; says where, and in its field where within the list.</exception>
    public static IReadOnlyList<TraceStep> ReadSteps(JsonElement json, string place)
    {
        ArgumentNullException.ThrowIfNull(place);
        try
        {
            TraceStep[]? steps = json.Deserialize(TraceJsonContext.Readable.TraceStepArray);
            return steps is null ? throw new ConceptInputException($"{place} is null; give the steps of a trace.") { Field = "" }
                : FindProblem(steps) is { } problem ? throw new ConceptInputException($"{place}: {problem.Words}") { Field = problem.Field }
                : steps;
        }
        catch (JsonException problem)
        {
            throw new ConceptInputException($"{place} are no steps of a trace: {JsonWords.Of(problem)}", problem)
            {
                Field = JsonWords.FieldOf(problem),
            };
        }
    }

    /// <summary>Writes a trace into a document.</summary>
    public static void Write(Utf8JsonWriter writer, Trace trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        JsonSerializer.Serialize(writer, trace, TraceJsonContext.Readable.Trace);
    }

    /// <summary>Writes a step into a document, as it stands in a trace.</summary>
    public static void Write(Utf8JsonWriter writer, TraceStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        JsonSerializer.Serialize(writer, step, TraceJsonContext.Readable.TraceStep);
    }

    /// <summary>Writes a reading into a document, as it stands in a trace.</summary>
    public static void Write(Utf8JsonWriter writer, TraceChunk chunk)
    {
        ArgumentNullException.ThrowIfNull(chunk);
        JsonSerializer.Serialize(writer, chunk, TraceJsonContext.Readable.TraceChunk);
    }

    private static Trace Checked(Trace? trace, string place) =>
        trace is null ? throw new ConceptInputException($"{place} holds null, not a trace; give what a thought left as one.") { Field = "" }
        : FindProblem(trace) is { } problem ? throw new ConceptInputException($"{place}: {problem.Words}") { Field = problem.Field }
        : trace;

    /// <summary>Reads a document of which nothing but its form is checked.</summary>
    internal static Trace? Read(Stream stream) => JsonSerializer.Deserialize(stream, TraceJsonContext.Readable.Trace);

    /// <summary>What a file that does not fit says of its version, if that is the reason.</summary>
    private static string? OtherSchema(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            using JsonDocument document = JsonDocument.Parse(stream);
            return OtherSchema(document.RootElement);
        }
        catch (Exception problem) when (problem is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? OtherSchema(JsonElement document) =>
        document.ValueKind == JsonValueKind.Object
        && JsonTexts.FindProblem(document) is null // else asking for a property may throw
        && document.TryGetProperty("schema", out JsonElement schema)
        && schema.GetRawText() is { Length: < 20 } version
        && version != Trace.CurrentSchema.ToString(CultureInfo.InvariantCulture)
            ? UnknownSchema(version)
            : null;

    private static string UnknownSchema(string version) =>
        $"schema {version} is unknown; this program reads schema {Trace.CurrentSchema}.";

    private static (string Field, string Words)? FindProblem(Trace trace)
    {
        if (trace.Schema != Trace.CurrentSchema)
        {
            return ("schema", UnknownSchema(trace.Schema.ToString(CultureInfo.InvariantCulture)));
        }

        if (JsonTexts.FindProblem(trace.Settings) is { } unreadable)
        {
            return ("settings", $"settings {unreadable}.");
        }

        if (FindProblem(trace.Steps) is { } problem)
        {
            return ($"steps{problem.Field}", problem.Words);
        }

        for (int i = 0; i < trace.Chunks.Count; i++)
        {
            if (trace.Chunks[i] is not { } chunk || chunk.Readings?.Contains(null!) == true || chunk.Controls?.Contains(null!) == true
                || Measures(chunk).Any(measure => measure.Tokens.Contains(null!)))
            {
                return ($"chunks[{i}]", $"chunk {i} or something in it is null.");
            }
        }

        return null;
    }

    /// <summary>The serializer refuses null in properties, but not in lists.</summary>
    private static (string Field, string Words)? FindProblem(IReadOnlyList<TraceStep> steps)
    {
        for (int i = 0; i < steps.Count; i++)
        {
            if (steps[i] is not { } step || step.Tokens.Contains(null!) || step.Nearest?.Contains(null!) == true)
            {
                return ($"[{i}]", $"step {i} or something in it is null.");
            }
        }

        return null;
    }

    private static IEnumerable<Faithfulness> Measures(TraceChunk chunk)
    {
        IEnumerable<Faithfulness?> all =
        [
            chunk.Faithfulness,
            .. chunk.Readings?.Select(group => group.Faithfulness) ?? [],
            .. chunk.Controls?.Select(control => control.Faithfulness) ?? [],
        ];
        return all.OfType<Faithfulness>();
    }
}

/// <summary>Generated serializers: no reflection, so that the program can be compiled ahead of time.</summary>
[JsonSerializable(typeof(Trace))]
[JsonSerializable(typeof(TraceStep[]))]
[JsonSerializable(typeof(JsonObject))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class TraceJsonContext : JsonSerializerContext
{
    /// <summary>Indented, and with letters of all languages as they are.</summary>
    public static TraceJsonContext Readable { get; } = new(new JsonSerializerOptions
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new FiniteDouble(), new FiniteSingle() },
    });

    /// <summary>Refuses 1e999, which would be read as infinity; the empty exception gets the place from the
    /// serializer.</summary>
    private sealed class FiniteDouble : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out double value) && double.IsFinite(value)
                ? value
                : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(value);
    }

    private sealed class FiniteSingle : JsonConverter<float>
    {
        public override float Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Number && reader.TryGetSingle(out float value) && float.IsFinite(value)
                ? value
                : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, float value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(value);
    }
}
