using System.Buffers.Binary;
using System.Text;

namespace GgufConcepts.Gguf;

/// <summary>Walks the head of a file. Lengths are compared with what is left before anything is read or made.</summary>
internal ref struct GgufCursor
{
    /// <summary>Longest string believed: chat templates and licences are far shorter.</summary>
    public const int MaxStringBytes = 16 << 20;

    private static readonly UTF8Encoding s_strict =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly MappedFile.Lease _bytes;
    private readonly string _path;
    private readonly long _length;

    public GgufCursor(MappedFile.Lease bytes, string path, long length)
    {
        _bytes = bytes;
        _path = path;
        _length = length;
    }

    /// <summary>Offset of the next byte.</summary>
    public long Position { get; private set; }

    /// <summary>Bytes not read yet.</summary>
    public readonly long Remaining => _length - Position;

    public uint UInt32(string what) => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint), what));

    public ulong UInt64(string what) => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong), what));

    /// <summary>Steps over <paramref name="count"/> values of <paramref name="size"/> bytes.</summary>
    public void Skip(ulong count, int size, string what)
    {
        if (count > (ulong)(Remaining / size))
        {
            throw Cut(what, count, size);
        }

        Position += (long)count * size;
    }

    /// <summary>Steps over a string.</summary>
    public void SkipString(string what)
    {
        int length = StringLength(what, MaxStringBytes); // moves Position itself, so not in one expression
        Position += length;
    }

    /// <summary>Reads a name: valid UTF-8, no control characters, 1 to <paramref name="maxBytes"/> bytes.</summary>
    public string Name(string what, int maxBytes)
    {
        long start = Position;
        int length = StringLength(what, maxBytes);
        if (length == 0)
        {
            throw Problem(start, $"{what} is empty"); // llama.cpp would end the process
        }

        string name;
        try
        {
            name = s_strict.GetString(Take(length, what));
        }
        catch (DecoderFallbackException)
        {
            throw Problem(start, $"{what} is not valid UTF-8");
        }

        return name.Any(char.IsControl) ? throw Problem(start, $"{what} holds a control character") : name;
    }

    /// <summary>What to throw for a damaged place.</summary>
    public readonly GgufException Problem(
        long offset, string what, string todo = "the file is damaged: download it again") =>
        new($"{_path}, byte {offset}: {what}; {todo}.");

    private int StringLength(string what, int maxBytes)
    {
        long start = Position;
        ulong length = UInt64(what);
        if (length > (ulong)maxBytes)
        {
            throw Problem(start, $"{what} claims a length of {length} bytes; the most is {maxBytes}");
        }

        return (long)length <= Remaining ? (int)length : throw Cut(what, length);
    }

    private ReadOnlySpan<byte> Take(int length, string what)
    {
        if (length > Remaining)
        {
            throw Cut(what, (ulong)length);
        }

        ReadOnlySpan<byte> bytes = _bytes.Slice(Position, length);
        Position += length;
        return bytes;
    }

    private readonly GgufException Cut(string what, ulong count, int size = 1)
    {
        UInt128 needed = (UInt128)count * (uint)size;
        return Problem(
            Position,
            $"{what} needs {needed} bytes and {Remaining} are left, so at least {needed - (UInt128)Remaining} are missing",
            "the file is cut short or damaged: download it again");
    }
}
