using GgufConcepts.Decoding;
using GgufConcepts.Gguf;
using GgufConcepts.Models;
using GgufConcepts.Native;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Models;

/// <summary>What loads and would not compute is refused before anybody has it.</summary>
public sealed class FirstTokensTests
{
    private static readonly ModelOptions s_options = new() { GpuLayers = 0, Threads = 1 };

    [Theory]
    [InlineData(TinyArchitecture.Qwen2, "token_embd.weight")] // of token 0: its own logit, where the head is the same table
    [InlineData(TinyArchitecture.Qwen2, "blk.0.attn_q.bias")]
    [InlineData(TinyArchitecture.Qwen2, "blk.1.attn_output.weight")]
    [InlineData(TinyArchitecture.Llama, "blk.1.ffn_down.weight")]
    [InlineData(TinyArchitecture.Llama, "output_norm.weight")]
    [InlineData(TinyArchitecture.Gpt2, "position_embd.weight")]
    public void Load_NanInAWeight_RefusesTheFileByName(TinyArchitecture kind, string tensor)
    {
        string path = TinyModels.Path(kind, new TinyOptions { NanTensor = tensor });
        ConceptInputException refused = Assert.ThrowsAny<ConceptInputException>(() => Load(path, s_options));
        Assert.StartsWith($"{path}: was loaded, but token ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("logits of NaN", refused.Message, StringComparison.Ordinal);
        Assert.Contains("sha256", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("qwen2.rope.freq_base", float.NaN)]
    [InlineData("qwen2.rope.freq_base", 0f)]
    [InlineData("qwen2.rope.freq_base", 1e-45f)] // shows from the second token on
    [InlineData("qwen2.rope.scale_linear", float.NaN)]
    public void Load_SettingThatPoisons_RefusesTheFileByName(string key, float value)
    {
        string path = TinyModels.Path(
            TinyArchitecture.Qwen2, new TinyOptions { Settings = new Dictionary<string, object?> { [key] = value } });
        ConceptInputException refused = Assert.ThrowsAny<ConceptInputException>(() => Load(path, s_options));
        Assert.StartsWith(path, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NanThatNoTokenUsesYet_IsRefusedWhereTensorsAreChecked()
    {
        // The table of positions in its sixth row: the first tokens do not see it.
        using TempFolder folder = new();
        string path = folder.File("late.gguf");
        TinyModels.Write(path, TinyArchitecture.Gpt2);
        long at;
        using (GgufModelFile file = GgufModelFile.Open(path))
        {
            GgufTensor positions = file.Find("position_embd.weight")!;
            at = positions.Offset + (5 * positions.Width * sizeof(float));
        }

        using (FileStream stream = File.OpenWrite(path))
        {
            stream.Position = at;
            stream.Write(BitConverter.GetBytes(float.NaN));
        }

        Load(path, s_options).Dispose();
        ConceptInputException refused = Assert.ThrowsAny<ConceptInputException>(
            () => Load(path, s_options with { CheckTensors = true }));
        Assert.StartsWith(path, refused.Message, StringComparison.Ordinal);
        Assert.Contains("invalid data", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_SoundFileWithCheckedTensors_Loads() =>
        Load(CommittedModels.Path("atlas.gguf"), s_options with { CheckTensors = true }).Dispose();

    [Fact]
    public void Load_Refused_HoldsNothingOfTheFile()
    {
        using TempFolder folder = new();
        string path = folder.File("damaged.gguf");
        TinyModels.Write(path, TinyArchitecture.Qwen2, new TinyOptions { NanTensor = "output_norm.weight" });
        Counted backend = new();
        Assert.ThrowsAny<ConceptInputException>(() => Load(path, s_options with { Backend = backend }));
        Assert.Equal((1, 1, 1, 1), (backend.Loaded, backend.Freed, backend.Decoders, backend.DecodersFreed));
    }

    [Fact]
    public void Load_AnyBackend_DecodesAndFreesWhatItTook()
    {
        Counted backend = new();
        using (ConceptModel model = Load(
            TinyModels.Path(TinyArchitecture.Qwen2), s_options with { Backend = backend }))
        {
            Assert.Equal((1, 0, 1, 1), (backend.Loaded, backend.Freed, backend.Decoders, backend.DecodersFreed));
        }

        Assert.Equal(1, backend.Freed);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Check_OneLogitNotFinite_IsRefused(float value)
    {
        foreach (int at in (int[])[0, 3, 7])
        {
            using OneRow decoder = new(logits => logits[at] = value);
            Assert.Throws<ConceptInputException>(() => FirstTokens.Check(decoder, "a.gguf", Token));
        }
    }

    [Fact]
    public void Check_SomeTokensNeverSaid_IsAccepted_AllIsRefused()
    {
        using OneRow some = new(logits => logits[..4].Fill(float.NegativeInfinity));
        FirstTokens.Check(some, "a.gguf", Token);
        using OneRow all = new(logits => logits.Fill(float.NegativeInfinity));
        Assert.Throws<ConceptInputException>(() => FirstTokens.Check(all, "a.gguf", Token));
    }

    [Fact]
    public void Check_DecodeFails_SaysWhyAndNamesTheFile()
    {
        using OneRow decoder = new(_ => { }, DecodeStatus.NoSlot - 4);
        ConceptInputException refused = Assert.Throws<ConceptInputException>(
            () => FirstTokens.Check(decoder, "a.gguf", Token));
        Assert.StartsWith("a.gguf: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_Cancelled_Throws()
    {
        using OneRow decoder = new(_ => { });
        Assert.Throws<OperationCanceledException>(() => FirstTokens.Check(decoder, "a.gguf", new CancellationToken(canceled: true)));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static ConceptModel Load(string path, ModelOptions options) =>
        ConceptModel.Load(path, options, progress: null, Token);

    private delegate void Change(Span<float> logits);

    /// <summary>A decoder of eight tokens with the logits it is told.</summary>
    private sealed class OneRow(Change change, DecodeStatus status = DecodeStatus.Done)
        : CheckedDecoder(new DecoderInfo(4, 4, 8, 1, 1, 1))
    {
        private readonly float[] _logits = new float[8];

        protected override void BeginBatch(bool ofVectors)
        {
        }

        protected override void Add(int token, int position, int sequence, bool output)
        {
        }

        protected override void Add(ReadOnlySpan<float> vector, int position, int sequence, bool output)
        {
        }

        protected override DecodeStatus Decode(int rows, Outputs outputs, CancellationToken cancellation)
        {
            change(_logits);
            return status;
        }

        protected override ReadOnlySpan<float> ReadLogits(int row) => _logits;

        protected override ReadOnlySpan<float> ReadHidden(int row) => throw new NotSupportedException();

        protected override bool TryRemove(int sequence, int fromPosition) => true;

        protected override void Copy(int from, int to)
        {
        }

        protected override void Free()
        {
        }
    }

    /// <summary>The usual backend, with a count of what it made and what was freed.</summary>
    private sealed class Counted : IModelBackend
    {
        public int Loaded { get; private set; }

        public int Freed { get; private set; }

        public int Decoders { get; private set; }

        public int DecodersFreed { get; private set; }

        public IModelWeights Load(
            GgufModelFile file, ModelOptions options, IProgress<float>? progress, CancellationToken cancellation)
        {
            Loaded++;
            return new Weights(this, LlamaBackend.Instance.Load(file, options, progress, cancellation));
        }

        private sealed class Weights(Counted owner, IModelWeights inner) : IModelWeights
        {
            public IVocabulary Vocabulary => inner.Vocabulary;

            public int EmbeddingWidth => inner.EmbeddingWidth;

            public int LayerCount => inner.LayerCount;

            public int TrainedContext => inner.TrainedContext;

            public bool IsDecoderOnly => inner.IsDecoderOnly;

            public long ParameterCount => inner.ParameterCount;

            public long SizeBytes => inner.SizeBytes;

            public string Description => inner.Description;

            public GpuPlan? Gpu => inner.Gpu;

            public IReadOnlyList<string> ChatTemplates => inner.ChatTemplates;

            public string? ApplyChatTemplate(string template, IReadOnlyList<(string Role, string Content)> messages) =>
                inner.ApplyChatTemplate(template, messages);

            public IDecoder CreateDecoder(DecoderOptions options)
            {
                owner.Decoders++;
                return new Decoder(owner, inner.CreateDecoder(options));
            }

            public void Dispose()
            {
                owner.Freed++;
                inner.Dispose();
            }
        }

        private sealed class Decoder(Counted owner, IDecoder inner) : IDecoder
        {
            public DecoderInfo Info => inner.Info;

            public int OutputCount => inner.OutputCount;

            public void Feed(int sequence, ReadOnlySpan<int> tokens, Outputs outputs, CancellationToken cancellation) =>
                inner.Feed(sequence, tokens, outputs, cancellation);

            public void Feed(int sequence, ReadOnlySpan<float> vectors, Outputs outputs, CancellationToken cancellation) =>
                inner.Feed(sequence, vectors, outputs, cancellation);

            public void Step(
                ReadOnlySpan<int> sequences, ReadOnlySpan<int> tokens, Outputs outputs, CancellationToken cancellation) =>
                inner.Step(sequences, tokens, outputs, cancellation);

            public void Step(
                ReadOnlySpan<int> sequences, ReadOnlySpan<float> vectors, Outputs outputs, CancellationToken cancellation) =>
                inner.Step(sequences, vectors, outputs, cancellation);

            public ReadOnlySpan<float> Logits(int output) => inner.Logits(output);

            public ReadOnlySpan<float> Hidden(int output) => inner.Hidden(output);

            public int Position(int sequence) => inner.Position(sequence);

            public bool TryRewind(int sequence, int position) => inner.TryRewind(sequence, position);

            public void Fork(int from, int to) => inner.Fork(from, to);

            public void Dispose()
            {
                owner.DecodersFreed++;
                inner.Dispose();
            }
        }
    }
}
