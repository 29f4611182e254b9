using System.Buffers;
using System.Collections.Concurrent;
using GgufConcepts.Mixing;
using GgufConcepts.Native;

namespace GgufConcepts.Gguf;

/// <summary>Rows of random numbers, stored in a type of ggml, as fast as a disk takes them.</summary>
/// <remarks>A row depends on the seed, its tensor and its number alone, so that the same file comes out on any number of
/// processors.</remarks>
internal sealed class SyntheticWeights
{
    private const int PoolRows = 2048;
    private const int PoolTensor = -1; // pools are drawn as tensors of numbers of their own, below those of the model
    private const int RowsAtOnce = 64;
    private const float ByteSumDeviation = 147.8f; // of four bytes: sqrt(4 * (256^2 - 1) / 12)
    private const int ByteSumMean = 510;

    private readonly ulong _key;
    private readonly Dictionary<(GgmlType Type, int Width), byte[]> _pools = [];

    public SyntheticWeights(ulong seed) => _key = new RandomStream(seed).NextUInt64();

    /// <summary>Fills a tensor with rows of which no two are alike.</summary>
    /// <param name="tensor">Its number.</param>
    /// <param name="type">How it is stored.</param>
    /// <param name="width">Numbers in a row; even.</param>
    public GgufStoredFill Distinct(int tensor, GgmlType type, int width) =>
        (first, rows, cancellation) => Store(tensor, type, width, first, rows, cancellation);

    /// <summary>Fills a tensor with rows taken at random from a pool that tensors of its kind share: far fewer rows are
    /// drawn and stored than the model has.</summary>
    /// <inheritdoc cref="Distinct"/>
    public GgufStoredFill FromPool(int tensor, GgmlType type, int width) => (first, rows, cancellation) =>
    {
        int rowBytes = RowBytes(type, width);
        ReadOnlySpan<byte> pool = Pool(type, width, cancellation);
        Span<byte> target = rows.Span;
        for (int row = 0; row < target.Length / rowBytes; row++)
        {
            int taken = (int)(Stream(tensor, first + row).NextUInt64() % PoolRows);
            pool.Slice(taken * rowBytes, rowBytes).CopyTo(target[(row * rowBytes)..]);
        }
    };

    /// <summary>Numbers of a small tensor.</summary>
    public float[] Vector(int tensor, int length, float deviation)
    {
        float[] numbers = new float[length];
        RandomStream random = Stream(tensor, 0);
        Draw(ref random, deviation, numbers);
        return numbers;
    }

    /// <summary>Draws numbers that are nearly normal: sums of four random bytes, two numbers of 64 bits.</summary>
    /// <param name="random">Where the bits come from.</param>
    /// <param name="deviation">The standard deviation; the mean is 0.</param>
    /// <param name="numbers">Receives them; an even count.</param>
    internal static void Draw(ref RandomStream random, float deviation, Span<float> numbers)
    {
        float scale = deviation / ByteSumDeviation;
        for (int i = 0; i < numbers.Length; i += 2)
        {
            ulong sums = random.NextUInt64();
            sums = (sums & 0x00FF_00FF_00FF_00FF) + ((sums >> 8) & 0x00FF_00FF_00FF_00FF);
            sums = (sums & 0x0000_FFFF_0000_FFFF) + ((sums >> 16) & 0x0000_FFFF_0000_FFFF);
            numbers[i] = ((int)(uint)sums - ByteSumMean) * scale;
            numbers[i + 1] = ((int)(sums >> 32) - ByteSumMean) * scale;
        }
    }

    private static int RowBytes(GgmlType type, int width)
    {
        (int blockLength, int blockBytes) = GgmlTypes.Layout(type);
        return width / blockLength * blockBytes;
    }

    private byte[] Pool(GgmlType type, int width, CancellationToken cancellation)
    {
        if (!_pools.TryGetValue((type, width), out byte[]? pool))
        {
            pool = new byte[PoolRows * RowBytes(type, width)];
            int tensor = PoolTensor - _pools.Count;
            Store(tensor, type, width, 0, pool, cancellation);
            _pools.Add((type, width), pool);
        }

        return pool;
    }

    /// <summary>Draws rows with a standard deviation of 1 / sqrt(width), so that what a layer makes of numbers near 1 is
    /// near 1 again.</summary>
    private void Store(
        int tensor, GgmlType type, int width, long first, Memory<byte> rows, CancellationToken cancellation)
    {
        int rowBytes = RowBytes(type, width);
        float deviation = 1f / MathF.Sqrt(width);
        ParallelOptions options = new() { CancellationToken = cancellation };
        Parallel.ForEach(Partitioner.Create(0, rows.Length / rowBytes, RowsAtOnce), options, range =>
        {
            (int start, int end) = range;
            float[] numbers = ArrayPool<float>.Shared.Rent(RowsAtOnce * width);
            for (int row = start; row < end; row++)
            {
                RandomStream random = Stream(tensor, first + row);
                Draw(ref random, deviation, numbers.AsSpan((row - start) * width, width));
            }

            int count = end - start;
            GgmlTypes.Quantize(
                type, numbers.AsSpan(0, count * width), count, rows.Span.Slice(start * rowBytes, count * rowBytes));
            ArrayPool<float>.Shared.Return(numbers);
        });
    }

    private RandomStream Stream(int tensor, long row) => new(_key + ((ulong)(uint)tensor << 32) + (ulong)row);
}
