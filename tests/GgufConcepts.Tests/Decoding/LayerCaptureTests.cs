using GgufConcepts.Decoding;
using GgufConcepts.Gguf;
using GgufConcepts.Lens;
using GgufConcepts.Native;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Decoding;

/// <summary>The states between the layers, as llama.cpp's eval callback shows them.</summary>
public sealed class LayerCaptureTests
{
    private static readonly int[] s_tokens = [40, 50, 60, 70, 80];

    public static TheoryData<TinyArchitecture> Architectures => [.. TinyDesigns.Thinking];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Architectures))]
    public void Layer_TheLastOneNormed_IsTheHiddenState(TinyArchitecture kind)
    {
        using LlamaModel model = Load(kind);
        using LlamaDecoder decoder = Make(model);
        using GgufModelFile file = GgufModelFile.Open(TinyModels.Path(kind));
        file.Metadata.TryGetString("general.architecture", out string architecture);
        OutputNorm norm = OutputNorm.Read(file, architecture, decoder.Info.VectorWidth);

        decoder.Feed(0, s_tokens, Outputs.Hidden | Outputs.EveryRow, Token);

        Assert.Null(decoder.LayerProblem);
        for (int row = 0; row < s_tokens.Length; row++)
        {
            double[] normed = norm.ApplyReference(decoder.Layer(decoder.LayerCount - 1, row));
            Assert.All(normed.Zip(decoder.Hidden(row).ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        }
    }

    [Fact]
    public void Layer_OutputOfTheLastRowOnly_IsThatRowAtEveryLayer()
    {
        using LlamaModel model = Load(TinyArchitecture.Qwen2);
        using LlamaDecoder every = Make(model);
        using LlamaDecoder last = Make(model);
        every.Feed(0, s_tokens, Outputs.Logits | Outputs.EveryRow, Token);
        last.Feed(0, s_tokens, Outputs.Logits, Token); // the last layer is computed for one row, those before for all

        Assert.Null(last.LayerProblem);
        for (int layer = 0; layer < every.LayerCount; layer++)
        {
            Assert.All(
                every.Layer(layer, s_tokens.Length - 1).ToArray().Zip(last.Layer(layer).ToArray()),
                pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }
    }

    [Fact]
    public void Layer_LongInputInSeveralBatches_IsTheLastRow()
    {
        using LlamaModel model = Load(TinyArchitecture.Qwen2);
        using LlamaDecoder whole = Make(model);
        using LlamaDecoder parts = Make(model, batch: 2);
        whole.Feed(0, s_tokens, Outputs.Logits, Token);
        parts.Feed(0, s_tokens, Outputs.Logits, Token);

        Assert.All(whole.Layer(0).ToArray().Zip(parts.Layer(0).ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Fact]
    public void Layer_StepOfTwoSequences_HasARowEach()
    {
        using LlamaModel model = Load(TinyArchitecture.Llama);
        using LlamaDecoder decoder = Make(model, sequences: 2);
        decoder.Step([0, 1], [40, 90], Outputs.Logits, Token);
        float[] second = decoder.Layer(1, 1).ToArray();

        using LlamaDecoder alone = Make(model);
        alone.Feed(0, [90], Outputs.Logits, Token);
        Assert.All(second.Zip(alone.Layer(1).ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Fact]
    public void Layer_CallWithoutOutputs_HasNone()
    {
        using LlamaModel model = Load(TinyArchitecture.Qwen2);
        using LlamaDecoder decoder = Make(model);
        decoder.Feed(0, s_tokens, Outputs.None, Token);

        Assert.NotNull(decoder.LayerProblem);
        Assert.Throws<ArgumentOutOfRangeException>("output", () => decoder.Layer(0).Length);
    }

    [Fact]
    public void Layer_DecoderThatCapturesNone_HasNoLayersAndTheSameLogits()
    {
        using LlamaModel model = Load(TinyArchitecture.Qwen2);
        using LlamaDecoder plain = new(model, new DecoderOptions { ContextLength = 64, Threads = 1 });
        using LlamaDecoder capturing = Make(model);
        plain.Feed(0, s_tokens, Outputs.Logits, Token);
        capturing.Feed(0, s_tokens, Outputs.Logits, Token);

        Assert.Equal(0, plain.LayerCount);
        Assert.Equal(2, capturing.LayerCount);
        Assert.Throws<ArgumentOutOfRangeException>("layer", () => plain.Layer(0).Length);
        Assert.Equal(plain.Logits().ToArray(), capturing.Logits().ToArray());
    }

    [Fact]
    public void Feed_CancelledWhileCapturing_LeavesTheSequenceAsItWas()
    {
        using LlamaModel model = Load(TinyArchitecture.Qwen2);
        using LlamaDecoder decoder = Make(model);
        decoder.Feed(0, s_tokens, Outputs.Logits, Token);
        Assert.ThrowsAny<OperationCanceledException>(
            () => decoder.Feed(0, s_tokens, Outputs.Logits, new CancellationToken(canceled: true)));

        Assert.Equal(s_tokens.Length, decoder.Position(0));
        Assert.NotNull(decoder.LayerProblem); // what was captured is gone with the logits
    }

    private static LlamaModel Load(TinyArchitecture kind) =>
        LlamaModel.Load([TinyModels.Path(kind)], new LlamaModelSettings(GpuLayers: 0), progress: null, Token);

    private static LlamaDecoder Make(LlamaModel model, int batch = 64, int sequences = 1) => new(model, new DecoderOptions
    {
        ContextLength = 64, BatchSize = batch, Sequences = sequences, Threads = 1, CaptureLayers = true,
    });
}
