using System.Runtime.Intrinsics;
using GgufConcepts.Mixing;
using GgufConcepts.Native;

namespace GgufConcepts.Tests.Mixing;

/// <summary>Kernels over stored rows, held to ggml's <c>to_float</c> and to the blend of its floats.</summary>
[Trait("Suite", "Vector")]
public sealed unsafe class StoredRowsTests
{
    private const float Guard = 12345f;

    /// <summary>Types with kernels, and one without; widths of whole blocks, and odd ones.</summary>
    public static TheoryData<GgmlType, int> Shapes
    {
        get
        {
            TheoryData<GgmlType, int> shapes = [];
            foreach (int width in (int[])[1, 3, 4, 15, 16, 17, 31, 33, 63, 64, 65, 127, 129, 257, 1536])
            {
                shapes.Add(GgmlType.F32, width);
                shapes.Add(GgmlType.BF16, width);
                shapes.Add(GgmlType.F16, width);
            }

            foreach (int width in (int[])[32, 64, 96, 128, 160, 896, 1536])
            {
                shapes.Add(GgmlType.Q8_0, width);
                shapes.Add(GgmlType.Q4_0, width);
            }

            foreach (int width in (int[])[256, 512, 768, 1536])
            {
                shapes.Add(GgmlType.Q6_K, width);
                shapes.Add(GgmlType.Q4_K, width);
            }

            return shapes;
        }
    }

    /// <summary>Any bytes are numbers: every half is met as a number or as a scale, subnormal or not, and every
    /// packed integer.</summary>
    [Fact]
    public void Read_AnyBytes_AreGgmlsNumbersToTheBitAtEveryWidth()
    {
        AllWidths<StoredFloats>(GgmlType.F32, Bytes(4 * 4096));
        AllWidths<StoredBFloats>(GgmlType.BF16, AllUShorts());
        AllWidths<StoredHalfs>(GgmlType.F16, AllUShorts());
        AllWidths<StoredQ8>(GgmlType.Q8_0, WithScales(5956, blockBytes: 34, scaleAt: 0));
        AllWidths<StoredGroups<Q4Groups>>(GgmlType.Q4_0, WithScales(5956, blockBytes: 18, scaleAt: 0));
        AllWidths<StoredGroups<Q6Groups>>(GgmlType.Q6_K, WithScales(606, blockBytes: 210, scaleAt: 208));
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Blend_AnyShape_IsTheBlendOfGgmlsFloatsToTheBitAndStaysInBounds(GgmlType type, int width)
    {
        Table table = new(type, width, rows: 70);
        RandomStream random = new((ulong)width);
        float[] scratch = new float[64 * width];
        foreach (int count in (int[])[1, 2, 3, 15, 64])
        {
            int[] ids = [.. Enumerable.Range(0, count).Select(k => (k * 37 + 5) % 70)];
            float[] weights = [.. ids.Select(_ => Logits.Normal(ref random))];
            weights[count / 2] = count > 1 ? 0f : -0.5f;
            foreach (float scale in (float[])[1f, 8f, 0.3f])
            {
                float[] rows = [.. ids.SelectMany(table.Floats)];
                float[] expected = new float[width];
                RowBlend.Blend(rows, weights, expected);
                float[] padded = [.. Enumerable.Repeat(Guard, width + 2)];
                fixed (byte* first = table.Bytes)
                {
                    table.Rows(first).Blend(ids, weights, scale, padded.AsSpan(1, width), scratch);
                }

                Equal(expected.Select(value => value * scale), padded.AsSpan(1, width));
                Assert.Equal((Guard, Guard), (padded[0], padded[^1]));
            }
        }
    }

    /// <summary>The bound: one rounding for each row and one for the addition, of what is summed so far.</summary>
    [Theory, MemberData(nameof(Shapes))]
    public void Add_AnyShape_AddsTheWeightedSumAndStaysInBounds(GgmlType type, int width)
    {
        Table table = new(type, width, rows: 9);
        int[] ids = [8, 0, 3, 3, 1];
        float[] weights = [0.5f, -0.25f, 0f, 2f, 1e-3f];
        float[] padded = [.. Enumerable.Repeat(Guard, width + 2)];
        foreach (int[] next in (int[][])[[], [2], [2, 7, 0, 8, 8]])
        {
            padded.AsSpan(1, width).Fill(0.75f);
            fixed (byte* first = table.Bytes)
            {
                table.Rows(first).Add(ids, weights, next, padded.AsSpan(1, width), new float[width]);
            }

            for (int j = 0; j < width; j++)
            {
                double[] terms =
                    [0.75, .. ids.Select((id, k) => (double)weights[k] * table.Floats(id)[j])];
                double bound = 7 * 6e-8 * terms.Sum(Math.Abs);
                Assert.InRange(padded[j + 1] - terms.Sum(), -bound, bound);
            }

            Assert.Equal((Guard, Guard), (padded[0], padded[^1]));
        }
    }

    /// <summary>The bound: every product and every partial sum is rounded, at worst one after the other.</summary>
    [Theory, MemberData(nameof(Shapes))]
    public void Dot_AnyShape_IsTheDotProductOfEach(GgmlType type, int width)
    {
        Table table = new(type, width, rows: 3);
        RandomStream random = new(4);
        for (int count = 1; count <= 9; count++)
        {
            float[] vectors = new float[count * width];
            foreach (ref float value in vectors.AsSpan())
            {
                value = Logits.Normal(ref random);
            }

            float[] padded = [.. Enumerable.Repeat(Guard, count + 2)];
            float squares;
            fixed (byte* first = table.Bytes)
            {
                table.Rows(first).Dot(2, vectors, padded.AsSpan(1, count), new float[width]);
                squares = table.Rows(first).SumOfSquares(2, new float[width]);
            }

            float[] row = table.Floats(2);
            for (int v = 0; v < count; v++)
            {
                double[] terms = [.. row.Select((value, j) => (double)value * vectors[v * width + j])];
                double bound = 2 * (width + 1) * 6e-8 * terms.Sum(Math.Abs);
                Assert.InRange(padded[v + 1] - terms.Sum(), -bound, bound);
            }

            double length = row.Sum(value => (double)value * value);
            Assert.Equal(length, squares, tolerance: 2 * (width + 1) * 6e-8 * length);
            Assert.Equal((Guard, Guard), (padded[0], padded[^1]));
        }
    }

    [Theory]
    [InlineData(GgmlType.F16)]
    [InlineData(GgmlType.Q8_0)]
    [InlineData(GgmlType.Q4_K)]
    public void Blend_WrongRowsOrShapes_Throws(GgmlType type)
    {
        Table table = new(type, 256, rows: 3);
        float[] scratch = new float[512];
        fixed (byte* first = table.Bytes)
        {
            StoredRows rows = table.Rows(first);
            Assert.Throws<ArgumentOutOfRangeException>("ids", () => rows.Blend([3], [1], 1, new float[256], scratch));
            Assert.Throws<ArgumentOutOfRangeException>("ids", () => rows.Blend([-1], [1], 1, new float[256], scratch));
            Assert.Throws<ArgumentException>("weights", () => rows.Blend([1], [1, 2], 1, new float[256], scratch));
            Assert.Throws<ArgumentException>("weights", () => rows.Blend([], [], 1, new float[256], scratch));
            Assert.Throws<ArgumentException>("destination", () => rows.Blend([1], [1], 1, new float[255], scratch));
        }
    }

    private static void AllWidths<TStored>(GgmlType type, byte[] stored)
        where TStored : struct, IStoredType
    {
        (int length, int bytes) = GgmlTypes.Layout(type);
        float[] expected = new float[stored.Length / bytes * length];
        GgmlTypes.Dequantize(type, stored, expected);
        float[] found = new float[expected.Length];
        fixed (byte* first = stored)
        {
            StoredRows rows = new(type, first, stored.Length, found.Length, 1);
            RowKernels.BlendTail<TStored>(in rows, [0], [1f], false, 1f, found, 0);
            Equal(expected, found);
            foreach (int lanes in (int[])[16, 8, 4])
            {
                found.AsSpan().Fill(Guard);
                nuint end = lanes switch
                {
                    16 => RowKernels.Blend<TStored, Lanes512, Vector512<float>>(
                        in rows, [0], [1f], [], false, 1f, found, 0),
                    8 => RowKernels.Blend<TStored, Lanes256, Vector256<float>>(
                        in rows, [0], [1f], [], false, 1f, found, 0),
                    _ => RowKernels.Blend<TStored, Lanes128, Vector128<float>>(
                        in rows, [0], [1f], [], false, 1f, found, 0),
                };
                Assert.Equal((nuint)found.Length, end);
                Equal(expected, found);
            }
        }
    }

    /// <summary>Bits, but for NaN: which of them comes out is the processor's choice.</summary>
    private static void Equal(IEnumerable<float> expected, ReadOnlySpan<float> found)
    {
        int j = 0;
        foreach (float value in expected)
        {
            if (!(float.IsNaN(value) && float.IsNaN(found[j]))
                && BitConverter.SingleToInt32Bits(value) != BitConverter.SingleToInt32Bits(found[j]))
            {
                Assert.Fail($"Number {j} is {found[j]:R}; it should be {value:R}.");
            }

            j++;
        }

        Assert.Equal(j, found.Length);
    }

    private static byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(11).NextBytes(bytes);
        return bytes;
    }

    private static byte[] AllUShorts()
    {
        byte[] bytes = new byte[2 << 16];
        for (int i = 0; i < 1 << 16; i++)
        {
            BitConverter.TryWriteBytes(bytes.AsSpan(2 * i), (ushort)i);
        }

        return bytes;
    }

    /// <summary>Random blocks, whose scales are halfs of all kinds at equal steps.</summary>
    private static byte[] WithScales(int blocks, int blockBytes, int scaleAt)
    {
        byte[] bytes = Bytes(blocks * blockBytes);
        for (int block = 0; block < blocks; block++)
        {
            BitConverter.TryWriteBytes(bytes.AsSpan(block * blockBytes + scaleAt), (ushort)(block * (65536 / blocks)));
        }

        return bytes;
    }

    /// <summary>Normal numbers, stored; the first row begins at an odd address.</summary>
    private sealed class Table
    {
        private readonly GgmlType _type;
        private readonly int _width;
        private readonly int _rowBytes;
        private readonly int _count;

        public Table(GgmlType type, int width, int rows)
        {
            (int length, int bytes) = GgmlTypes.Layout(type);
            (_type, _width, _rowBytes, _count) = (type, width, width / length * bytes, rows);
            RandomStream random = new(7);
            float[] values = new float[rows * width];
            foreach (ref float value in values.AsSpan())
            {
                value = 0.02f * Logits.Normal(ref random);
            }

            Bytes = new byte[1 + rows * _rowBytes];
            GgmlTypes.Quantize(type, values, rows, Bytes.AsSpan(1));
        }

        public byte[] Bytes { get; }

        public StoredRows Rows(byte* bytes) => new(_type, bytes + 1, _rowBytes, _width, _count);

        public float[] Floats(int id)
        {
            float[] row = new float[_width];
            GgmlTypes.Dequantize(_type, Bytes.AsSpan(1 + id * _rowBytes, _rowBytes), row);
            return row;
        }
    }
}
