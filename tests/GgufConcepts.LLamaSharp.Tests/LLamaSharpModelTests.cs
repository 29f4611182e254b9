using GgufConcepts.Models;
using GgufConcepts.Native;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;
using LLama;
using LLama.Common;

namespace GgufConcepts.LLamaSharp.Tests;

/// <summary>Whole models through LLamaSharp.</summary>
public sealed class LLamaSharpModelTests
{
    private static readonly LLamaSharpBackend s_backend = OneBackend.Instance;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Think_Atlas_MixesTheTokensItHesitatesBetween()
    {
        using ConceptModel model = ConceptModel.Load(CommittedModels.Path("atlas.gguf"), On(s_backend), null, Token);
        Assert.Equal(ParityVerdict.Exact, model.Parity.Verdict);
        using ConceptSession session = model.CreateSession();
        ConceptStep first = session.Think("The capital of France is", cancellation: Token).OfType<ConceptStep>().First();
        Assert.Contains(first.Tokens, token => token.Text == " Paris");
        Assert.Contains(first.Tokens, token => token.Text == " located");
        Assert.Equal(1, first.Tokens.Sum(token => token.Probability), 1e-5);
    }

    public static TheoryData<string> Committed =>
        [.. Directory.GetFiles(CommittedModels.Folder, "*.gguf").Select(path => Path.GetFileName(path)!)];

    [Theory, MemberData(nameof(Committed))] // some have metadata that is an empty text
    public void Load_EveryModelThatTravels_TakesVectors(string name)
    {
        using ConceptModel model = ConceptModel.Load(CommittedModels.Path(name), On(s_backend), null, Token);
        Assert.True(model.Parity.Holds);
    }

    [Fact]
    public void Load_Cancelled_Throws()
    {
        ModelOptions options = On(s_backend);
        Assert.ThrowsAny<OperationCanceledException>(
            () => ConceptModel.Load(CommittedModels.Path("atlas.gguf"), options, null, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Load_ProgressThatThrows_ComesBackToTheCaller() => Assert.Throws<InvalidOperationException>(
        () => ConceptModel.Load(CommittedModels.Path("atlas.gguf"), On(s_backend), new Thrower(), Token));

    [Fact]
    public async Task AsConceptModel_WeightsOfAProgram_StayItsOwn()
    {
        string path = CommittedModels.Path("atlas.gguf");
        using LLamaWeights weights = await LLamaWeights.LoadFromFileAsync(new ModelParams(path), Token);
        using (ConceptModel model = weights.AsConceptModel(path))
        using (ConceptSession session = model.CreateSession())
        {
            Assert.NotEmpty(session.Think("The capital of France is", cancellation: Token).OfType<ConceptStep>());
        }

        Assert.NotEmpty(weights.Tokenize("France", false, false, System.Text.Encoding.UTF8)); // still there
    }

    [Fact]
    public async Task AsConceptModel_FileOfAnotherModel_IsRefused()
    {
        using LLamaWeights weights = await LLamaWeights.LoadFromFileAsync(
            new ModelParams(CommittedModels.Path("atlas.gguf")), Token);
        ConceptInputException refused = Assert.Throws<ConceptInputException>(
            () => weights.AsConceptModel(TinyModels.Path(TinyArchitecture.Qwen2)));
        Assert.Contains("name the file that the weights were loaded from", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AsConceptModel_WeightsDisposed_Throws()
    {
        string path = TinyModels.Path(TinyArchitecture.Qwen2);
        LLamaWeights weights = LLamaWeights.LoadFromFile(new ModelParams(path));
        weights.Dispose();
        Assert.Throws<ObjectDisposedException>(() => weights.AsConceptModel(path));
    }

    [Fact]
    public void Load_ModelWithSeveralPositions_IsRefusedWithTheReason()
    {
        string path = TinyModels.Path(TinyArchitecture.Qwen2VL);
        ConceptInputException refused = Assert.Throws<ConceptInputException>(
            () => ConceptModel.Load(path, On(s_backend), null, Token));
        Assert.Contains("M-RoPE", refused.Message, StringComparison.Ordinal);
        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ListOfDevices_IsRefused()
    {
        ModelOptions options = On(s_backend) with { Devices = ["CUDA0"] };
        ConceptInputException refused = Assert.Throws<ConceptInputException>(
            () => ConceptModel.Load(TinyModels.Path(TinyArchitecture.Qwen2), options, null, Token));
        Assert.Contains("CUDA0", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_TensorMissing_SaysWhatLlamaSaid()
    {
        string path = TinyModels.Path(TinyArchitecture.Qwen2, new TinyOptions { MissingTensor = "blk.0.attn_k.weight" });
        ConceptInputException refused = Assert.Throws<ConceptInputException>(
            () => ConceptModel.Load(path, On(s_backend), null, Token));
        Assert.Contains("blk.0.attn_k.weight", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_TheRuntimesOwnLlama_IsRefusedInThisProcess()
    {
        LlamaLibraryException refused = Assert.Throws<LlamaLibraryException>(
            () => ConceptModel.Load(TinyModels.Path(TinyArchitecture.Qwen2), null, null, Token));
        Assert.Contains("LLamaSharp has loaded a llama.cpp of its own", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tokenizer_TextWithMarkers_ComesBackWhole()
    {
        using ConceptModel model = ConceptModel.Load(TinyModels.Path(TinyArchitecture.Qwen2), On(s_backend), null, Token);
        const string Text = "<|im_start|>What is the capital of France?<|im_end|>";
        int[] ids = model.Tokenizer.EncodePrompt(Text, markers: true);
        Assert.Equal(TinyVocabulary.ImStartId, ids[0]);
        Assert.Equal(TinyVocabulary.ImEndId, ids[^1]);
        Assert.Equal(Text, model.Tokenizer.Decode(ids, markers: true));
        Assert.Equal("What is the capital of France?", model.Tokenizer.Decode(ids));
        Assert.True(model.Tokenizer.NeverMixed.Contains(TinyVocabulary.EndOfTextId));
        Assert.Equal(" Paris", model.Tokenizer.Text(model.Tokenizer.EncodePrompt(" Paris")[0]));
    }

    [Fact]
    public void ChatTemplate_Chatml_PutsMarkersAroundTheMessage()
    {
        using ConceptModel model = ConceptModel.Load(TinyModels.Path(TinyArchitecture.Qwen2), On(s_backend), null, Token);
        int[] ids = ChatTemplate.Of(model, "chatml").Encode(model.Tokenizer, "Paris");
        Assert.Equal(
            "<|im_start|>user\nParis<|im_end|>\n<|im_start|>assistant\n", model.Tokenizer.Decode(ids, markers: true));
        Assert.Equal(2, ids.Count(id => id == TinyVocabulary.ImStartId));
        Assert.Throws<ChatTemplateException>(() => ChatTemplate.Of(model, "no such template"));
    }

    [Fact]
    public void CopyRow_StoredRow_IsReadByLLamaSharpsGgmlAsByOurKernel()
    {
        using ConceptModel model = ConceptModel.Load(CommittedModels.Path("atlas-q4_0.gguf"), On(s_backend), null, Token);
        Assert.Equal(GgmlType.Q4_0, model.Embeddings.Type);
        InputEmbeddings kernel = new(model.Embeddings, scale: 1);
        float[] expected = new float[kernel.Width], row = new float[kernel.Width];
        for (int id = 0; id < model.Tokenizer.Count; id += 37)
        {
            kernel.Row(id, expected);
            model.Embeddings.CopyRow(id, row);
            Assert.Equal(expected, row);
        }

        Assert.Equal(ParityVerdict.Exact, model.Parity.Verdict);
    }

    private sealed class Thrower : IProgress<float>
    {
        public void Report(float value) => throw new InvalidOperationException("no more");
    }

    private static ModelOptions On(IModelBackend backend) => new() { Backend = backend };
}
