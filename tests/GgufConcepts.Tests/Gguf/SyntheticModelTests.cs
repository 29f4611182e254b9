using GgufConcepts.Gguf;
using GgufConcepts.Mixing;
using GgufConcepts.Models;
using GgufConcepts.Native;
using GgufConcepts.Testing;
using GgufConcepts.Tests.Thinking;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tests.Gguf;

/// <summary>Models of random weights: llama.cpp takes them for real ones, and the same seed makes the same
/// file.</summary>
public sealed class SyntheticModelTests : IDisposable
{
    private static readonly ModelShape s_tiny = new("tiny", "For tests.", 2, 256, 512, 4, 2, 700, 420);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(GgmlType.Q8_0, GgmlType.Q8_0)]
    [InlineData(GgmlType.Q4_0, GgmlType.Q6_K)]
    [InlineData(GgmlType.Q4_K, GgmlType.Q6_K)]
    public async Task Write_AnyType_ThinksWithExactParity(GgmlType type, GgmlType embeddings)
    {
        string path = Write("a.gguf", type);
        using (GgufModelFile file = GgufModelFile.Open(path))
        {
            Assert.Equal(embeddings, file.Find("token_embd.weight")!.Type);
            Assert.Equal(type, file.Find("blk.1.ffn_down.weight")!.Type);
            Assert.Null(file.Find("output.weight"));
        }

        using ConceptModel model = await ConceptModel.LoadAsync(
            path, new ModelOptions { GpuLayers = 0, Threads = 1 }, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((ParityVerdict.Exact, 0d), (model.Parity.Verdict, model.Parity.LargestDifference));
        Assert.Equal(700, model.Tokenizer.Count);
        Assert.Equal(3, model.Tokenizer.NeverMixed.Count); // the markers
        int[] text = model.Tokenizer.EncodePrompt("a big dog, большой", markers: true);
        Assert.Equal("a big dog, большой", model.Tokenizer.Decode(text));
        Assert.True(text.Length < 24, "nothing was merged: the text has 24 bytes");
        Assert.Equal(4, Runs.Think(model, "a big dog", new ThinkOptions { MaxSteps = 4, AnswerTokens = 2 }).Steps.Count);
    }

    [Fact]
    public void Write_SameSeed_IsTheSameFile()
    {
        byte[] first = File.ReadAllBytes(Write("a.gguf", GgmlType.Q4_0, seed: 3));
        Assert.Equal(first, File.ReadAllBytes(Write("b.gguf", GgmlType.Q4_0, seed: 3)));
        Assert.NotEqual(first, File.ReadAllBytes(Write("c.gguf", GgmlType.Q4_0, seed: 4)));
    }

    [Fact]
    public void Write_Embeddings_AreDistinctRowsOfLengthOne()
    {
        using GgufModelFile file = GgufModelFile.Open(Write("a.gguf", GgmlType.Q8_0));
        GgufTensor embeddings = file.Find("token_embd.weight")!;
        HashSet<float> firsts = [];
        float[] row = new float[256];
        for (int id = 0; id < 700; id++)
        {
            embeddings.CopyRow(id, row);
            Assert.True(firsts.Add(row.Sum()));
            Assert.InRange(row.Sum(x => x * x), 0.5, 1.5); // 256 squares of deviation sqrt(2): 1 with a deviation of 0.09
        }
    }

    [Fact]
    public void Write_Cancelled_LeavesNoFile()
    {
        using CancellationTokenSource source = new();
        Assert.ThrowsAny<OperationCanceledException>(() => SyntheticModel.Write(
            _folder.File("a.gguf"), s_tiny, GgmlType.Q8_0, progress: new CancelAtOnce(source), cancellation: source.Token));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Require_TooLittleRoom_ThrowsSayingHowMuchIsMissing()
    {
        string path = _folder.File("a.gguf");
        Assert.Contains("free", Assert.Throws<GgufException>(() => DiskRoom.Require(path, long.MaxValue)).Message, StringComparison.Ordinal);
        DiskRoom.Require(path, 1);
    }

    [Fact]
    public void Draw_ManyNumbers_AreNearlyNormal()
    {
        float[] numbers = new float[200_000];
        RandomStream random = new(1);
        SyntheticWeights.Draw(ref random, 2f, numbers);

        Assert.InRange(numbers.Average(), -0.025, 0.025); // 5.6 times the deviation of the mean, 2 / sqrt(200,000)
        Assert.InRange(Math.Sqrt(numbers.Average(x => (double)x * x)), 1.98, 2.02);
        Assert.InRange(numbers.Count(x => Math.Abs(x) < 2f) / 200_000d, 0.66, 0.69); // 0.683 of a normal number; bit less of four bytes
    }

    private string Write(string name, GgmlType type, ulong seed = 0)
    {
        string path = _folder.File(name);
        SyntheticModel.Write(path, s_tiny, type, seed, cancellation: TestContext.Current.CancellationToken);
        return path;
    }

    private sealed class CancelAtOnce(CancellationTokenSource source) : IProgress<float>
    {
        public void Report(float value) => source.Cancel();
    }
}
