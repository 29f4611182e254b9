using System.Runtime.InteropServices;
using System.Text;
using GgufConcepts.Native;

namespace GgufConcepts.Gguf;

/// <summary>Makes whole rows of a tensor that is being written.</summary>
/// <param name="first">Index of the first number wanted, counted over the whole tensor.</param>
/// <param name="rows">Receives the numbers.</param>
public delegate void GgufFill(long first, Span<float> rows);

/// <summary>Makes whole rows of a tensor that is being written, as they are stored.</summary>
/// <param name="firstRow">The number of the first row wanted.</param>
/// <param name="rows">Receives the bytes.</param>
/// <param name="cancellation">May stop it.</param>
internal delegate void GgufStoredFill(long firstRow, Memory<byte> rows, CancellationToken cancellation);

/// <summary>A tensor to be written: its shape, and where its numbers come from.</summary>
internal sealed class GgufTensorSource
{
    private const int ChunkNumbers = 1 << 18; // one MiB of floats at a time
    private const int ChunkBytes = 4 << 20;

    private readonly GgufFill? _fill;
    private readonly GgufStoredFill? _storedFill;
    private readonly ReadOnlyMemory<byte> _bytes;

    private GgufTensorSource(
        string name,
        GgmlType type,
        ReadOnlySpan<long> dimensions,
        GgufFill? fill = null,
        GgufStoredFill? storedFill = null,
        ReadOnlyMemory<byte> bytes = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (Encoding.UTF8.GetByteCount(name) > GgufHead.MaxNameBytes)
        {
            throw new ArgumentException(
                $"The tensor name {name} is longer than {GgufHead.MaxNameBytes} bytes.", nameof(name));
        }

        if (dimensions.Length is 0 or > GgufHead.MaxDimensions || dimensions.ContainsAnyInRange(long.MinValue, 0))
        {
            throw new ArgumentException(
                $"{name} has the shape [{string.Join(", ", dimensions.ToArray())}]; use 1 to 4, each at least 1.",
                nameof(dimensions));
        }

        (int blockLength, int blockBytes) = GgmlTypes.Layout(type);
        if (dimensions[0] % blockLength != 0)
        {
            throw new ArgumentException(
                $"{name} has rows of {dimensions[0]}; {type} needs a multiple of {blockLength}.", nameof(dimensions));
        }

        Name = name;
        Type = type;
        Dimensions = dimensions.ToArray();
        Int128 count = 1;
        foreach (long dimension in dimensions)
        {
            count *= dimension; // of two numbers below 2^63
            if (count > long.MaxValue || count / blockLength > long.MaxValue / blockBytes)
            {
                throw new ArgumentException(
                    $"{name} has the shape [{string.Join(", ", dimensions.ToArray())}], more than 2^63 bytes.", nameof(dimensions));
            }
        }

        ElementCount = (long)count;
        ByteLength = (long)(count / blockLength * blockBytes);
        _fill = fill;
        _storedFill = storedFill;
        _bytes = bytes;
    }

    public string Name { get; }

    public GgmlType Type { get; }

    public long[] Dimensions { get; }

    public long ElementCount { get; }

    public long ByteLength { get; }

    /// <exception cref="ArgumentException">The type cannot be made from floats, or the shape is impossible.</exception>
    public static GgufTensorSource OfRows(string name, GgmlType type, ReadOnlySpan<long> dimensions, GgufFill fill) =>
        GgmlTypes.CanQuantize(type)
            ? new GgufTensorSource(name, type, dimensions, fill)
            : throw new ArgumentException($"{name}: {type} cannot be made from floats alone.", nameof(type));

    public static GgufTensorSource OfBytes(
        string name, GgmlType type, ReadOnlySpan<long> dimensions, ReadOnlyMemory<byte> bytes) =>
        new(name, type, dimensions, bytes: bytes);

    public static GgufTensorSource OfStoredRows(
        string name, GgmlType type, ReadOnlySpan<long> dimensions, GgufStoredFill fill) =>
        new(name, type, dimensions, storedFill: fill);

    public void Write(Stream file, CancellationToken cancellation)
    {
        if (_fill is not null)
        {
            WriteNumbers(_fill, file, cancellation);
        }
        else if (_storedFill is not null)
        {
            WriteStored(_storedFill, file, cancellation);
        }
        else
        {
            file.Write(_bytes.Span);
        }
    }

    private void WriteStored(GgufStoredFill fill, Stream file, CancellationToken cancellation)
    {
        long rowCount = ElementCount / Dimensions[0];
        long rowBytes = ByteLength / rowCount;
        long rowsAtOnce = Math.Clamp(ChunkBytes / rowBytes, 1, rowCount);
        byte[] stored = new byte[rowBytes * rowsAtOnce];
        for (long row = 0; row < rowCount; row += rowsAtOnce)
        {
            cancellation.ThrowIfCancellationRequested();
            Memory<byte> bytes = stored.AsMemory(0, (int)(rowBytes * Math.Min(rowsAtOnce, rowCount - row)));
            fill(row, bytes, cancellation);
            file.Write(bytes.Span);
        }
    }

    private void WriteNumbers(GgufFill fill, Stream file, CancellationToken cancellation)
    {
        long width = Dimensions[0];
        long rowCount = ElementCount / width;
        long rowsAtOnce = Math.Clamp(ChunkNumbers / width, 1, rowCount);
        float[] numbers = new float[rowsAtOnce * width];
        byte[] stored = new byte[ByteLength / rowCount * rowsAtOnce];
        for (long row = 0; row < rowCount; row += rowsAtOnce)
        {
            cancellation.ThrowIfCancellationRequested();
            int rows = (int)Math.Min(rowsAtOnce, rowCount - row);
            Span<float> chunk = numbers.AsSpan(0, (int)(rows * width));
            Span<byte> bytes = stored.AsSpan(0, (int)(ByteLength / rowCount * rows));
            fill(row * width, chunk);
            if (GgmlTypes.FindProblem(Type, chunk) is { } problem)
            {
                throw new GgufException($"{Name}: {problem}");
            }

            if (Type == GgmlType.F32)
            {
                MemoryMarshal.AsBytes(chunk).CopyTo(bytes);
            }
            else
            {
                GgmlTypes.Quantize(Type, chunk, rows, bytes);
            }

            file.Write(bytes);
        }
    }
}
