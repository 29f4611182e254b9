using GgufConcepts.Decoding;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Decoding;

/// <summary>What a decoder must refuse, and that it is as it was afterwards.</summary>
public abstract partial class DecoderContract
{
    private const int Context = 32;
    private const int BatchSize = 16;
    private const int Width = 64;
    private const TinyArchitecture Kind = TinyArchitecture.Qwen2;

    private static readonly int s_vocabulary = TinyVocabulary.Tokens.Count;

    /// <summary>Misuses: what is called on a decoder whose sequence 0 holds the prompt, and the parameter to be
    /// named.</summary>
    private static readonly Dictionary<string, (Action<IDecoder> Call, string? Parameter)> s_misuses = new()
    {
        ["token -1"] = (decoder => decoder.Feed(0, [3, -1], Outputs.Logits, Token), "tokens"),
        ["token past the vocabulary"] = (decoder => decoder.Feed(0, [s_vocabulary], Outputs.Logits, Token), "tokens"),
        ["token int.MaxValue"] = (decoder => decoder.Feed(0, [int.MaxValue], Outputs.Logits, Token), "tokens"),
        ["token int.MinValue"] = (decoder => decoder.Feed(0, [int.MinValue], Outputs.Logits, Token), "tokens"),
        ["no tokens"] = (decoder => decoder.Feed(0, Array.Empty<int>(), Outputs.Logits, Token), "tokens"),
        ["no vectors"] = (decoder => decoder.Feed(0, Array.Empty<float>(), Outputs.Logits, Token), "vectors"),
        ["half a vector"] = (decoder => decoder.Feed(0, new float[Width + 1], Outputs.Logits, Token), "vectors"),
        ["NaN"] = (decoder => decoder.Feed(0, Vector(float.NaN), Outputs.Logits, Token), "vectors"),
        ["+infinity"] = (decoder => decoder.Feed(0, Vector(float.PositiveInfinity), Outputs.Logits, Token), "vectors"),
        ["-infinity"] = (decoder => decoder.Feed(0, Vector(float.NegativeInfinity), Outputs.Logits, Token), "vectors"),
        ["NaN in a step"] = (decoder => decoder.Step([0], Vector(float.NaN), Outputs.Logits, Token), "vectors"),
        ["sequence -1"] = (decoder => decoder.Feed(-1, [3], Outputs.Logits, Token), "sequence"),
        ["sequence too large"] = (decoder => decoder.Feed(2, [3], Outputs.Logits, Token), "sequence"),
        ["sequence -1 of vectors"] = (decoder => decoder.Feed(-1, Vector(1), Outputs.Logits, Token), "sequence"),
        ["position of sequence -1"] = (decoder => decoder.Position(-1), "sequence"),
        ["step of sequence -1"] = (decoder => decoder.Step([0, -1], [3, 4], Outputs.Logits, Token), "sequences"),
        ["step of sequence 2"] = (decoder => decoder.Step([0, 2], [3, 4], Outputs.Logits, Token), "sequences"),
        ["step of a sequence twice"] = (decoder => decoder.Step([0, 0], [3, 4], Outputs.Logits, Token), "sequences"),
        ["step of more rows"] = (decoder => decoder.Step([0, 1], [3, 4, 5], Outputs.Logits, Token), "sequences"),
        ["step of fewer rows"] = (decoder => decoder.Step([0, 1], Vector(1), Outputs.Logits, Token), "sequences"),
        ["step of nothing"] = (decoder => decoder.Step([], Array.Empty<int>(), Outputs.Logits, Token), "tokens"),
        ["step of a bad token"] = (decoder => decoder.Step([0, 1], [3, s_vocabulary], Outputs.Logits, Token), "tokens"),
        ["every row above the batch size"] = (
            decoder => decoder.Feed(1, Tokens(BatchSize + 1), Outputs.Logits | Outputs.EveryRow, Token), "outputs"),
        ["rewind forwards"] = (decoder => decoder.TryRewind(0, s_prompt.Length + 1), "position"),
        ["rewind to -1"] = (decoder => decoder.TryRewind(0, -1), "position"),
        ["rewind of sequence 2"] = (decoder => decoder.TryRewind(2, 0), "sequence"),
        ["fork from sequence -1"] = (decoder => decoder.Fork(-1, 0), "from"),
        ["fork to sequence 2"] = (decoder => decoder.Fork(0, 2), "to"),
    };

    public static TheoryData<string> Misuses => [.. s_misuses.Keys];

    [Theory, MemberData(nameof(Misuses))]
    public void Call_Misused_NamesTheParameterAndChangesNothing(string misuse)
    {
        (Action<IDecoder> call, string? parameter) = s_misuses[misuse];
        using IDecoder decoder = OpenWithPrompt();
        ArgumentException refused = Assert.ThrowsAny<ArgumentException>(() => call(decoder));
        Assert.Equal(parameter, refused.ParamName);
        AssertAsAfterThePrompt(decoder);
    }

    [Fact]
    public void Feed_MoreThanTheContext_ThrowsAndChangesNothing()
    {
        using IDecoder decoder = OpenWithPrompt();
        int room = Context - s_prompt.Length;
        ContextFullException full = Assert.Throws<ContextFullException>(
            () => decoder.Feed(0, Tokens(room + 1), Outputs.Logits, Token));
        Assert.Contains($"holds {Context} and has {s_prompt.Length}", full.Message, StringComparison.Ordinal);
        Assert.Throws<ContextFullException>(
            () => decoder.Feed(0, new float[(room + 1) * Width], Outputs.Logits, Token));
        AssertAsAfterThePrompt(decoder);
    }

    [Fact]
    public void Feed_VectorThatWouldEndTheProcess_IsRefused()
    {
        using IDecoder decoder = Open(TinyArchitecture.Glm4);
        decoder.Feed(0, s_prompt, Outputs.Logits, Token);
        Assert.Throws<NotSupportedException>(() => decoder.Feed(0, Vector(1), Outputs.Logits, Token));
        Assert.Throws<NotSupportedException>(() => decoder.Step([0], Vector(1), Outputs.Logits, Token));
        decoder.Feed(0, [31], Outputs.Logits, Token);
        AssertSame(Alone(TinyArchitecture.Glm4, [31]), [decoder.Logits().ToArray()]);
    }

    [Fact]
    public void Feed_LogitsBesideHiddenStatesThatThereAreNot_IsRefused()
    {
        using IDecoder decoder = Open(TinyArchitecture.Lfm2);
        decoder.Feed(0, s_prompt, Outputs.Logits, Token);
        Assert.Throws<ConceptInputException>(() => decoder.Feed(0, [31], Outputs.Logits | Outputs.Hidden, Token));
        Assert.Throws<ConceptInputException>(() => decoder.Step([0], [31], Outputs.Logits | Outputs.Hidden, Token));
        decoder.Feed(0, [31], Outputs.Logits, Token);
        AssertSame(Alone(TinyArchitecture.Lfm2, [31]), [decoder.Logits().ToArray()]);
    }

    [Fact]
    public void Step_OneSequenceFull_ThrowsAndFeedsNoneOfThem()
    {
        using IDecoder decoder = OpenWithPrompt();
        decoder.Feed(1, Tokens(Context), Outputs.None, Token);
        Assert.Throws<ContextFullException>(() => decoder.Step([0, 1], [3, 4], Outputs.Logits, Token));
        AssertAsAfterThePrompt(decoder);
    }

    [Fact]
    public void Logits_NotAskedFor_Throws()
    {
        using IDecoder decoder = Open(Kind);
        Assert.Throws<InvalidOperationException>(() => decoder.Logits().Length);
        decoder.Feed(0, [3], Outputs.Hidden, Token);
        Assert.Throws<InvalidOperationException>(() => decoder.Logits().Length);
        decoder.Feed(0, [3], Outputs.Logits, Token);
        Assert.Throws<InvalidOperationException>(() => decoder.Hidden().Length);
        Assert.Equal("output", Assert.Throws<ArgumentOutOfRangeException>(() => decoder.Logits(1).Length).ParamName);
        Assert.Equal("output", Assert.Throws<ArgumentOutOfRangeException>(() => decoder.Logits(-1).Length).ParamName);
        decoder.Feed(0, [3], Outputs.None, Token);
        Assert.Throws<InvalidOperationException>(() => decoder.Logits().Length);
        decoder.Feed(0, [3, 4], Outputs.EveryRow, Token); // every row of nothing
        Assert.Equal(0, decoder.OutputCount);
        Assert.Throws<InvalidOperationException>(() => decoder.Logits().Length);
    }

    [Fact]
    public void Logits_AfterARefusedCall_AreNotTheOldOnes()
    {
        using IDecoder decoder = OpenWithPrompt();
        Assert.Throws<ContextFullException>(() => decoder.Feed(0, Tokens(Context), Outputs.Logits, Token));
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => decoder.Feed(0, [3], Outputs.Logits, cancelled.Token));
        Assert.Throws<InvalidOperationException>(() => decoder.Logits().Length);
    }

    [Fact]
    public void Dispose_AnyCallAfterwards_Throws()
    {
        IDecoder decoder = OpenWithPrompt();
        decoder.Dispose();
        decoder.Dispose();
        Assert.Throws<ObjectDisposedException>(() => decoder.Feed(0, [3], Outputs.Logits, Token));
        Assert.Throws<ObjectDisposedException>(() => decoder.Feed(0, Vector(1), Outputs.Logits, Token));
        Assert.Throws<ObjectDisposedException>(() => decoder.Step([0], [3], Outputs.Logits, Token));
        Assert.Throws<ObjectDisposedException>(() => decoder.Step([0], Vector(1), Outputs.Logits, Token));
        Assert.Throws<ObjectDisposedException>(() => decoder.Logits().Length);
        Assert.Throws<ObjectDisposedException>(() => decoder.Hidden().Length);
        Assert.Throws<ObjectDisposedException>(() => decoder.TryRewind(0, 0));
        Assert.Throws<ObjectDisposedException>(() => decoder.Fork(0, 1));
        Assert.Throws<ObjectDisposedException>(() => decoder.Position(0));
    }

    [Fact]
    public void Feed_AlreadyCancelled_ThrowsAndChangesNothing()
    {
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        using IDecoder decoder = OpenWithPrompt();
        Assert.ThrowsAny<OperationCanceledException>(() => decoder.Feed(0, [3], Outputs.Logits, cancelled.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => decoder.Feed(0, Vector(1), Outputs.Logits, cancelled.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => decoder.Step([0, 1], [3, 4], Outputs.Logits, cancelled.Token));
        AssertAsAfterThePrompt(decoder);
    }

    [Theory]
    [InlineData(2048, 0)] // aborted within its first batch, or a later one on a fast machine
    [InlineData(64, 128)] // the batches done before stay
    public async Task Feed_CancelledFromAnotherThread_AbortsAndStaysUsable(int batch, int waitFor)
    {
        const int Length = 8192; // several seconds of prefill
        string path = TinyModels.Path(TinyArchitecture.Llama, new TinyOptions { Layers = 8, ContextLength = Length });
        DecoderOptions options = new() { ContextLength = Length, BatchSize = batch, Threads = 1 };
        using IDecoder decoder = Open(path, options);
        int[] tokens = Tokens(Length);
        using CancellationTokenSource source = new();
        Task feeding = Task.Run(() => decoder.Feed(0, tokens, Outputs.Logits, source.Token), Token);
        do
        {
            await Task.Delay(50, Token);
        }
        while (decoder.Position(0) < waitFor);

        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => feeding);
        int kept = decoder.Position(0);
        Assert.InRange(kept, waitFor, Length - 1);
        Assert.Equal(0, kept % batch);
        Assert.True(decoder.TryRewind(0, waitFor));
        decoder.Feed(0, s_prompt, Outputs.Logits, Token);

        using IDecoder fresh = Open(path, options);
        if (waitFor > 0)
        {
            fresh.Feed(0, tokens.AsSpan(0, waitFor), Outputs.None, Token);
        }

        fresh.Feed(0, s_prompt, Outputs.Logits, Token);
        Assert.Equal(fresh.Logits().ToArray(), decoder.Logits().ToArray());
    }

    [Fact]
    public async Task Feed_StateCancelled_IsForgotten()
    {
        const int Length = 8192;
        string path = TinyModels.Path(TinyArchitecture.Mamba, new TinyOptions { Layers = 8, ContextLength = Length });
        using IDecoder decoder = Open(path, new DecoderOptions { ContextLength = Length, BatchSize = 64, Threads = 1 });
        using CancellationTokenSource source = new();
        Task feeding = Task.Run(() => decoder.Feed(0, Tokens(Length), Outputs.Logits, source.Token), Token);
        while (decoder.Position(0) == 0)
        {
            await Task.Delay(1, Token);
        }

        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => feeding);
        int kept = decoder.Position(0); // where a batch was done just then, those before it stay
        Assert.Equal(0, kept % 64);
        Assert.True(decoder.TryRewind(0, 0));
        decoder.Feed(0, s_prompt, Outputs.Logits, Token);
        Assert.Equal(s_prompt.Length, decoder.Position(0));

        using IDecoder fresh = Open(path, new DecoderOptions { ContextLength = Length, BatchSize = 64, Threads = 1 });
        fresh.Feed(0, s_prompt, Outputs.Logits, Token);
        Assert.Equal(fresh.Logits().ToArray(), decoder.Logits().ToArray());
    }

    [Fact]
    public async Task Feed_TwoThreadsAtOnce_LosesNoRow()
    {
        using IDecoder decoder = Open(Kind, sequences: 2);
        await Task.WhenAll(Task.Run(() => Work(0), Token), Task.Run(() => Work(1), Token));
        foreach (int sequence in (int[])[0, 1])
        {
            Assert.Equal(s_prompt.Length, decoder.Position(sequence));
            decoder.Feed(sequence, [31], Outputs.Logits, Token);
            AssertSame(Alone(Kind, [31]), [decoder.Logits().ToArray()]);
        }

        void Work(int sequence)
        {
            for (int round = 0; round < 20; round++)
            {
                decoder.TryRewind(sequence, 0);
                decoder.Feed(sequence, s_prompt, round % 2 == 0 ? Outputs.Logits : Outputs.Hidden, Token);
            }
        }
    }

    private IDecoder OpenWithPrompt()
    {
        IDecoder decoder = Open(Kind, sequences: 2, batch: BatchSize, context: Context);
        decoder.Feed(0, s_prompt, Outputs.Logits, Token);
        return decoder;
    }

    /// <summary>Goes on from the prompt and compares with a decoder that was never misused.</summary>
    private void AssertAsAfterThePrompt(IDecoder decoder)
    {
        Assert.Equal(s_prompt.Length, decoder.Position(0));
        decoder.Feed(0, [31], Outputs.Logits, Token);
        AssertSame(Alone(Kind, [31]), [decoder.Logits().ToArray()]);
        Assert.Equal(s_prompt.Length + 1, decoder.Position(0));
    }

    /// <summary>A vector of zeros with one other number in it.</summary>
    private static float[] Vector(float value)
    {
        float[] vector = new float[Width];
        vector[Width - 1] = value;
        return vector;
    }
}
