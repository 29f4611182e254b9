using GgufConcepts.Decoding;
using GgufConcepts.Gguf;
using GgufConcepts.Models;
using GgufConcepts.Native;
using GgufConcepts.Testing;
using GgufConcepts.Testing.PublicApi;
using LLama;
using LLama.Common;
using Row = GgufConcepts.Testing.PublicApi.WrongArgument<LLama.LLamaWeights>;

namespace GgufConcepts.LLamaSharp.Tests;

/// <summary>What a caller can get wrong: each is an exception that names the parameter, in this process.</summary>
public sealed class LLamaSharpArgumentTests
{
    private static readonly LLamaSharpBackend s_backend = OneBackend.Instance;
    private static readonly int[] s_noIds = [-1, int.MinValue, int.MaxValue];

    private static readonly Dictionary<string, object?> s_tooManyLayers = new() { ["qwen2.block_count"] = 513 };

    private static readonly Lazy<LLamaWeights> s_weights = new(() => LLamaWeights.LoadFromFile(new ModelParams(Tiny)));

    private static readonly ArgumentTable<LLamaWeights> s_table = new(typeof(LLamaSharpBackend).Assembly,
    [
        .. Row.Paths("LLamaWeightsExtensions.AsConceptModel(path)", (weights, path) => weights.AsConceptModel(path)),
        .. Row.Each("ModelOptions.ContextLength", [15, 0, -1, int.MaxValue], (weights, context) =>
            weights.AsConceptModel(Tiny, new ModelOptions { ContextLength = context }), "context"),
        .. Row.Each("ModelOptions.Threads", [0, -1, 513], (weights, threads) =>
            weights.AsConceptModel(Tiny, new ModelOptions { Threads = threads }), "Threads"),
        .. Row.Each("ModelOptions.GpuLayers", [-1, int.MinValue], (_, layers) =>
            Load(new ModelOptions { GpuLayers = layers }), "GPU layers"),
        .. Row.Each("ModelOptions.SplitMode", [-1, 99], (_, mode) =>
            Load(new ModelOptions { SplitMode = (LlamaSplitMode)mode }), "split mode"),
        new("ModelOptions.Devices", "null", _ => Load(new ModelOptions { Devices = null! }), "device"),
        new("ModelOptions.Devices", "a null among them", _ => Load(new ModelOptions { Devices = [null!] }), "device"),
        new("LLamaWeightsExtensions.AsConceptModel(weights)", "no more than a vocabulary", _ =>
        {
            using LLamaWeights vocabulary = LLamaWeights.LoadFromFile(new ModelParams(Tiny) { VocabOnly = true });
            vocabulary.AsConceptModel(Tiny);
        }, "the weights have"),
        new("LLamaSharpBackend.Load(file)", "no embeddings", _ =>
            Load(new ModelOptions(), new TinyOptions { MissingTensor = "token_embd.weight" }), "token_embd.weight"),
        new("LLamaSharpBackend.Load(file)", "one that would end the process", _ =>
            Load(new ModelOptions(), new TinyOptions { Settings = s_tooManyLayers }), "block_count"),

        .. Row.Each("IVocabulary.Piece(id)", s_noIds, (_, id) => On(weights => weights.Vocabulary.Piece(id, false))),
        .. Row.Each("IVocabulary.IsControl(id)", s_noIds, (_, id) => On(weights => weights.Vocabulary.IsControl(id))),
        .. Row.Each("IVocabulary.IsEndOfGeneration(id)", s_noIds, (_, id) =>
            On(weights => weights.Vocabulary.IsEndOfGeneration(id))),
        .. Row.Each("IVocabulary.Detokenize(ids)", s_noIds, (_, id) =>
            On(weights => weights.Vocabulary.Detokenize([1, id], false))),
        new("IVocabulary.Tokenize(text)", "null", _ => On(weights => weights.Vocabulary.Tokenize(null!, false))),
        new("IModelWeights.ApplyChatTemplate(template)", "null", _ => On(weights => weights.ApplyChatTemplate(null!, []))),
        new("IModelWeights.ApplyChatTemplate(messages)", "null", _ =>
            On(weights => weights.ApplyChatTemplate("chatml", null!))),
        new("IModelWeights.ApplyChatTemplate(messages)", "no role", _ =>
            On(weights => weights.ApplyChatTemplate("chatml", [(null!, "a")]))),
        new("IModelWeights.ApplyChatTemplate(messages)", "no content", _ =>
            On(weights => weights.ApplyChatTemplate("chatml", [("user", null!)]))),
        new("IModelWeights.ApplyChatTemplate(messages)", "NUL", _ =>
            On(weights => weights.ApplyChatTemplate("chatml", [("user", "a\0b")]))),
        new("IModelWeights.CreateDecoder(options)", "null", _ => On(weights => weights.CreateDecoder(null!))),
        new("IModelWeights.CreateDecoder(options)", "out of range", _ =>
            On(weights => weights.CreateDecoder(new DecoderOptions { ContextLength = -1, Threads = 0 }))),
    ]);

    private static readonly NullArguments s_nulls = new(typeof(LLamaSharpBackend).Assembly, _ => null);

    public static TheoryData<string> Names => [.. s_table.Names];

    public static TheoryData<string> NullKeys => [.. s_nulls.Keys];

    private static string Tiny => TinyModels.Path(TinyArchitecture.Qwen2);

    [Theory, MemberData(nameof(Names))]
    public void Call_WrongArgument_NamesTheParameter(string name) => s_table.Check(name, s_weights.Value);

    [Theory, MemberData(nameof(NullKeys))]
    public void Call_Null_NamesTheParameter(string key) => s_nulls.Check(key);

    /// <summary>A new parameter that can be out of range needs a row, or a reason for none.</summary>
    [Fact]
    public void Parameters_NumbersSpansAndEnumerations_HaveARowOrAReason() => Assert.Empty(s_table.FindGaps());

    private static void Load(ModelOptions options, TinyOptions? model = null)
    {
        using GgufModelFile file = GgufModelFile.Open(TinyModels.Path(TinyArchitecture.Qwen2, model));
        s_backend.Load(file, options, progress: null, CancellationToken.None).Dispose();
    }

    private static void On(Action<IModelWeights> call)
    {
        using GgufModelFile file = GgufModelFile.Open(Tiny);
        using IModelWeights weights = s_backend.Load(file, new ModelOptions(), progress: null, CancellationToken.None);
        call(weights);
    }
}
