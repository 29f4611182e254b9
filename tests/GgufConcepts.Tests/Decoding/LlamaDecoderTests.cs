using GgufConcepts.Decoding;
using GgufConcepts.Gguf;
using GgufConcepts.Native;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Decoding;

/// <summary>The contract on llama.cpp, and what is particular to it.</summary>
public sealed class LlamaDecoderTests : DecoderContract
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    protected override IDecoder Open(string path, DecoderOptions options)
    {
        using LlamaModel model = Load(path); // disposed before the decoder, in every test of the contract
        return new LlamaDecoder(model, options);
    }

    [Fact]
    public void Dispose_ModelBeforeDecoder_DecoderGoesOn()
    {
        LlamaModel model = Load(TinyModels.Path(TinyArchitecture.Qwen2));
        using LlamaDecoder decoder = new(model, new DecoderOptions { ContextLength = 32, Threads = 1 });
        decoder.Feed(0, [1, 2, 3], Outputs.Logits, Token);
        float[] before = decoder.Logits().ToArray();
        model.Dispose();
        decoder.TryRewind(0, 0);
        decoder.Feed(0, [1, 2, 3], Outputs.Logits, Token);
        Assert.Equal(before, decoder.Logits().ToArray());
    }

    [Fact]
    public void Constructor_ModelDisposed_Throws()
    {
        LlamaModel model = Load(TinyModels.Path(TinyArchitecture.Qwen2));
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => new LlamaDecoder(model, new DecoderOptions()));
    }

    [Fact]
    public void Constructor_BadOptions_ListsEveryProblem()
    {
        using LlamaModel model = Load(TinyModels.Path(TinyArchitecture.Qwen2));
        DecoderOptions bad = new() { ContextLength = 0, Sequences = 257, BatchSize = 8193, Threads = 0 };
        ArgumentException refused = Assert.Throws<ArgumentException>(() => new LlamaDecoder(model, bad));
        Assert.Equal("options", refused.ParamName);
        Assert.All(
            ["ContextLength is 0; use 1 to 1048576.", "Sequences is 257;", "BatchSize is 8193;", "Threads is 0;"],
            problem => Assert.Contains(problem, refused.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Constructor_ContextBeyondTheTableOfPositions_IsRefused()
    {
        using LlamaModel model = Load(TinyModels.Path(TinyArchitecture.Gpt2, new TinyOptions { ContextLength = 40 }));
        ArgumentException refused = Assert.Throws<ArgumentException>(
            () => new LlamaDecoder(model, new DecoderOptions { ContextLength = 41 }));
        Assert.Equal("options", refused.ParamName);
        Assert.Contains("ContextLength is 41; this model has 40 positions", refused.Message, StringComparison.Ordinal);
        using LlamaDecoder decoder = new(model, new DecoderOptions { ContextLength = 40, Threads = 1 });
        decoder.Feed(0, Tokens(40), Outputs.Logits, Token);
    }

    [Theory]
    [InlineData(20, 1, 19)] // less than one sequence
    [InlineData(1 << 20, 256, int.MaxValue - 1)] // fine: rows are shared
    public void FindProblems_TotalLength_MustHoldOneSequence(int context, int sequences, int total)
    {
        DecoderOptions options = new() { ContextLength = context, Sequences = sequences, TotalLength = total };
        Assert.Equal(total < context ? 1 : 0, options.FindProblems().Count);
    }

    [Fact]
    public void Feed_RunsOfOneKind_ReuseTheGraph()
    {
        using LlamaDecoder decoder = (LlamaDecoder)Open(TinyArchitecture.Qwen2);
        decoder.Feed(0, [1, 2, 3], Outputs.Logits, Token);
        float[] vector = Rows(TinyArchitecture.Qwen2, 31);
        decoder.Feed(0, vector, Outputs.Logits, Token);
        int before = decoder.GraphReuses;
        for (int step = 0; step < 10; step++)
        {
            decoder.Feed(0, vector, Outputs.Logits, Token);
        }

        Assert.InRange(decoder.GraphReuses - before, 9, 10);
    }

    [Fact]
    public void Feed_SharedCacheFull_IsInputErrorAndChangesNothing()
    {
        using LlamaModel model = Load(TinyModels.Path(TinyArchitecture.Qwen2));
        DecoderOptions options = new() { ContextLength = 256, Sequences = 2, TotalLength = 256, Threads = 1 };
        using LlamaDecoder decoder = new(model, options);
        decoder.Feed(0, Tokens(250), Outputs.None, Token);
        Assert.Throws<ConceptInputException>(() => decoder.Feed(1, Tokens(100), Outputs.Logits, Token));
        Assert.Equal((250, 0), (decoder.Position(0), decoder.Position(1)));
        decoder.Feed(1, [1, 2, 3], Outputs.Logits, Token); // there is still room for these
        decoder.Fork(0, 1);                                  // and copies take none
        decoder.Feed(1, [4], Outputs.Logits, Token);
        Assert.Equal(251, decoder.Position(1));
    }

    private static LlamaModel Load(string path)
    {
        using GgufModelFile file = GgufModelFile.Open(path); // checks it, as everyone must before llama.cpp sees it
        return LlamaModel.Load(file.Paths, new LlamaModelSettings(GpuLayers: 0), null, Token);
    }
}
