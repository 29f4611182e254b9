using GgufConcepts.Gguf;
using GgufConcepts.Native;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Gguf;

/// <summary>The models other tests stand on: llama.cpp loads them, and the next token is no certainty.</summary>
public sealed class TinyModelTests
{
    public static TheoryData<TinyArchitecture> Architectures => [.. TinyDesigns.Thinking];

    [Theory, MemberData(nameof(Architectures))]
    public void Path_AnyArchitecture_DecodesToUsefulLogits(TinyArchitecture architecture)
    {
        string path = TinyModels.Path(architecture);
        Assert.Equal(path, TinyModels.Path(architecture));
        using GgufModelFile file = GgufModelFile.Open(path);
        using LlamaModel model = Load(file);

        Assert.Equal(TinyVocabulary.Tokens.Count, model.Vocabulary.Count);
        bool rotatesInSections = architecture is TinyArchitecture.Qwen2VL or TinyArchitecture.Glm4V;
        Assert.Equal(rotatesInSections, model.RopeType == LlamaRopeType.Mrope);
        Assert.Equal(TinyDesigns.Of(architecture).AddsBeginOfText, model.Vocabulary.AddsBeginOfText);
        int[] prompt = model.Vocabulary.Tokenize("The capital of France is", parseSpecial: false);
        float[] logits = Decode(model, prompt);
        Assert.All(logits, logit => Assert.True(float.IsFinite(logit)));
        Assert.InRange(Entropy(logits), 0.25, Math.Log(logits.Length) - 0.5);
    }

    [Theory]
    [InlineData(GgmlType.F16)]
    [InlineData(GgmlType.BF16)]
    [InlineData(GgmlType.Q8_0)]
    [InlineData(GgmlType.Q4_0)]
    [InlineData(GgmlType.Q4_K)]
    [InlineData(GgmlType.Q6_K)]
    public void Path_StoredEmbeddings_Load(GgmlType type)
    {
        TinyOptions options = new() { EmbeddingType = type, PaddingTokens = 7 };
        using GgufModelFile file = GgufModelFile.Open(TinyModels.Path(TinyArchitecture.Qwen2, options));
        EmbeddingTable table = new(file);
        Assert.Equal((type, options.Width, TinyVocabulary.Tokens.Count + 7), (table.Type, table.Width, table.RowCount));
        using LlamaModel model = Load(file);
        Assert.InRange(Entropy(Decode(model, [1, 2, 3])), 1, 5.5);
    }

    [Fact]
    public void Path_Split_LoadsFromAllItsFiles()
    {
        TinyOptions options = new() { Parts = 3 };
        using GgufModelFile file = GgufModelFile.Open(TinyModels.Path(TinyArchitecture.Qwen2, options));
        Assert.Equal(3, file.Paths.Count);
        using LlamaModel split = Load(file);
        using GgufModelFile wholeFile = GgufModelFile.Open(TinyModels.Path(TinyArchitecture.Qwen2));
        using LlamaModel whole = Load(wholeFile);
        Assert.Equal(Decode(whole, [1, 2, 3]), Decode(split, [1, 2, 3]));
    }

    [Fact]
    public void Vocabulary_WordsAndMarkers_AreOneTokenEach()
    {
        using GgufModelFile file = GgufModelFile.Open(TinyModels.Path(TinyArchitecture.Qwen2));
        using LlamaModel model = Load(file);
        foreach (string text in TinyVocabulary.Words.Concat([TinyVocabulary.ImStart, TinyVocabulary.ImEnd]))
        {
            int token = Assert.Single(model.Vocabulary.Tokenize(text, parseSpecial: true));
            Assert.Equal(text, System.Text.Encoding.UTF8.GetString(model.Vocabulary.Piece(token, special: true)));
        }

        Assert.True(model.Vocabulary.IsEndOfGeneration(TinyVocabulary.ImEndId));
        int[] ids = model.Vocabulary.Tokenize("¿Dónde está 概念?\n", parseSpecial: false);
        Assert.Equal("¿Dónde está 概念?\n", model.Vocabulary.Detokenize(ids, special: false));
    }

    [Fact]
    public void Path_MissingTensor_IsRefusedByLlamaCpp()
    {
        TinyOptions options = new() { MissingTensor = "blk.1.ffn_up.weight" };
        using GgufModelFile file = GgufModelFile.Open(TinyModels.Path(TinyArchitecture.Llama, options));
        Assert.Contains("blk.1.ffn_up.weight", Assert.Throws<NativeCallException>(() => Load(file)).Message);
    }

    [Fact]
    public void Path_NanTensor_LoadsAndPoisonsLogits()
    {
        TinyOptions options = new() { NanTensor = "output_norm.weight" };
        using GgufModelFile file = GgufModelFile.Open(TinyModels.Path(TinyArchitecture.Llama, options));
        using LlamaModel model = Load(file);
        Assert.Contains(float.NaN, Decode(model, [1]));
    }

    [Theory, MemberData(nameof(Architectures))]
    public void Path_AnyArchitecture_RowsFedAsVectorsGiveTheSameLogits(TinyArchitecture architecture)
    {
        using GgufModelFile file = GgufModelFile.Open(TinyModels.Path(architecture));
        using LlamaModel model = Load(file);
        EmbeddingTable table = new(file);
        float scale = TinyDesigns.Of(architecture).InputScale;
        int[] tokens = [5, 70, 300, 5];
        float[] row = new float[table.Width];
        using LlamaContext context = NewContext(model);
        context.BeginBatch(ofVectors: true);
        for (int i = 0; i < tokens.Length; i++)
        {
            table.CopyRow(tokens[i], row);
            context.Add(row.Select(x => x * scale).ToArray(), position: i, sequence: 0, output: i == tokens.Length - 1);
        }

        Assert.Equal(DecodeStatus.Done, context.Decode(hidden: false, TestContext.Current.CancellationToken));
        Assert.Equal(Decode(model, tokens), context.Logits(tokens.Length - 1));
    }

    private static LlamaModel Load(GgufModelFile file) =>
        LlamaModel.Load(file.Paths, new LlamaModelSettings(GpuLayers: 0), null, TestContext.Current.CancellationToken);

    private static LlamaContext NewContext(LlamaModel model) =>
        new(model, new LlamaContextSettings(ContextSize: 64, BatchSize: 64, SequenceCount: 1, Threads: 1));

    /// <summary>Logits after the last token.</summary>
    private static float[] Decode(LlamaModel model, int[] tokens)
    {
        using LlamaContext context = NewContext(model);
        context.BeginBatch(ofVectors: false);
        for (int i = 0; i < tokens.Length; i++)
        {
            context.Add(tokens[i], position: i, sequence: 0, output: i == tokens.Length - 1);
        }

        Assert.Equal(DecodeStatus.Done, context.Decode(hidden: false, TestContext.Current.CancellationToken));
        return context.Logits(tokens.Length - 1).ToArray();
    }

    /// <summary>In nats.</summary>
    private static double Entropy(float[] logits)
    {
        double most = logits.Max();
        double[] weights = [.. logits.Select(logit => Math.Exp(logit - most))];
        double sum = weights.Sum();
        return -weights.Sum(weight => weight > 0 ? weight / sum * Math.Log(weight / sum) : 0);
    }
}
