using GgufConcepts.Mixing;

namespace GgufConcepts.Tests.Mixing;

[Trait("Suite", "Vector")]
public class RowBlendTests
{
    private const float Guard = 12345f;

    public static TheoryData<int> Widths => [.. Enumerable.Range(0, 34), 63, 64, 65, 255, 256, 257, 4096];

    [Theory, MemberData(nameof(Widths))]
    public void Blend_AnyWidth_MatchesReferenceAndStaysInBounds(int width)
    {
        RandomStream random = new((ulong)width);
        foreach (int count in (int[])[1, 2, 3, 10, 30])
        {
            float[] rows = Fill(count * width, ref random);
            float[] weights = Fill(count, ref random);
            float[] expected = new float[width];
            float[] padded = [.. Enumerable.Repeat(Guard, width + 2)];
            RowBlend.BlendReference(rows, weights, expected);
            RowBlend.Blend(rows, weights, padded.AsSpan(1, width));
            for (int j = 0; j < width; j++)
            {
                float magnitude = Enumerable.Range(0, count).Sum(k => Math.Abs(weights[k] * rows[k * width + j]));
                float bound = (count + 1) * 6e-8f * magnitude;
                Assert.InRange(padded[j + 1] - expected[j], -bound, bound);
            }

            Assert.Equal(Guard, padded[0]);
            Assert.Equal(Guard, padded[^1]);
        }
    }

    [Theory, MemberData(nameof(Widths))]
    public void Blend_OneRowOfWeight1_GivesItBackBitForBit(int width)
    {
        float[] special = [-0f, 0f, float.Epsilon, -1.5f, float.MaxValue, float.NegativeInfinity, 1e-40f];
        float[] row = [.. Enumerable.Range(0, width).Select(j => special[j % special.Length])];
        float[] destination = new float[width];
        RowBlend.Blend(row, [1f], destination);
        Assert.Equal(row.Select(BitConverter.SingleToInt32Bits), destination.Select(BitConverter.SingleToInt32Bits));
    }

    [Fact]
    public void Blend_NaNInARow_ReachesTheResult()
    {
        float[] destination = new float[3];
        RowBlend.Blend([1, 2, 3, 4, float.NaN, 6], [0.5f, 0.5f], destination);
        Assert.Equal([2.5f, float.NaN, 4.5f], destination);
    }

    [Fact]
    public void Blend_ShapesDisagree_ThrowsNamingTheArgument()
    {
        Assert.Throws<ArgumentException>("rows", () => RowBlend.Blend(new float[7], new float[2], new float[4]));
        Assert.Throws<ArgumentException>("weights", () => RowBlend.Blend([], [], new float[4]));
    }

    [Fact]
    public void Blend_DestinationOverlapsInput_Throws()
    {
        float[] values = new float[12];
        Assert.Throws<ArgumentException>(
            "destination", () => RowBlend.Blend(values.AsSpan(0, 8), [1f, 2f], values.AsSpan(7, 4)));
        Assert.Throws<ArgumentException>(
            "destination", () => RowBlend.Blend(new float[8], values.AsSpan(0, 2), values.AsSpan(1, 4)));
    }

    private static float[] Fill(int count, ref RandomStream random)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = Logits.Normal(ref random);
        }

        return values;
    }
}
