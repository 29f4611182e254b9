using GgufConcepts.Testing;

namespace GgufConcepts.Native.Tests;

public sealed class HandleTests
{
    private static readonly LlamaContextSettings s_small = new(ContextSize: 64, BatchSize: 8, SequenceCount: 1, Threads: 1);

    [Fact]
    public void Dispose_ModelBeforeContext_TheContextGoesOnWorking()
    {
        LlamaModel model = Load();
        using LlamaContext context = new(model, s_small);

        model.Dispose();

        context.BeginBatch(ofVectors: false);
        context.Add(1, position: 0, sequence: 0, output: true);
        Assert.Equal(DecodeStatus.Done, context.Decode(hidden: false, CancellationToken.None));
        Assert.Equal(model.Vocabulary.Count, context.Logits(0).Length);
    }

    /// <summary>Threads made anew for every decode would be others each time, and gone in between.</summary>
    [Fact]
    public void Decode_ThreeThreads_TheyStayUntilTheContextIsDisposed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Where the system does not list a process's threads.");
        using LlamaModel model = Load();
        HashSet<string> before = Threads();
        LlamaContext context = new(model, s_small with { Threads = 3 });
        HashSet<string> made = [.. Threads().Except(before)];
        for (int position = 0; position < 3; position++)
        {
            context.BeginBatch(ofVectors: false);
            context.Add(1, position, sequence: 0, output: true);
            Assert.Equal(DecodeStatus.Done, context.Decode(hidden: false, CancellationToken.None));
        }

        made.IntersectWith(Threads());
        context.Dispose();
        made.ExceptWith(Threads());
        Assert.True(made.Count >= 2, $"{made.Count} threads lived as long as the context; the caller is the third.");

        static HashSet<string> Threads() => [.. Directory.EnumerateDirectories("/proc/self/task")];
    }

    [Fact]
    public void Create_OverADisposedModel_Throws()
    {
        LlamaModel model = Load();
        model.Dispose();

        Assert.Throws<ObjectDisposedException>(() => new LlamaContext(model, s_small));
    }

    [Fact]
    public void Vocabulary_OfADisposedModel_Throws()
    {
        LlamaModel model = Load();
        model.Dispose();

        Assert.Throws<ObjectDisposedException>(() => model.Vocabulary.Tokenize("one", parseSpecial: false));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void Piece_IdOutOfRange_ThrowsNamingIt(int id)
    {
        using LlamaModel model = Load();

        Assert.Throws<ArgumentOutOfRangeException>(nameof(id), () => model.Vocabulary.Piece(id, special: true));
        Assert.Throws<ArgumentOutOfRangeException>("ids", () => model.Vocabulary.Detokenize([id], special: true));
        Assert.Throws<ArgumentOutOfRangeException>(nameof(id), () => model.Vocabulary.IsControl(id));
    }

    [Fact]
    public void Load_CancelledBeforehand_Throws() =>
        Assert.Throws<OperationCanceledException>(() => LlamaModel.Load(
            [TinyModels.Path(TinyArchitecture.Qwen2)], default, progress: null, new CancellationToken(canceled: true)));

    [Fact]
    public void Load_ProgressThatThrows_StopsLoadingAndThrowsIt()
    {
        InvalidOperationException thrown = Assert.Throws<InvalidOperationException>(() => LlamaModel.Load(
            [TinyModels.Path(TinyArchitecture.Qwen2)],
            default,
            _ => throw new InvalidOperationException("enough"),
            CancellationToken.None));

        Assert.Equal("enough", thrown.Message);
    }

    private static LlamaModel Load() =>
        LlamaModel.Load([TinyModels.Path(TinyArchitecture.Qwen2)], default, progress: null, CancellationToken.None);
}
