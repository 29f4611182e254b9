using System.Numerics.Tensors;
using GgufConcepts.Evaluation;
using GgufConcepts.Mixing;
using GgufConcepts.Reading;
using GgufConcepts.Tests.Mixing;

namespace GgufConcepts.Tests.Reading;

/// <summary>The small parts of a close reading.</summary>
public sealed class ReadingVectorsTests
{
    private const int Width = 64;

    private readonly float[] _vectors = Logits.Make("peaked", 3 * Width, 5);

    [Fact]
    public void Shuffle_AnyVectors_KeepsNumbersLengthsAndAnglesOnly()
    {
        _vectors.AsSpan(0, Width).CopyTo(_vectors.AsSpan(2 * Width)); // the first and the last are equal
        float[] shuffled = ReadingVectors.Shuffle(_vectors, Width, seed: 9);

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(Row(_vectors, i).ToArray().Order(), Row(shuffled, i).ToArray().Order());
            Assert.NotEqual(Row(_vectors, i).ToArray(), Row(shuffled, i).ToArray());
            Assert.Equal(
                TensorPrimitives.Dot(Row(_vectors, i), Row(_vectors, 1)), TensorPrimitives.Dot(Row(shuffled, i), Row(shuffled, 1)), 1e-3);
        }

        Assert.Equal(Row(shuffled, 0).ToArray(), Row(shuffled, 2).ToArray());
        Assert.Equal(shuffled, ReadingVectors.Shuffle(_vectors, Width, seed: 9));
        Assert.NotEqual(shuffled, ReadingVectors.Shuffle(_vectors, Width, seed: 10));
    }

    [Fact]
    public void Order_ManySeeds_PutsEveryNumberEverywhere()
    {
        const int Seeds = 4000;
        int[,] counts = new int[4, 4];
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            int[] order = ReadingVectors.Order(4, seed);
            Assert.Equal([0, 1, 2, 3], order.Order());
            for (int i = 0; i < 4; i++)
            {
                counts[i, order[i]]++;
            }
        }

        Assert.All(counts.Cast<int>(), count => Assert.InRange(count, 890, 1110)); // 1000 within four deviations of 27
    }

    [Theory]
    [InlineData(new float[] { 1, 2, 1, 2, 1, 2 }, true)]
    [InlineData(new float[] { 1, 2 }, true)]
    [InlineData(new float[] { 0, 0, 0, 0 }, true)]
    [InlineData(new float[] { 1, 2, 1, 2, 1, 2.1f }, false)]
    [InlineData(new float[] { 1, 2, 2, 1 }, false)]
    public void AreAlike_Rows_WhereTheyAreTheSame(float[] vectors, bool alike) =>
        Assert.Equal(alike, ReadingVectors.AreAlike(vectors, 2));

    [Fact]
    public void Repeat_OnlyASingleVector()
    {
        Assert.Equal([1, 2, 1, 2, 1, 2], ReadingVectors.Repeat([1, 2], 2, 3).ToArray());
        Assert.Equal([1, 2, 3, 4], ReadingVectors.Repeat([1, 2, 3, 4], 2, 3).ToArray());
        Assert.Equal([1, 2, 3, 1, 2], ReadingVectors.Take([1, 2, 3], 5));
        Assert.Equal([2, 3, 2, 3], ReadingVectors.Mean([1, 2, 3, 4], 2));
    }

    [Theory]
    [InlineData("Paris.", "paris")]
    [InlineData("  \"The  black\tcat!\" ", "the black cat")]
    [InlineData("it's", "it's")]
    [InlineData("...", "...")]
    [InlineData("", "")]
    [InlineData("\u00BFCAF\u00C9?", "caf\u00E9")]
    [InlineData("a, b", "a, b")]
    public void Normalise_Reading_KeepsTheWordsAlone(string text, string expected) =>
        Assert.Equal(expected, SameWords.Normalise(text));

    [Theory]
    [InlineData(0, 39, 0, 0.0897)] // none: z^2 / (n + z^2)
    [InlineData(39, 39, 0.9103, 1)]
    [InlineData(15, 50, 0.1910, 0.4375)] // as statistical packages print it
    public void Confidence_Wilson_EqualsItsTable(int hits, int count, double low, double high)
    {
        (double from, double to) = ReaderSelfTest.Confidence(hits, count);
        Assert.Equal((low, high), (Math.Round(from, 4), Math.Round(to, 4)));
    }

    [Theory]
    [InlineData("peaked", 12)]
    [InlineData("peaked", 20_000)]
    [InlineData("wide", 5000)]
    [InlineData("minusInfinity", 300)]
    public void LogProbability_AnyToken_EqualsDoubleSums(string shape, int size)
    {
        float[] logits = Logits.Make(shape, size, 3);
        double[] expected = HandReading.Softmax(logits);
        ConceptMixer mixer = new(new TokenMask(size, 0)); // masked tokens have a probability too

        for (int id = 0; id < size; id += 1 + (size / 50))
        {
            Assert.Equal(expected[id], Math.Exp(mixer.LogProbability(logits, id)), 3e-6);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => mixer.LogProbability(logits, size));
        Assert.Throws<ArgumentException>(() => mixer.LogProbability(logits.AsSpan(1), 0));
    }

    private static ReadOnlySpan<float> Row(float[] vectors, int row) => vectors.AsSpan(row * Width, Width);
}
