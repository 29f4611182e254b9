using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using GgufConcepts.Thinking;

namespace GgufConcepts.Batches;

/// <summary>A file of prompts, one JSON object a line, all of them checked when it is opened. One caller.</summary>
/// <remarks>
/// <code>{"prompt": "The capital of France is", "id": "fr", "concept": {"strategy": "soft:maxTopK=4", "maxSteps": 8, "seed": 1}}</code>
/// Only <c>prompt</c> is needed; <c>concept</c> holds what <see cref="ThinkSettings"/> reads. UTF-8, with or without a byte
/// order mark; empty lines are passed over and not counted. Of a line only its place and its key stay in memory: it is read
/// again when its turn comes.
/// </remarks>
public sealed class BatchInput : IDisposable
{
    private static readonly JsonDocumentOptions s_strict = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    private readonly FileStream _stream;
    private readonly BatchDefaults _defaults;
    private readonly List<(long Offset, int Length, int Line, string Key)> _jobs = [];

    private BatchInput(string path, FileStream stream, BatchDefaults defaults) =>
        (Path, _stream, _defaults) = (path, stream, defaults);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The model's name.</summary>
    public string Model => _defaults.Model;

    /// <summary>How many jobs it holds; 1 or more.</summary>
    public int Count => _jobs.Count;

    /// <summary>A hash of all keys in their order: two files of the same are the same batch.</summary>
    public string Fingerprint { get; private set; } = "";

    /// <summary>Opens a file and checks every line of it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="defaults">What holds for lines that say nothing else.</param>
    /// <exception cref="ConceptInputException">There is no such file, it holds nothing, or a line of it is no job; the
    /// message names file and line.</exception>
    public static BatchInput Open(string path, BatchDefaults defaults)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(defaults);
        BatchInput input = new(path, OpenStream(path), defaults);
        try
        {
            input.CheckLines();
            return input;
        }
        catch
        {
            input.Dispose();
            throw;
        }
    }

    /// <summary>The key of a job.</summary>
    /// <param name="index">Its number, from 0.</param>
    public string KeyOf(int index) => At(index).Key;

    /// <summary>The line that a job stands in.</summary>
    /// <param name="index">Its number, from 0.</param>
    /// <returns>Its number, from 1.</returns>
    public int LineOf(int index) => At(index).Line;

    /// <summary>Reads a job.</summary>
    /// <param name="index">Its number, from 0.</param>
    /// <exception cref="ConceptInputException">The file has changed since it was opened.</exception>
    public BatchJob Read(int index)
    {
        (long offset, int length, int line, string key) = At(index);
        byte[] bytes = new byte[length];
        _stream.Seek(offset, SeekOrigin.Begin);
        int count = _stream.ReadAtLeast(bytes, length, throwOnEndOfStream: false);
        try
        {
            if (count == length && Parse(bytes, line, index) is { } job && job.Key == key)
            {
                return job;
            }
        }
        catch (ConceptInputException)
        {
            // it was a job once
        }

        throw new ConceptInputException($"{Path} line {line} has changed since the batch began; run it again.");
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _stream.Dispose();

    private (long Offset, int Length, int Line, string Key) At(int index) => (uint)index < (uint)Count
        ? _jobs[index]
        : throw new ArgumentOutOfRangeException(nameof(index), index, $"{Path} holds jobs 0 to {Count - 1}.");

    private static FileStream OpenStream(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                throw new ConceptInputException($"{path} is a folder; name a file of prompts in it.");
            }

            FileStream stream = File.OpenRead(path);
            if (stream.CanSeek)
            {
                return stream;
            }

            stream.Dispose();
            throw new ConceptInputException($"{path} is a pipe; save the prompts to a file and name that.");
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ConceptInputException($"{path}: no such file; check the path.", problem);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ConceptInputException($"{path} cannot be read: {problem.Message.ReplaceLineEndings(" ")}", problem);
        }
    }

    private void CheckLines()
    {
        using IncrementalHash all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        JsonLines lines = new(_stream);
        while (lines.Read())
        {
            ReadOnlySpan<byte> line = lines.Line.Span;
            if (lines.Number == 1 && line is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            {
                throw new ConceptInputException($"{Path} is UTF-16; save it as UTF-8.");
            }

            int mark = lines.Number == 1 && line.StartsWith(Encoding.UTF8.Preamble) ? 3 : 0;
            line = line[mark..];
            if (line.ContainsAnyExcept(" \t\r"u8))
            {
                string key = Parse(line, lines.Number, _jobs.Count).Key;
                _jobs.Add((lines.Offset + mark, line.Length, lines.Number, key));
                all.AppendData(Encoding.ASCII.GetBytes(key));
            }
        }

        Fingerprint = Convert.ToHexStringLower(all.GetHashAndReset().AsSpan(0, 16));
        if (_jobs.Count == 0)
        {
            throw new ConceptInputException($"{Path} holds no prompt; write one JSON object a line, such as {{\"prompt\": \"...\"}}.");
        }
    }

    private BatchJob Parse(ReadOnlySpan<byte> line, int number, int index)
    {
        try
        {
            JsonFields fields = new(ParseObject(line, number));
            string prompt = fields.Text("prompt") is { Length: > 0 } text
                ? text
                : throw new ConceptInputException("it has no prompt; write one JSON object a line, such as {\"prompt\": \"...\"}.");
            JsonNode? id = fields.Node("id");
            if (id is not null && id.GetValueKind() is not (JsonValueKind.String or JsonValueKind.Number))
            {
                throw fields.Unusable("id", id, "a text or a number");
            }

            JsonObject concept = fields.Node("concept") switch
            {
                null => [],
                JsonObject given => given,
                JsonNode other => throw fields.Unusable("concept", other, "an object in braces"),
            };
            fields.RefuseOthers();
            return BatchJob.Make(index, Model, prompt, ThinkSettings.Write(ThinkSettings.Read(concept, _defaults.Options)), id, _defaults.Brief);
        }
        catch (ConceptInputException problem)
        {
            throw new ConceptInputException(
                string.Create(CultureInfo.InvariantCulture, $"{Path} line {number}: {problem.Message}"), problem);
        }
    }

    private static JsonObject ParseObject(ReadOnlySpan<byte> line, int number)
    {
        if (!Utf8.IsValid(line))
        {
            throw new ConceptInputException("it is no UTF-8; save the file as UTF-8.");
        }

        try
        {
            return JsonNode.Parse(line, documentOptions: s_strict) as JsonObject
                ?? throw new ConceptInputException("it is no JSON object; write one a line, such as {\"prompt\": \"...\"}.");
        }
        catch (JsonException problem)
        {
            string why = problem.Message.Contains("uplicate", StringComparison.Ordinal) ? "a field stands in it twice"
                : $"it is no JSON at byte {problem.BytePositionInLine}";
            string opens = number == 1 && line.TrimStart(" \t\r"u8) is [(byte)'[' or (byte)'{', ..]
                ? " (JSON over several lines must be turned into one object a line)"
                : "";
            throw new ConceptInputException($"{why}{opens}; write one JSON object a line.", problem);
        }
        catch (InvalidOperationException problem) // met while names are compared
        {
            throw new ConceptInputException("a name in it is half a character; use whole ones.", problem);
        }
    }
}
