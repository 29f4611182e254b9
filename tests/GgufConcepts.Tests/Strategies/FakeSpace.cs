using GgufConcepts.Strategies;

namespace GgufConcepts.Tests.Strategies;

/// <summary>A space of a few rows, all in plain double loops.</summary>
/// <param name="rows">Shape [tokens][width].</param>
internal sealed class FakeSpace(float[][] rows) : IInputSpace
{
    public int Width => rows[0].Length;

    public double MeanNorm => rows.Average(row => Math.Sqrt(row.Sum(value => (double)value * value)));

    public double RootMeanSquare => Math.Sqrt(rows.SelectMany(row => row).Average(value => (double)value * value));

    public IRealignment Realignment { get; init; } = null!;

    /// <summary>How often the whole table was summed.</summary>
    public int WholeSums { get; private set; }

    public static FakeSpace Random(int tokens, int width, int seed)
    {
        Random random = new(seed);
        return new FakeSpace(
            [.. Enumerable.Range(0, tokens).Select(_ =>
                Enumerable.Range(0, width).Select(_ => (float)(random.NextDouble() * 2 - 1)).ToArray())]);
    }

    public void Mix(ReadOnlySpan<int> ids, ReadOnlySpan<float> weights, Span<float> destination)
    {
        Assert.Equal(ids.Length, weights.Length);
        for (int j = 0; j < Width; j++)
        {
            double sum = 0;
            for (int i = 0; i < ids.Length; i++)
            {
                sum += (double)weights[i] * rows[ids[i]][j];
            }

            destination[j] = (float)sum;
        }
    }

    public void MixAll(ReadOnlySpan<float> weights, Span<float> destination)
    {
        WholeSums++;
        Mix([.. Enumerable.Range(0, rows.Length)], weights, destination);
    }
}
