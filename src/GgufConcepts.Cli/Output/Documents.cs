using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using GgufConcepts.Benchmarking;
using GgufConcepts.Evaluation;
using GgufConcepts.Evaluation.Questions;
using GgufConcepts.Lens;
using GgufConcepts.Models;
using GgufConcepts.Native;
using GgufConcepts.Stores;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Cli.Output;

/// <summary>What the commands print that make no trace; the version of its form comes first.</summary>
internal abstract record Document
{
    [JsonPropertyOrder(-1)]
    public int Schema { get; init; } = Trace.CurrentSchema;
}

/// <summary>What <c>next --json</c> prints.</summary>
internal sealed record NextDocument(
    TraceModel Model,
    string Prompt,
    IReadOnlyList<int> PromptTokens,
    float Temperature,
    double Entropy,
    IReadOnlyList<TraceToken> Tokens) : Document;

/// <summary>What <c>read --json</c> prints.</summary>
/// <param name="Model">The model.</param>
/// <param name="Source">The trace's file, <c>text</c> or <c>analogy</c>.</param>
/// <param name="ReadPrompt">What the reader was asked.</param>
/// <param name="Settings">Of the reader, defaults filled in.</param>
/// <param name="Seed">Of what was drawn and shuffled.</param>
/// <param name="Readings">A reading for every chunk of vectors.</param>
internal sealed record ReadDocument(
    TraceModel Model, string Source, string ReadPrompt, JsonObject Settings, ulong Seed, IReadOnlyList<TraceChunk> Readings) : Document;

/// <summary>What <c>read --self-test --json</c> prints.</summary>
/// <param name="Model">The model.</param>
/// <param name="Seed">Which words were drawn.</param>
/// <param name="Templates">How many words were echoed, by reading prompt; the one that the verdict is about first.</param>
/// <param name="Reads"><c>well</c>, <c>mostly</c>, <c>partly</c> or <c>hardly</c>.</param>
/// <param name="Verdict">The same in a sentence.</param>
internal sealed record SelfTestDocument(
    TraceModel Model, ulong Seed, IReadOnlyList<SelfTestRow> Templates, string Reads, string Verdict) : Document;

/// <summary>What <c>neighbors --json</c> and <c>analogy --json</c> print.</summary>
internal sealed record NearestDocument(TraceModel Model, string Query, IReadOnlyList<TraceNearest> Nearest) : Document;

/// <summary>What <c>translate --json</c> prints.</summary>
internal sealed record TranslateDocument(TraceModel Model, string Text, string From, string To, string Prompt, string Translation) : Document;

/// <summary>What <c>lens --json</c> prints.</summary>
/// <param name="Model">The model.</param>
/// <param name="Prompt">As it was given.</param>
/// <param name="PromptTokens">Its ids.</param>
/// <param name="Positions">Which positions were asked for, as it was written.</param>
/// <param name="Seed">Of everything random.</param>
/// <param name="Target">The token that was followed, if one was named.</param>
/// <param name="LargestDifference">Of any probability, the last layer against the model itself.</param>
/// <param name="PromptPositions">Those of the prompt.</param>
/// <param name="Runs">Those of each strategy's steps.</param>
internal sealed record LensDocument(
    TraceModel Model,
    string Prompt,
    IReadOnlyList<int> PromptTokens,
    string Positions,
    ulong Seed,
    TokenText? Target,
    double LargestDifference,
    IReadOnlyList<LensPosition> PromptPositions,
    IReadOnlyList<LensRun> Runs) : Document;

/// <summary>What <c>bench --json</c> prints.</summary>
/// <param name="Model">The model.</param>
/// <param name="Prompt">What the steps follow.</param>
/// <param name="Blocks">Pairs of blocks.</param>
/// <param name="Steps">Steps of a block.</param>
/// <param name="Processors">Of this machine.</param>
/// <param name="Threads">Threads that computed.</param>
/// <param name="WeightBytes">Bytes of weights that a token's decode reads.</param>
/// <param name="BytesPerSecond">What those threads read where they do nothing else.</param>
/// <param name="Rows">A row for every strategy and batch size.</param>
internal sealed record BenchDocument(
    TraceModel Model,
    string Prompt,
    int Blocks,
    int Steps,
    int Processors,
    int Threads,
    long WeightBytes,
    double BytesPerSecond,
    IReadOnlyList<StepBenchRow> Rows) : Document
{
    public static BenchDocument Of(StepBenchReport report, StepBenchOptions options) => new(
        TraceModel.Of(report.Model),
        options.Prompt,
        options.Blocks,
        options.Steps,
        Environment.ProcessorCount,
        report.Threads,
        report.WeightBytes,
        report.BytesPerSecond,
        report.Rows);
}

/// <summary>What <c>models list --json</c> prints.</summary>
/// <param name="Models">Those known by name.</param>
/// <param name="Stored">Those in the stores of this machine.</param>
internal sealed record ModelsDocument(IReadOnlyList<CatalogEntry> Models, IReadOnlyList<ListedModel> Stored) : Document;

/// <summary>A model in <see cref="ModelsDocument"/>.</summary>
/// <param name="Reference">What <c>--model</c> takes for it.</param>
/// <param name="Store">Where it lies.</param>
/// <param name="Path">Its first file.</param>
/// <param name="Bytes">Of all its files.</param>
/// <param name="Quantisation">As its name tells; null where it does not.</param>
/// <param name="Architecture">As its file says; null where it cannot be read.</param>
internal sealed record ListedModel(
    string Reference, string Store, string Path, long Bytes, string? Quantisation, string? Architecture);

/// <summary>What <c>models info --json</c> prints.</summary>
/// <param name="Path">Its first file.</param>
/// <param name="Store">Where it lies; null for a plain path.</param>
/// <param name="Bytes">Of all its files.</param>
/// <param name="Metadata">What its file says of it; long lists by their length.</param>
/// <param name="ChatTemplate">As its file has it.</param>
/// <param name="TensorTypes">How many tensors of each type, and their bytes.</param>
/// <param name="Parity">Whether it can think in vectors; null where that was not asked.</param>
internal sealed record ModelInfoDocument(
    string Path,
    string? Store,
    long Bytes,
    IReadOnlyDictionary<string, string> Metadata,
    string? ChatTemplate,
    IReadOnlyList<TensorTypeCount> TensorTypes,
    string? Parity) : Document;

/// <summary>A row of <see cref="ModelInfoDocument.TensorTypes"/>.</summary>
internal sealed record TensorTypeCount(string Type, int Tensors, long Bytes);

/// <summary>What <c>models verify --json</c> prints.</summary>
/// <param name="Path">Its first file.</param>
/// <param name="Store">Where it lies; null for a plain path.</param>
/// <param name="Settings">How many its file holds; 0 where it cannot be read.</param>
/// <param name="Tensors">How many its files hold; 0 where they cannot be read.</param>
/// <param name="Checked">What was looked at.</param>
/// <param name="Findings">What is wrong: where, what, what to do. Empty where nothing is.</param>
internal sealed record VerifyDocument(
    string Path,
    string? Store,
    int Settings,
    int Tensors,
    IReadOnlyList<string> Checked,
    IReadOnlyList<string> Findings) : Document;

/// <summary>What <c>doctor --json</c> prints.</summary>
internal sealed record DoctorDocument(
    string Program,
    string DotNet,
    string System,
    int Processors,
    IReadOnlyList<string> VectorUnits,
    IReadOnlyList<string> Backends,
    string? LlamaVersion,
    string? LlamaFolder,
    string? LlamaFeatures,
    IReadOnlyList<DoctorDevice> Devices,
    IReadOnlyList<UselessGpuModule> UselessModules,
    DoctorModel? Model,
    IReadOnlyList<string> Problems) : Document;

/// <summary>A device in <see cref="DoctorDocument"/>.</summary>
internal sealed record DoctorDevice(string Name, string Description, string Kind, long FreeBytes, long TotalBytes);

/// <summary>A model in <see cref="DoctorDocument"/>.</summary>
internal sealed record DoctorModel(ModelInfo Info, string Parity, float InputScale, double LargestDifference);

/// <summary>What <c>models pull --json</c> prints.</summary>
/// <param name="Model">What was asked for.</param>
/// <param name="Path">Its first file.</param>
/// <param name="Bytes">Of all its files.</param>
/// <param name="Fetched">Bytes that had to come.</param>
/// <param name="Commit">Of the repository; null where it was not asked.</param>
internal sealed record PulledDocument(string Model, string Path, long Bytes, long Fetched, string? Commit) : Document;

/// <summary>What <c>models make --json</c> prints.</summary>
internal sealed record MadeDocument(string File, long Bytes, string Sha256) : Document;

/// <summary>What <c>eval --json</c> prints.</summary>
/// <param name="Task">Its name.</param>
/// <param name="Description">What it asks.</param>
/// <param name="Strategies">Those that were asked for.</param>
/// <param name="Limit">Most items of every part, if a limit was set.</param>
/// <param name="Seed">Of everything random.</param>
/// <param name="Models">What each model made of it.</param>
internal sealed record EvalDocument(
    string Task,
    string Description,
    IReadOnlyList<EvalSettings> Strategies,
    int? Limit,
    ulong Seed,
    IReadOnlyList<EvalModel> Models) : Document;

/// <summary>What <c>eval FILE.jsonl --json</c> prints.</summary>
/// <param name="Task">Kind of the questions.</param>
/// <param name="Questions">The file.</param>
/// <param name="Sha256">Of the file.</param>
/// <param name="Count">Questions in it.</param>
/// <param name="PromptTemplate">The prompt, where one was given.</param>
/// <param name="AnswerPattern">The pattern that finds answers, where one was given.</param>
/// <param name="Limit">Most questions asked, if a limit was set.</param>
/// <param name="Seed">Of everything random.</param>
/// <param name="Model">Who was asked.</param>
/// <param name="Results">Where every answer was written, if it was.</param>
/// <param name="Strategies">What came out, by strategy.</param>
internal sealed record QuestionsDocument(
    string Task,
    string Questions,
    string Sha256,
    int Count,
    string? PromptTemplate,
    string? AnswerPattern,
    int? Limit,
    ulong Seed,
    TraceModel Model,
    string? Results,
    IReadOnlyList<StrategySummary> Strategies) : Document;

/// <summary>A strategy in <see cref="EvalDocument"/>.</summary>
internal sealed record EvalSettings(string Label, JsonObject Settings);

/// <summary>A model in <see cref="EvalDocument"/>.</summary>
internal sealed record EvalModel(TraceModel Model, IReadOnlyList<EvalRow> Rows);

/// <summary>What <c>batch --json</c> prints.</summary>
/// <param name="Input">The file of prompts.</param>
/// <param name="Output">The file of results.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Count">Prompts in the file.</param>
/// <param name="Done">Results in the file.</param>
/// <param name="Before">Those of them that were there before.</param>
/// <param name="Failed">Those of them that are errors.</param>
/// <param name="Seconds">What it took, without loading the model.</param>
internal sealed record BatchDocument(
    string Input, string Output, string Model, int Count, int Done, int Before, int Failed, double Seconds) : Document;

/// <summary>The documents as JSON.</summary>
internal static class Documents
{
    private static readonly DocumentsContext s_context = new(new JsonSerializerOptions
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters =
        {
            new JsonStringEnumConverter<InputKind>(JsonNamingPolicy.CamelCase),
            new JsonStringEnumConverter<StopReason>(JsonNamingPolicy.CamelCase),
        },
    });

    public static string Write<T>(T document) => JsonSerializer.Serialize(document, typeof(T), s_context);
}

/// <summary>Generated serializers.</summary>
[JsonSerializable(typeof(NextDocument))]
[JsonSerializable(typeof(ReadDocument))]
[JsonSerializable(typeof(SelfTestDocument))]
[JsonSerializable(typeof(NearestDocument))]
[JsonSerializable(typeof(TranslateDocument))]
[JsonSerializable(typeof(LensDocument))]
[JsonSerializable(typeof(DoctorDocument))]
[JsonSerializable(typeof(BenchDocument))]
[JsonSerializable(typeof(ModelsDocument))]
[JsonSerializable(typeof(ModelInfoDocument))]
[JsonSerializable(typeof(VerifyDocument))]
[JsonSerializable(typeof(MadeDocument))]
[JsonSerializable(typeof(PulledDocument))]
[JsonSerializable(typeof(EvalDocument))]
[JsonSerializable(typeof(QuestionsDocument))]
[JsonSerializable(typeof(BatchDocument))]
internal sealed partial class DocumentsContext : JsonSerializerContext;
