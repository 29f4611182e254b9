using GgufConcepts.Decoding;
using GgufConcepts.Gguf;
using GgufConcepts.Models;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Decoding;

/// <summary>What every <see cref="IDecoder"/> must do; one class a decoder derives from it.</summary>
/// <remarks>Where two runs decode batches of the same shapes their logits must not differ by a bit. Where shapes or the
/// places of rows in the cache differ, sums run in another order: the bound allows for that, and a control says how
/// far off
/// a wrong row would be. Attention is computed in F32 here; in half floats such differences reach 4e-3.</remarks>
public abstract partial class DecoderContract
{
    private const double OtherShapes = 1e-3;
    private const double CutElsewhere = 1e-4; // the order of rows in the cache is the same then
    private const double WrongRow = 0.3;
    private const double OneProduct = 1e-4; // of a row of floats, no cache between

    private static readonly int[] s_prompt = [70, 300, 12, 270, 300, 5, 150];

    public static TheoryData<TinyArchitecture> Architectures => [.. TinyDesigns.Thinking];

    /// <summary>Architectures whose sequences can be cut short.</summary>
    public static TheoryData<TinyArchitecture> Rewinding => [.. TinyDesigns.Transformers];

    /// <summary>Architectures that remember by a state, all of it or nothing.</summary>
    public static TheoryData<TinyArchitecture> Recurrent => [.. TinyDesigns.Recurrent];

    /// <summary>Architectures that leave hidden states beside logits.</summary>
    public static TheoryData<TinyArchitecture> Hiding =>
        [.. TinyDesigns.Thinking.Where(kind => !TinyDesigns.Of(kind).LacksLogitsBesideHidden)];

    /// <summary>Architectures whose head is the embedding matrix, so that logits can be checked from outside.</summary>
    public static TheoryData<TinyArchitecture> TiedArchitectures =>
        [.. Hiding.Select(row => row.Data).Where(kind => TinyDesigns.Of(kind).HeadIsTable)];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Opens a decoder over a model file; the decoder is all there is to dispose.</summary>
    protected abstract IDecoder Open(string path, DecoderOptions options);

    /// <summary>Why this decoder cannot take a kind of model; its tests then skip.</summary>
    protected virtual string? WhyNot(TinyArchitecture kind) => null;

    [Theory, MemberData(nameof(Architectures))]
    public void Feed_TokensThenVectors_EqualsAllTokens(TinyArchitecture kind)
    {
        using IDecoder tokens = Open(kind);
        using IDecoder mixed = Open(kind);
        tokens.Feed(0, s_prompt, Outputs.Logits, Token);
        mixed.Feed(0, s_prompt, Outputs.Logits, Token);
        foreach (int id in (int[])[31, 280, 31, 99])
        {
            tokens.Feed(0, [id], Outputs.Logits, Token);
            mixed.Feed(0, Rows(kind, id), Outputs.Logits, Token);
            Assert.Equal(tokens.Logits().ToArray(), mixed.Logits().ToArray());
        }
    }

    [Theory, MemberData(nameof(Hiding))]
    public void Feed_VectorsFromTheStart_EqualsTokensAtEveryRow(TinyArchitecture kind)
    {
        using IDecoder tokens = Open(kind);
        using IDecoder vectors = Open(kind);
        tokens.Feed(0, s_prompt, Outputs.Logits | Outputs.Hidden | Outputs.EveryRow, Token);
        vectors.Feed(0, Rows(kind, s_prompt), Outputs.Logits | Outputs.Hidden | Outputs.EveryRow, Token);
        for (int row = 0; row < s_prompt.Length; row++)
        {
            Assert.Equal(tokens.Logits(row).ToArray(), vectors.Logits(row).ToArray());
            Assert.Equal(tokens.Hidden(row).ToArray(), vectors.Hidden(row).ToArray());
        }
    }

    [Theory, MemberData(nameof(Architectures))]
    public void Feed_VectorsBetweenTokens_EqualsAllTokens(TinyArchitecture kind)
    {
        using IDecoder tokens = Open(kind);
        using IDecoder mixed = Open(kind);
        tokens.Feed(0, s_prompt, Outputs.None, Token);
        tokens.Feed(0, [31, 280], Outputs.None, Token);
        tokens.Feed(0, [99, 17], Outputs.Logits, Token);
        mixed.Feed(0, s_prompt, Outputs.None, Token);
        mixed.Feed(0, Rows(kind, 31, 280), Outputs.None, Token);
        mixed.Feed(0, [99, 17], Outputs.Logits, Token);
        Assert.Equal(tokens.Logits().ToArray(), mixed.Logits().ToArray());
    }

    [Theory, MemberData(nameof(Architectures))]
    public void Feed_LongerThanTheBatch_EqualsUnsplitRun(TinyArchitecture kind)
    {
        int[] tokens = Tokens(50);
        using IDecoder whole = Open(kind, batch: 64);
        using IDecoder split = Open(kind, batch: 16);
        using IDecoder splitVectors = Open(kind, batch: 16);
        Assert.Equal(16, split.Info.BatchSize);
        whole.Feed(0, tokens, Outputs.Logits, Token);
        split.Feed(0, tokens, Outputs.Logits, Token);
        splitVectors.Feed(0, Rows(kind, tokens), Outputs.Logits, Token);
        Assert.Equal((50, 50, 50), (whole.Position(0), split.Position(0), splitVectors.Position(0)));
        AssertClose(whole.Logits(), split.Logits(), CutElsewhere);
        Assert.Equal(split.Logits().ToArray(), splitVectors.Logits().ToArray());
    }

    [Theory, MemberData(nameof(TiedArchitectures))]
    public void Hidden_TiedModel_TimesEmbeddingsIsLogits(TinyArchitecture kind)
    {
        using IDecoder decoder = Open(kind);
        decoder.Feed(0, s_prompt, Outputs.Logits | Outputs.Hidden | Outputs.EveryRow, Token);
        using GgufModelFile file = GgufModelFile.Open(TinyModels.Path(kind));
        EmbeddingTable table = new(file);
        float[] row = new float[table.Width];
        for (int output = 0; output < s_prompt.Length; output++)
        {
            float[] hidden = decoder.Hidden(output).ToArray();
            float[] logits = decoder.Logits(output).ToArray();
            Assert.Equal((decoder.Info.HiddenWidth, decoder.Info.VocabularySize), (hidden.Length, logits.Length));
            for (int id = 0; id < logits.Length; id++)
            {
                table.CopyRow(id, row);
                double product = row.Zip(hidden, (a, b) => (double)a * b).Sum();
                Assert.Equal(product, logits[id], OneProduct);
            }
        }
    }

    [Theory, MemberData(nameof(Architectures))]
    public void Feed_EveryRow_GivesWhatEachPrefixGives(TinyArchitecture kind)
    {
        using IDecoder decoder = Open(kind);
        decoder.Feed(0, s_prompt, Outputs.Logits | Outputs.EveryRow, Token);
        Assert.Equal(s_prompt.Length, decoder.OutputCount);
        using IDecoder prefix = Open(kind);
        for (int row = 0; row < s_prompt.Length; row++)
        {
            prefix.TryRewind(0, 0);
            prefix.Feed(0, s_prompt.AsSpan(0, row + 1), Outputs.Logits, Token);
            Assert.Equal(1, prefix.OutputCount);
            AssertClose(prefix.Logits(), decoder.Logits(row), OtherShapes);
        }
    }

    [Theory, MemberData(nameof(Hiding))]
    public void Feed_HiddenAndLogits_EqualsEachAlone(TinyArchitecture kind)
    {
        using IDecoder both = Open(kind);
        using IDecoder logits = Open(kind);
        using IDecoder hidden = Open(kind);
        both.Feed(0, s_prompt, Outputs.Logits | Outputs.Hidden, Token);
        logits.Feed(0, s_prompt, Outputs.Logits, Token);
        hidden.Feed(0, s_prompt, Outputs.Hidden, Token);
        Assert.Equal((1, 1, 1), (both.OutputCount, logits.OutputCount, hidden.OutputCount));
        AssertClose(logits.Logits(), both.Logits(), OtherShapes);
        Assert.Equal(hidden.Hidden().ToArray(), both.Hidden().ToArray());

        both.Feed(0, [31], Outputs.Logits | Outputs.Hidden, Token); // and on from there, in one row
        logits.Feed(0, [31], Outputs.Logits, Token);
        AssertClose(logits.Logits(), both.Logits(), OtherShapes);
    }

    [Fact]
    public void Position_EveryOperation_CountsRows()
    {
        using IDecoder decoder = Open(TinyArchitecture.Qwen2, sequences: 2);
        Assert.Equal(0, decoder.Position(0));
        decoder.Feed(0, [1, 2, 3], Outputs.None, Token);
        Assert.Equal((3, 0), (decoder.Position(0), decoder.OutputCount));
        decoder.Feed(0, Rows(TinyArchitecture.Qwen2, 4, 5), Outputs.Logits, Token);
        decoder.Step([1, 0], [6, 7], Outputs.None, Token);
        Assert.Equal((6, 1), (decoder.Position(0), decoder.Position(1)));
        Assert.True(decoder.TryRewind(0, 6)); // where it is already
        decoder.Fork(1, 1);
        decoder.Fork(1, 0);
        Assert.Equal((1, 1), (decoder.Position(0), decoder.Position(1)));
    }

    [Fact]
    public void Feed_ExactlyTheContext_Fits()
    {
        using IDecoder decoder = Open(TinyArchitecture.Qwen2, context: 20);
        decoder.Feed(0, Tokens(20), Outputs.Logits, Token);
        Assert.Equal(20, decoder.Position(0));
        Assert.Equal(20, decoder.Info.ContextLength);
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 1, 20)]
    [InlineData(20, 4, 20)]
    [InlineData(3, 64, 1)]
    public void Feed_SmallBatchOrContext_Works(int sequences, int batch, int context)
    {
        using IDecoder decoder = Open(TinyArchitecture.Qwen2, sequences, batch, context);
        for (int sequence = 0; sequence < sequences; sequence++)
        {
            decoder.Feed(sequence, Tokens(context), Outputs.Logits | Outputs.Hidden, Token);
            Assert.Equal(context, decoder.Position(sequence));
            Assert.True(float.IsFinite(decoder.Logits()[0]));
        }

        Assert.InRange(decoder.Info.BatchSize, 1, batch);
    }

    [Fact]
    public void Feed_EverySequenceToItsContext_Fits()
    {
        using IDecoder decoder = Open(TinyArchitecture.Llama, sequences: 3, context: 100);
        for (int sequence = 0; sequence < 3; sequence++)
        {
            decoder.Feed(sequence, Tokens(100), Outputs.Logits, Token);
        }

        Assert.All([0, 1, 2], sequence => Assert.Equal(100, decoder.Position(sequence)));
    }

    [Fact]
    public void Feed_MoreSequencesThanABatchHasRows_FeedsThemAll()
    {
        using IDecoder decoder = Open(TinyArchitecture.Qwen2, sequences: 3, batch: 2);
        using IDecoder alone = Open(TinyArchitecture.Qwen2, batch: 2);
        alone.Feed(0, s_prompt, Outputs.Logits, Token);
        for (int sequence = 0; sequence < 3; sequence++)
        {
            decoder.Feed(sequence, s_prompt, Outputs.Logits, Token);
            AssertClose(alone.Logits(), decoder.Logits(), OtherShapes);
        }
    }

    protected static int[] Tokens(int count, int seed = 7)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(TinyVocabulary.EndOfTextId))];
    }

    /// <summary>The vectors that stand for tokens, shape [ids, width].</summary>
    protected static float[] Rows(TinyArchitecture kind, params int[] ids)
    {
        using GgufModelFile file = GgufModelFile.Open(TinyModels.Path(kind));
        return new InputEmbeddings(new EmbeddingTable(file), TinyDesigns.Of(kind).InputScale).Rows(ids);
    }

    protected IDecoder Open(TinyArchitecture kind, int sequences = 1, int batch = 64, int context = 64)
    {
        Assert.SkipWhen(WhyNot(kind) is not null, WhyNot(kind) ?? "");
        return Open(
            TinyModels.Path(kind),
            new DecoderOptions
            {
                ContextLength = context, Sequences = sequences, BatchSize = batch, Threads = 1, ExactAttention = true,
            });
    }

    protected static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double bound)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], bound);
        }
    }

    /// <summary>Logits of each of some tokens after the prompt, in a decoder of one sequence.</summary>
    private float[][] Alone(TinyArchitecture kind, int[] tokens)
    {
        using IDecoder decoder = Open(kind);
        decoder.Feed(0, s_prompt, Outputs.None, Token);
        return [.. tokens.Select(id =>
        {
            decoder.Feed(0, [id], Outputs.Logits, Token);
            return decoder.Logits().ToArray();
        })];
    }

    /// <summary>The cache may lay the rows of several sequences in another order: the sums too.</summary>
    private static void AssertSame(float[][] expected, float[][] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        foreach ((float[] one, float[] other) in expected.Zip(actual))
        {
            AssertClose(one, other, OtherShapes);
        }
    }
}
