using GgufConcepts.Mixing;
using GgufConcepts.Native;

namespace GgufConcepts.Gguf;

/// <summary>One tensor of a file: shape, storage and place. Its numbers are read when asked for. Any thread.</summary>
public sealed class GgufTensor
{
    private readonly MappedFile _mapping;

    internal GgufTensor(
        MappedFile mapping,
        string name,
        GgmlType type,
        long[] dimensions,
        long elementCount,
        long byteLength,
        long offset)
    {
        _mapping = mapping;
        Name = name;
        Type = type;
        Dimensions = dimensions;
        ElementCount = elementCount;
        ByteLength = byteLength;
        Offset = offset;
    }

    /// <summary>The name, such as <c>blk.0.attn_q.weight</c>.</summary>
    public string Name { get; }

    /// <summary>How the numbers are stored.</summary>
    public GgmlType Type { get; }

    /// <summary>The shape in ggml's order, fastest first: [width, rows, ...]; 1 to 4, each at least 1.</summary>
    public IReadOnlyList<long> Dimensions { get; }

    /// <summary>How many numbers it holds.</summary>
    public long ElementCount { get; }

    /// <summary>How many bytes it takes.</summary>
    public long ByteLength { get; }

    /// <summary>Where it begins, in bytes from the beginning of <see cref="Path"/>.</summary>
    public long Offset { get; }

    /// <summary>The file it is in.</summary>
    public string Path => _mapping.Path;

    /// <summary>Numbers in a row.</summary>
    public long Width => Dimensions[0];

    /// <summary>How many rows it has, all outer dimensions together.</summary>
    public long RowCount => ElementCount / Width;

    /// <summary>Copies stored bytes.</summary>
    /// <param name="start">First byte, counted from the tensor's beginning.</param>
    /// <param name="destination">Receives the bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not all of them are in the tensor.</exception>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public void CopyBytes(long start, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(destination.Length, ByteLength - start, nameof(destination));
        using MappedFile.Lease bytes = _mapping.Borrow();
        bytes.Slice(Offset + start, destination.Length).CopyTo(destination);
    }

    /// <summary>Reads one row as floats.</summary>
    /// <param name="row">0 to <see cref="RowCount"/>, exclusive.</param>
    /// <param name="destination">Receives the numbers, shape [<see cref="Width"/>].</param>
    /// <exception cref="ArgumentException">No such row, the wrong length, or a type that is no number.</exception>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public void CopyRow(long row, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, RowCount);
        if (destination.Length != Width)
        {
            throw new ArgumentException($"{destination.Length} floats for a row of {Width}.", nameof(destination));
        }

        long rowBytes = ByteLength / RowCount;
        using MappedFile.Lease bytes = _mapping.Borrow();
        GgmlTypes.Dequantize(Type, bytes.Slice(Offset + row * rowBytes, checked((int)rowBytes)), destination);
    }

    /// <summary>The rows where they lie, for kernels that read them there.</summary>
    /// <param name="rows">Valid until the lease is disposed.</param>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    internal unsafe MappedFile.Lease Borrow(out StoredRows rows)
    {
        MappedFile.Lease bytes = _mapping.Borrow();
        rows = new StoredRows(
            Type, bytes.At(Offset, ByteLength), ByteLength / RowCount, checked((int)Width), checked((int)RowCount));
        return bytes;
    }

    internal GgufException Problem(string what) =>
        new($"{Path}, byte {Offset}: {Name} {what}; convert or download the model again.");

    /// <summary>Name, type and shape, for lists and messages.</summary>
    public override string ToString() => $"{Name}: {Type} [{string.Join(", ", Dimensions)}]";
}
