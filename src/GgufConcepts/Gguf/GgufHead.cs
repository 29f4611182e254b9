using System.Buffers.Binary;
using System.Text;
using GgufConcepts.Native;

namespace GgufConcepts.Gguf;

/// <summary>Reads and checks everything before the tensors' numbers.</summary>
/// <remarks>The format: github.com/ggml-org/ggml, docs/gguf.md. How much it may hold: <see cref="HeadRoom"/>.</remarks>
internal sealed class GgufHead
{
    public const int MaxKeyBytes = 1024;              // the format allows 65,535
    public const int MaxNameBytes = 63;               // GGML_MAX_NAME is 64, with the closing zero
    public const int MaxDimensions = 4;               // GGML_MAX_DIMS
    public const int DefaultAlignment = 32;
    private const int MaxAlignment = 1 << 16;
    private const int MinKeyBytes = 8 + 4 + 1;        // a setting: key length, type, one byte of value
    private const int MinTensorBytes = 8 + 4 + 8 + 4 + 8;
    private static readonly byte[] s_magic = "GGUF"u8.ToArray();

    private readonly HeadRoom _room;
    private long _counted; // bytes that were taken from the room

    private GgufHead(HeadRoom room) => _room = room;

    public int Version { get; private set; }

    public int Alignment { get; private set; } = DefaultAlignment;

    public GgufMetadata Metadata { get; } = new();

    public List<GgufTensor> Tensors { get; } = [];

    /// <param name="file">The file.</param>
    /// <param name="room">What is left to it by the parts of the model that were read before it.</param>
    /// <exception cref="GgufException">Something is wrong; the message says what and where.</exception>
    public static GgufHead Read(MappedFile file, HeadRoom room)
    {
        using MappedFile.Lease bytes = file.Borrow();
        CheckMagic(file, bytes);

        GgufHead head = new(room);
        GgufCursor cursor = new(bytes, file.Path, file.Length);
        cursor.Skip(4, 1, "the magic number");
        head.Version = ReadVersion(ref cursor);
        int tensorCount = ReadCount(ref cursor, "tensors", room.TakeTensors, MinTensorBytes);
        int keyCount = ReadCount(ref cursor, "settings", room.TakeSettings, MinKeyBytes);
        for (int i = 0; i < keyCount; i++)
        {
            head.ReadEntry(file, ref cursor, $"setting {i + 1} of {keyCount}");
        }

        head.ReadAlignment(ref cursor);
        List<TensorHead> tensors = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int i = 0; i < tensorCount; i++)
        {
            tensors.Add(head.ReadTensor(ref cursor, $"tensor {i + 1} of {tensorCount}", names));
            head.TakeBytes(ref cursor);
        }

        head.Place(file, ref cursor, tensors);
        return head;
    }

    private static void CheckMagic(MappedFile file, MappedFile.Lease bytes)
    {
        ReadOnlySpan<byte> start = bytes.Slice(0, (int)Math.Min(8, file.Length));
        if (!start.StartsWith(s_magic))
        {
            string shown = Encoding.Latin1.GetString(start);
            shown = string.Concat(shown.Select(letter => letter is >= ' ' and <= '~' ? letter : '.'));
            throw new GgufException(
                $"{file.Path}: not a GGUF file: begins with \"{shown}\" ({Convert.ToHexString(start)}), not " +
                "\"GGUF\"; name a .gguf file.");
        }
    }

    private static int ReadVersion(ref GgufCursor cursor)
    {
        long start = cursor.Position;
        uint version = cursor.UInt32("the version");
        return version switch
        {
            2 or 3 => (int)version,
            0 => throw cursor.Problem(start, "version is 0"),
            1 => throw cursor.Problem(start, "version is 1, which nobody writes any more", "convert the model again"),
            _ when (version & 0xFFFF) == 0 => throw cursor.Problem(
                start,
                $"the file is big-endian (version {BinaryPrimitives.ReverseEndianness(version)})",
                "convert the model for little-endian machines"),
            _ => throw cursor.Problem(
                start,
                $"version is {version}; this program reads 2 and 3",
                "convert the model, or look for a newer release"),
        };
    }

    private static int ReadCount(ref GgufCursor cursor, string what, Func<ulong, string?> take, int bytesEach)
    {
        long start = cursor.Position;
        ulong count = cursor.UInt64($"the number of {what}");
        if (take(count) is { } problem)
        {
            throw cursor.Problem(start, problem);
        }

        return (long)count * bytesEach <= cursor.Remaining
            ? (int)count
            : throw cursor.Problem(
                start,
                $"the file claims {count} {what}, and only {cursor.Remaining} bytes follow, so bytes are missing");
    }

    private void ReadEntry(MappedFile file, ref GgufCursor cursor, string what)
    {
        long start = cursor.Position;
        string key = cursor.Name($"the key of {what}", MaxKeyBytes);
        what = $"{what} ({key})";
        long typeStart = cursor.Position;
        GgufValueType type = ReadType(ref cursor, what);
        GgufValueType elementType = type;
        ulong count = 1;
        if (type == GgufValueType.Array)
        {
            elementType = ReadType(ref cursor, what);
            count = cursor.UInt64(what);
            if (elementType == GgufValueType.Array)
            {
                throw cursor.Problem(
                    typeStart, $"{what} is an array of arrays", "no model needs that: convert it again");
            }

            if (_room.TakeElements(what, count) is { } problem)
            {
                throw cursor.Problem(typeStart, problem);
            }
        }

        long offset = cursor.Position;
        SkipValues(ref cursor, elementType, count, what);
        if (!Metadata.TryAdd(new GgufEntry(file, key, type, elementType, (long)count, offset)))
        {
            throw cursor.Problem(start, $"{what}: the key is there twice");
        }

        TakeBytes(ref cursor);
    }

    private void TakeBytes(ref GgufCursor cursor)
    {
        if (_room.TakeBytes(cursor.Position - _counted) is { } problem)
        {
            throw cursor.Problem(cursor.Position, problem);
        }

        _counted = cursor.Position;
    }

    private static GgufValueType ReadType(ref GgufCursor cursor, string what)
    {
        long start = cursor.Position;
        uint type = cursor.UInt32(what);
        return type <= (uint)GgufValueType.Float64
            ? (GgufValueType)type
            : throw cursor.Problem(start, $"{what} is of type {type}, which does not exist");
    }

    private void SkipValues(ref GgufCursor cursor, GgufValueType type, ulong count, string what)
    {
        if (type != GgufValueType.String)
        {
            cursor.Skip(count, type.Size(), what);
            return;
        }

        if (count > (ulong)(cursor.Remaining / sizeof(ulong)))
        {
            cursor.Skip(count, sizeof(ulong), what); // throws
        }

        for (ulong i = 0; i < count; i++)
        {
            cursor.SkipString(what);
            TakeBytes(ref cursor); // before the next: to look at each length reads a page of the file
        }
    }

    private void ReadAlignment(ref GgufCursor cursor)
    {
        if (Metadata.Find("general.alignment") is not { } entry)
        {
            return;
        }

        entry.Require(entry.Type == GgufValueType.UInt32, "a number of type UInt32");
        uint alignment = entry.AsInteger<uint>();
        if (!uint.IsPow2(alignment) || alignment is < DefaultAlignment or > MaxAlignment)
        {
            throw entry.Problem($"is {alignment}; it must be a power of two from {DefaultAlignment} to {MaxAlignment}");
        }

        Alignment = (int)alignment;
    }

    private TensorHead ReadTensor(ref GgufCursor cursor, string what, HashSet<string> names)
    {
        long start = cursor.Position;
        string name = cursor.Name($"the name of {what}", MaxNameBytes);
        what = $"{what} ({name})";
        if (!names.Add(name))
        {
            throw cursor.Problem(start, $"{what}: the name is there twice");
        }

        start = cursor.Position;
        uint rank = cursor.UInt32(what);
        if (rank is 0 or > MaxDimensions)
        {
            throw cursor.Problem(start, $"{what} has {rank} dimensions; 1 to {MaxDimensions} exist");
        }

        long[] dimensions = new long[rank];
        long elements = 1;
        for (int i = 0; i < dimensions.Length; i++)
        {
            ulong dimension = cursor.UInt64(what);
            if (dimension == 0 || dimension > (ulong)(long.MaxValue / elements))
            {
                throw cursor.Problem(
                    cursor.Position - sizeof(ulong),
                    dimension == 0 ? $"{what}: dimension {i + 1} is 0" : $"{what}: the shape overflows at {dimension}");
            }

            dimensions[i] = (long)dimension;
            elements *= dimensions[i];
        }

        start = cursor.Position;
        uint type = cursor.UInt32(what);
        if (!Enum.IsDefined((GgmlType)type))
        {
            throw cursor.Problem(start, $"{what} is stored as type {type}, which is unknown",
                "the file is damaged or newer than this program");
        }

        (int blockLength, int blockBytes) = GgmlTypes.Layout((GgmlType)type);
        if (dimensions[0] % blockLength != 0)
        {
            throw cursor.Problem(
                start,
                $"{what}: rows of {dimensions[0]} are no multiple of {blockLength}, the block of {(GgmlType)type}");
        }

        start = cursor.Position;
        ulong offset = cursor.UInt64(what);
        return offset % (uint)Alignment == 0
            ? new TensorHead(name, (GgmlType)type, dimensions, elements, elements / blockLength, blockBytes, offset)
            : throw cursor.Problem(start, $"{what} begins at {offset}, no multiple of the alignment, {Alignment}");
    }

    /// <summary>Counts offsets from the beginning of the file and makes sure that each tensor follows the one before it
    /// and that all end inside the file.</summary>
    /// <remarks>128-bit numbers keep to methods of their own here: such a method is never compiled ahead of time.</remarks>
    private void Place(MappedFile file, ref GgufCursor cursor, List<TensorHead> tensors)
    {
        UInt128 origin = ((UInt128)cursor.Position + (uint)Alignment - 1) / (uint)Alignment * (uint)Alignment;
        UInt128 expected = 0;
        foreach (TensorHead tensor in tensors)
        {
            UInt128 start = origin + tensor.Offset;
            UInt128 bytes = (UInt128)tensor.Blocks * (uint)tensor.BlockBytes;
            UInt128 end = start + bytes;
            if (tensor.Offset != expected)
            {
                throw new GgufException(
                    $"{file.Path}, byte {start}: tensor {tensor.Name} begins at {tensor.Offset}, and the one before it ends at " +
                    $"{expected}, padding included; the file is damaged: download it again.");
            }

            expected += (bytes + (uint)Alignment - 1) / (uint)Alignment * (uint)Alignment;
            if (end > (UInt128)file.Length)
            {
                throw new GgufException(
                    $"{file.Path}, byte {start}: tensor {tensor.Name} ends at byte {end} and the file at " +
                    $"{file.Length}, so {end - (UInt128)file.Length} bytes are missing; the file is cut short or " +
                    "damaged: download it again.");
            }

            Tensors.Add(new GgufTensor(
                file, tensor.Name, tensor.Type, tensor.Dimensions, tensor.Elements, (long)bytes, (long)start));
        }
    }

    private sealed record TensorHead(
        string Name, GgmlType Type, long[] Dimensions, long Elements, long Blocks, int BlockBytes, ulong Offset);
}
