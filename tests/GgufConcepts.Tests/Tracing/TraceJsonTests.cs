using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GgufConcepts.Reading;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Tests.Thinking;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Tests.Tracing;

/// <summary>The form of a trace: its names are a contract with every program that reads one.</summary>
public sealed class TraceJsonTests(LoadedModels models) : IDisposable
{
    private readonly TempFolder _folder = new();

    private string File => _folder.File("trace.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_EveryField_HasItsNameAndPlace()
    {
        using JsonDocument document = JsonDocument.Parse(TraceJson.Write(Sample()));
        JsonElement root = document.RootElement;
        AssertNames(root,
            "schema model prompt promptTokens strategy settings seed steps chunks answer stop timings");
        AssertNames(root.GetProperty("model"), "name path architecture embeddingLength vocabularySize");
        AssertNames(root.GetProperty("settings"), "temperature nested");
        JsonElement steps = root.GetProperty("steps");
        AssertNames(steps[0], "index position kind entropy tokens milliseconds"); // what does not apply is left out
        AssertNames(steps[1], "index position kind entropy tokens chosen nearest vector milliseconds");
        AssertNames(steps[1].GetProperty("tokens")[0], "id text probability");
        AssertNames(steps[1].GetProperty("chosen"), "id text");
        AssertNames(steps[1].GetProperty("nearest")[0], "id text cosine");
        AssertNames(root.GetProperty("chunks")[0], "firstStep stepCount translation");
        AssertNames(root.GetProperty("timings"), "loadMs promptMs stepsMs readMs answerMs stepsPerSecond");
        Assert.Equal(1, root.GetProperty("schema").GetInt32());
        Assert.Equal(ulong.MaxValue, root.GetProperty("seed").GetUInt64());
    }

    [Fact]
    public void Write_AReadingClosely_HasItsNamesAndComesBack()
    {
        Faithfulness faithfulness = new("mean", 0.5, 1.25, 0.75, [new ReadToken(5, " a", 0.75, 0.25, 0.5)]);
        Trace trace = Sample() with
        {
            Chunks =
            [
                new TraceChunk(0, 2, "a")
                {
                    Faithfulness = faithfulness,
                    Readings = [new ReadingGroup("a", 3, 0.75, faithfulness), new ReadingGroup("", 1, 0.25, null)],
                    Controls = [new ControlReading("shuffled", 0.125, "b", faithfulness)],
                },
            ],
        };
        TraceJson.Save(trace, File);

        using JsonDocument document = JsonDocument.Parse(System.IO.File.ReadAllText(File));
        JsonElement chunk = document.RootElement.GetProperty("chunks")[0];
        AssertNames(chunk, "firstStep stepCount translation faithfulness readings controls");
        AssertNames(chunk.GetProperty("faithfulness"), "baseline value gain probability tokens");
        AssertNames(chunk.GetProperty("faithfulness").GetProperty("tokens")[0], "id text probability baseline faithfulness");
        AssertNames(chunk.GetProperty("readings")[0], "text count share faithfulness");
        AssertNames(chunk.GetProperty("readings")[1], "text count share");
        AssertNames(chunk.GetProperty("controls")[0], "name probability text faithfulness");
        Assert.Equal(TraceJson.Write(trace), TraceJson.Write(TraceJson.Load(File)));
    }

    [Theory]
    [InlineData("\"readings\": [null]")]
    [InlineData("\"controls\": [null]")]
    [InlineData("\"faithfulness\": {\"baseline\":\"mean\",\"value\":0,\"gain\":0,\"probability\":0,\"tokens\":[null]}")]
    [InlineData("\"readings\": [{\"text\":\"\",\"count\":1,\"share\":1,\"faithfulness\":{\"baseline\":\"mean\",\"value\":0," +
        "\"gain\":0,\"probability\":0,\"tokens\":[null]}}]")]
    public void Load_NullWithinAReading_IsInputError(string field)
    {
        string text = TraceJson.Write(Sample()).Replace(
            "\"translation\": \"the words\"", $"\"translation\": \"the words\", {field}", StringComparison.Ordinal);
        System.IO.File.WriteAllText(File, text);

        ConceptInputException refused = Assert.Throws<ConceptInputException>(() => TraceJson.Load(File));

        Assert.Contains("chunk 0 or something in it is null", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_LettersOfAllLanguages_StayReadable() =>
        Assert.Contains("¿Dónde? 概念 <b>", TraceJson.Write(Sample()), StringComparison.Ordinal);

    [Fact]
    public void Load_OfSaved_IsEqual()
    {
        Trace trace = Sample();
        TraceJson.Save(trace, File);
        Trace loaded = TraceJson.Load(File);
        Assert.Equal(TraceJson.Write(trace), TraceJson.Write(loaded));
        Assert.Equal(
            (trace.Model, trace.Prompt, trace.Strategy, trace.Seed, trace.Answer, trace.Stop, trace.Timings),
            (loaded.Model, loaded.Prompt, loaded.Strategy, loaded.Seed, loaded.Answer, loaded.Stop, loaded.Timings));
        Assert.Equal(trace.PromptTokens, loaded.PromptTokens);
        Assert.Equal(trace.Chunks, loaded.Chunks);
        Assert.True(JsonNode.DeepEquals(trace.Settings, loaded.Settings));
        foreach ((TraceStep saved, TraceStep read) in trace.Steps.Zip(loaded.Steps))
        {
            Assert.Equal(saved.Tokens, read.Tokens); // floats to the last bit
            Assert.Equal(saved.Nearest, read.Nearest);
            Assert.Equal(saved.Vector, read.Vector);
            Assert.Equal(
                (saved.Index, saved.Position, saved.Kind, saved.Entropy, saved.Chosen, saved.Milliseconds),
                (read.Index, read.Position, read.Kind, read.Entropy, read.Chosen, read.Milliseconds));
        }

        Assert.NotEqual(0xEF, System.IO.File.ReadAllBytes(File)[0]); // UTF-8 without a byte order mark
    }

    [Theory]
    [InlineData("soft", "noise tau alpha")]
    [InlineData("hidden", "norm realign")]
    [InlineData("token", "greedy")]
    public void Load_OfARun_IsEqual(string strategy, string own)
    {
        ThinkOptions options = new() { Strategy = StrategyCatalog.Standard.Make(strategy), MaxSteps = 4, AnswerTokens = 3 };
        Trace trace = Runs.Think(models.Tiny(TinyArchitecture.Qwen2), "The capital", options);
        TraceJson.Save(trace, File);
        Assert.Equal(TraceJson.Write(trace), TraceJson.Write(TraceJson.Load(File)));
        using JsonDocument document = JsonDocument.Parse(System.IO.File.ReadAllBytes(File));
        JsonElement step = document.RootElement.GetProperty("steps")[0];
        Assert.Equal(strategy is "soft" ? "concept" : strategy, step.GetProperty("kind").GetString());
        Assert.Equal(strategy is "hidden", step.TryGetProperty("vector", out _));
        Assert.Equal(strategy is "token", step.TryGetProperty("chosen", out _));
        Assert.Equal(1, step.GetProperty("tokens").EnumerateArray().Sum(token => token.GetProperty("probability").GetDouble()), 1e-5);
        AssertNames(
            document.RootElement.GetProperty("settings"),
            $"temperature topK topP minP maxTopK {own} chat maxSteps fixedLength stopEntropy stopPatience chunk thinkStart thinkEnd reader answer");
    }

    [Fact]
    public void Save_CannotSerialise_LeavesTheOldFile()
    {
        TraceJson.Save(Sample(), File);
        string before = System.IO.File.ReadAllText(File);
        Trace unwritable = Sample() with { Timings = new TraceTimings { LoadMs = double.NaN } }; // the last field
        Assert.ThrowsAny<ArgumentException>(() => TraceJson.Save(unwritable, File));
        Assert.Equal(before, System.IO.File.ReadAllText(File));
        Assert.Equal([File], Directory.GetFiles(_folder.Path)); // and no half-written one beside it
    }

    [Fact]
    public void Save_NoSuchFolder_IsInputErrorNamingTheFile()
    {
        string path = Path.Combine(_folder.Path, "absent", "trace.json");
        ConceptInputException refused = Assert.Throws<ConceptInputException>(() => TraceJson.Save(Sample(), path));
        Assert.StartsWith($"Cannot write the trace to {path}: ", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ConceptInputException>(() => TraceJson.Save(Sample(), _folder.Path)); // a folder is no file
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Save_OverAnExistingFile_ReplacesIt()
    {
        TraceJson.Save(Sample(), File);
        TraceJson.Save(Sample() with { Answer = "other" }, File);
        Assert.Equal("other", TraceJson.Load(File).Answer);
    }

    [Fact]
    public void Load_MissingFile_IsInputErrorNamingIt()
    {
        ConceptInputException refused = Assert.Throws<ConceptInputException>(() => TraceJson.Load(File));
        Assert.StartsWith($"Cannot read the trace {File}: ", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ConceptInputException>(() => TraceJson.Load(_folder.Path)); // a folder
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("null")]
    [InlineData("42")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"schema\":1}")]
    [InlineData("The capital of France")]
    [InlineData("{\"schema\":1,")]
    [InlineData("{\"\\udc00\":1}")]
    [InlineData("\0\0\0\0")]
    public void Load_NoTrace_IsInputErrorNamingTheFile(string content)
    {
        System.IO.File.WriteAllText(File, content);
        ConceptInputException refused = Assert.Throws<ConceptInputException>(() => TraceJson.Load(File));
        Assert.Contains(File, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void Load_CutShort_IsInputErrorAtAnyLength()
    {
        byte[] whole = Encoding.UTF8.GetBytes(TraceJson.Write(Sample()));
        for (int length = 0; length < whole.Length - 1; length += 13)
        {
            System.IO.File.WriteAllBytes(File, whole[..length]);
            Assert.Throws<ConceptInputException>(() => TraceJson.Load(File));
        }
    }

    [Theory]
    [InlineData("schema", "2")]
    [InlineData("schema", "0")]
    [InlineData("schema", "null")]
    [InlineData("schema", "99999999999999999999")]
    [InlineData("model", "null")]
    [InlineData("model", "{}")]
    [InlineData("model.name", "null")]
    [InlineData("model.path", "null")]
    [InlineData("model.vocabularySize", "null")]
    [InlineData("prompt", "null")]
    [InlineData("promptTokens", "null")]
    [InlineData("promptTokens", "[1,null]")]
    [InlineData("strategy", "null")]
    [InlineData("settings", "null")]
    [InlineData("settings", "[]")]
    [InlineData("settings", "{\"a\":1,\"a\":2}")]
    [InlineData("settings", "{\"a\":{\"b\":1,\"b\":2}}")]
    [InlineData("settings", "{\"a\":[\"\\ud800\"]}")]
    [InlineData("settings", "{\"\\ud800\":1}")]
    [InlineData("seed", "-1")]
    [InlineData("steps", "null")]
    [InlineData("steps", "[null]")]
    [InlineData("steps.0.tokens", "null")]
    [InlineData("steps.0.tokens", "[null]")]
    [InlineData("steps.0.tokens.0.text", "null")]
    [InlineData("steps.0.tokens.0.probability", "1e999")]
    [InlineData("steps.0.tokens.0.probability", "\"NaN\"")]
    [InlineData("steps.0.tokens.0.id", "99999999999")]
    [InlineData("steps.0.tokens.0.id", "1.5")]
    [InlineData("steps.0.entropy", "1e999")]
    [InlineData("steps.0.milliseconds", "1e999")]
    [InlineData("steps.0.kind", "null")]
    [InlineData("steps.0.kind", "7")]
    [InlineData("steps.1.chosen.text", "null")]
    [InlineData("steps.1.nearest", "[null]")]
    [InlineData("steps.1.nearest.0.cosine", "1e999")]
    [InlineData("steps.1.vector", "\"not base64!\"")]
    [InlineData("chunks", "null")]
    [InlineData("chunks", "[null]")]
    [InlineData("chunks.0.translation", "null")]
    [InlineData("answer", "null")]
    [InlineData("stop", "null")]
    [InlineData("timings", "null")]
    [InlineData("timings.loadMs", "1e999")]
    public void Load_BadField_IsInputErrorNamingTheFile(string field, string value)
    {
        JsonNode root = JsonNode.Parse(TraceJson.Write(Sample()))!;
        const string Placeholder = "put the value here";
        string[] path = field.Split('.');
        JsonNode parent = path.SkipLast(1).Aggregate(root, (at, name) => char.IsDigit(name[0]) ? at[int.Parse(name)]! : at[name]!);
        parent[path[^1]] = Placeholder;
        System.IO.File.WriteAllText(File, root.ToJsonString().Replace($"\"{Placeholder}\"", value, StringComparison.Ordinal));
        ConceptInputException refused = Assert.Throws<ConceptInputException>(() => TraceJson.Load(File));
        Assert.Contains(File, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_AnswerLeftOut_IsNone()
    {
        JsonObject root = (JsonObject)JsonNode.Parse(TraceJson.Write(Sample()))!;
        root.Remove("answer");
        System.IO.File.WriteAllText(File, root.ToJsonString());
        Trace trace = TraceJson.Load(File);
        Assert.Equal("", trace.Answer);
        TraceHtml.Write(trace); // which asks how long it is
    }

    [Fact]
    public void Load_MoreReadingsThanAWholeNumberHolds_HasAPageAllTheSame()
    {
        ReadingGroup[] readings = [new("a", int.MaxValue, 0.5), new("b", int.MaxValue, 0.5)];
        TraceJson.Save(Sample() with { Chunks = [new TraceChunk(0, 2, "a") { Readings = readings }] }, File);
        Assert.Contains("4294967294 readings", TraceHtml.Write(TraceJson.Load(File)).Replace(",", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("entropy", "1.7976931348623157E+308")]
    [InlineData("entropy", "-1.7976931348623157E+308")]
    [InlineData("stopEntropy", "1e999")]
    public void Load_NumberOfNoSense_HasAPageAllTheSame(string field, string value)
    {
        string json = TraceJson.Write(Sample());
        string changed = field == "entropy"
            ? json.Replace("\"entropy\": 0", $"\"entropy\": {value}", StringComparison.Ordinal)
            : json.Replace("\"temperature\": 0.6", $"\"{field}\": {value}", StringComparison.Ordinal);
        Assert.NotEqual(json, changed);
        System.IO.File.WriteAllText(File, changed);
        Trace trace = TraceJson.Load(File);
        Assert.DoesNotContain("NaN", TraceHtml.Write(trace), StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", TraceHtml.Write(Sample(), trace), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_UnknownFields_AreIgnored()
    {
        JsonNode root = JsonNode.Parse(TraceJson.Write(Sample()))!;
        root["later"] = new JsonObject { ["more"] = 1 };
        System.IO.File.WriteAllText(File, root.ToJsonString());
        Assert.Equal(TraceJson.Write(Sample()), TraceJson.Write(TraceJson.Load(File)));
    }

    /// <summary>A trace with something in every field.</summary>
    internal static Trace Sample() => new()
    {
        Model = new TraceModel("Tiny", "tiny.gguf", "qwen2", 64, 400),
        Prompt = "¿Dónde? 概念 <b>\n\"\\",
        PromptTokens = [1, 2, 3],
        Strategy = "soft",
        Settings = new JsonObject { ["temperature"] = 0.6f, ["nested"] = new JsonObject { ["chunk"] = 4 } },
        Seed = ulong.MaxValue,
        Steps =
        [
            new TraceStep
            {
                Index = 0, Position = 3, Kind = "concept", Entropy = 1.2345678901234567, Milliseconds = 1.5,
                Tokens = [new TraceToken(5, " a", 1 / 3f), new TraceToken(6, "\uFFFD", 2 / 3f)],
            },
            new TraceStep
            {
                Index = 1, Position = 4, Kind = "token", Entropy = 0, Milliseconds = 0, Tokens = [new TraceToken(7, "\n", 1)],
                Chosen = new TraceChosen(7, "\n"), Nearest = [new TraceNearest(7, "\n", 0.1f)], Vector = [0, 0, 128, 63],
            },
        ],
        Chunks = [new TraceChunk(0, 2, "the words")],
        Answer = "👍",
        Stop = "coldStop",
        Timings = new TraceTimings
        {
            LoadMs = 1, PromptMs = 2, StepsMs = 3, ReadMs = 4, AnswerMs = 5, StepsPerSecond = 6.125,
        },
    };

    private static void AssertNames(JsonElement element, string names) =>
        Assert.Equal(names.Split(' '), element.EnumerateObject().Select(property => property.Name));
}
