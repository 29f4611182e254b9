using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GgufConcepts.Evaluation.Questions;

/// <summary>A file of results that a run adds to, line by line, and that a later run goes on with. One
/// caller.</summary>
/// <remarks>
/// JSON lines, UTF-8: a <see cref="ResultsHeader"/>, then a <see cref="QuestionResult"/> a line, each handed to the
/// system as soon as it is known. A run that was killed may leave half a line at the end; opening the file takes it
/// off, and its question is asked again. Whoever has it open keeps others from writing to it.
/// </remarks>
internal sealed class ResultsFile : IDisposable
{
    private static readonly ResultsJson s_json = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // text stays readable
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    });

    private readonly FileStream _stream;
    private readonly string _path;

    private ResultsFile(FileStream stream, string path, IReadOnlyList<QuestionResult> done)
    {
        _stream = stream;
        _path = path;
        Done = done;
    }

    /// <summary>The results that were there.</summary>
    public IReadOnlyList<QuestionResult> Done { get; }

    /// <summary>Opens a file, or begins one.</summary>
    /// <exception cref="ConceptInputException">It cannot be written, is in use, or holds something else: results of
    /// another model, task or setting.</exception>
    public static ResultsFile Open(string path, ResultsHeader header)
    {
        FileStream stream = GrowingFile.Open(path);
        try
        {
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            byte[] first = Line(JsonSerializer.SerializeToUtf8Bytes(header, s_json.ResultsHeader));
            if (bytes.Length < first.Length && first.AsSpan().StartsWith(bytes)) // nothing, or a first line that was not finished
            {
                stream.Seek(0, SeekOrigin.Begin);
                stream.SetLength(0);
                stream.Write(first);
                stream.Flush();
                return new ResultsFile(stream, path, []);
            }

            int end = bytes.AsSpan().IndexOf((byte)'\n');
            Compare(path, end < 0 ? bytes : bytes.AsSpan(0, end), header);
            List<QuestionResult> done = ReadLines(path, bytes, end + 1, stream);
            stream.Seek(0, SeekOrigin.End);
            return new ResultsFile(stream, path, done);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Adds a result.</summary>
    public void Add(QuestionResult result)
    {
        FileTooLong.Guard(() => _stream.Write(Line(JsonSerializer.SerializeToUtf8Bytes(result, s_json.QuestionResult)))); // one write
        _stream.Flush();
    }

    public void Dispose() => _stream.Dispose();

    /// <inheritdoc/>
    public override string ToString() => _path;

    private static List<QuestionResult> ReadLines(string path, byte[] bytes, int start, FileStream stream)
    {
        List<QuestionResult> done = [];
        for (int line = 2; start < bytes.Length; line++)
        {
            int length = bytes.AsSpan(start).IndexOf((byte)'\n');
            bool whole = length >= 0;
            length = whole ? length : bytes.Length - start;
            try
            {
                done.Add(JsonSerializer.Deserialize(bytes.AsSpan(start, length), s_json.QuestionResult)
                    ?? throw new JsonException("It is null."));
                if (!whole) // all but its line break was written
                {
                    stream.Seek(0, SeekOrigin.End);
                    stream.Write("\n"u8);
                }
            }
            catch (JsonException) when (!whole)
            {
                stream.SetLength(start);
            }
            catch (JsonException problem)
            {
                throw QuestionLine.Error(path, line, "it is no result of eval; restore it, or name another --output.", problem);
            }

            start += length + 1;
        }

        return done;
    }

    /// <summary>Refuses a file whose results are of something else.</summary>
    private static void Compare(string path, ReadOnlySpan<byte> line, ResultsHeader wanted)
    {
        ResultsHeader? found;
        try
        {
            found = JsonSerializer.Deserialize(line, s_json.ResultsHeader);
        }
        catch (JsonException)
        {
            found = null;
        }

        if (found?.Results != ResultsHeader.Mark || found.Schema != wanted.Schema
            || found.Strategies.Any(strategy => strategy is null || JsonTexts.FindProblem(strategy.Settings) is not null))
        {
            throw new ConceptInputException($"{path} is there and holds no results of eval; name another --output, or remove it.");
        }

        // as it would read from a file, so that numbers are written alike
        wanted = JsonSerializer.Deserialize(
            JsonSerializer.SerializeToUtf8Bytes(wanted, s_json.ResultsHeader), s_json.ResultsHeader)!;
        (string What, string There, string Here)[] compared =
        [
            ("another model", Text(found.Model), Text(wanted.Model)),
            ("another context", Text(found.Model.ContextLength), Text(wanted.Model.ContextLength)),
            ("other questions", $"SHA-256 {Short(found.Sha256)}", $"SHA-256 {Short(wanted.Sha256)}"),
            ("another task", found.Task, wanted.Task),
            ("another prompt template", found.PromptTemplate ?? "the usual", wanted.PromptTemplate ?? "the usual"),
            ("another answer pattern", found.AnswerPattern ?? "none", wanted.AnswerPattern ?? "none"),
            ("another seed", Text(found.Seed), Text(wanted.Seed)),
            ("other strategies", Labels(found), Labels(wanted)),
            .. found.Strategies.Zip(wanted.Strategies).SelectMany(pair => Settings(pair.First, pair.Second)),
        ];
        if (compared.FirstOrDefault(pair => pair.There != pair.Here) is { What: { } what } other)
        {
            throw new ConceptInputException(
                $"{path} holds results of {what}: {other.There}, and now it is {other.Here}; name another --output, or run as before.");
        }
    }

    private static IEnumerable<(string What, string There, string Here)> Settings(ResultsStrategy there, ResultsStrategy here) =>
        there.Settings.Select(setting => setting.Key).Union(here.Settings.Select(setting => setting.Key)).Select(name => (
            $"other settings of {here.Label}",
            $"{name} {there.Settings[name]?.ToJsonString() ?? "unset"}",
            $"{name} {here.Settings[name]?.ToJsonString() ?? "unset"}"));

    private static string Labels(ResultsHeader header) => string.Join(", ", header.Strategies.Select(strategy => strategy.Label));

    private static string Text(ResultsModel model) => $"{model.Name}, {model.Description}, fingerprint {Short(model.Fingerprint)}";

    private static string Short(string hash) => hash[..Math.Min(12, hash.Length)];

    private static string Text<T>(T value)
        where T : IFormattable => value.ToString(null, System.Globalization.CultureInfo.InvariantCulture);

    private static byte[] Line(byte[] json) => [.. json, (byte)'\n'];
}
