using System.Buffers.Binary;
using GgufConcepts.Gguf;

namespace GgufConcepts.Fuzz.Mutation;

/// <summary>Where the parts of a GGUF file's head stand; of a broken one, those before it breaks.</summary>
/// <remarks>A reader of its own, so that what is fuzzed does not decide what it is fuzzed with.</remarks>
internal sealed class GgufParts
{
    private const int MostElements = 64; // of one array whose numbers are changed
    private readonly byte[] _file;
    private int _at = 4; // behind the magic number

    private GgufParts(byte[] file) => _file = file;

    /// <summary>Where the first setting stands.</summary>
    public int FirstSetting { get; private set; }

    /// <summary>Each setting, whole.</summary>
    public List<Range> Settings { get; } = [];

    /// <summary>Each tensor's description, whole.</summary>
    public List<Range> Tensors { get; } = [];

    /// <summary>Every number: counts, lengths, types, sizes, offsets and values. The size is the binary logarithm of the
    /// bytes.</summary>
    public List<(int At, int Size)> Numbers { get; } = [];

    /// <summary>Finds the parts, or null where there is no whole head.</summary>
    public static GgufParts? Find(byte[] file)
    {
        GgufParts parts = new(file);
        return file.Length >= 24 && parts.Walk() ? parts : null;
    }

    private bool Walk()
    {
        Number(2);
        (ulong tensors, ulong settings) = (Number(3), Number(3));
        FirstSetting = _at;
        for (ulong i = 0; i < settings && IsInside; i++)
        {
            int start = _at;
            Text();
            Value((GgufValueType)Number(2));
            Keep(Settings, start);
        }

        for (ulong i = 0; i < tensors && IsInside; i++)
        {
            int start = _at;
            Text();
            for (ulong rank = Math.Min(Number(2), 8); rank > 0; rank--)
            {
                Number(3);
            }

            Number(2);
            Number(3);
            Keep(Tensors, start);
        }

        return true;
    }

    private bool IsInside => _at < _file.Length;

    private void Keep(List<Range> parts, int start)
    {
        if (_at <= _file.Length)
        {
            parts.Add(start.._at);
        }
    }

    private void Value(GgufValueType type)
    {
        if (type != GgufValueType.Array)
        {
            Elements(type, 1);
            return;
        }

        type = (GgufValueType)Number(2);
        Elements(type, Number(3));
    }

    private void Elements(GgufValueType type, ulong count)
    {
        if (type > GgufValueType.Float64 || type == GgufValueType.Array)
        {
            _at = int.MaxValue; // nobody knows how long it is
            return;
        }

        for (ulong i = 0; i < count && IsInside; i++)
        {
            if (type == GgufValueType.String)
            {
                Text();
            }
            else if (i < MostElements)
            {
                Number(int.Log2(type.Size()));
            }
            else
            {
                Skip((count - i) * (ulong)type.Size());
                return;
            }
        }
    }

    private void Text() => Skip(Number(3));

    private ulong Number(int size)
    {
        if (_at > _file.Length - (1 << size))
        {
            _at = int.MaxValue;
            return 0;
        }

        Span<byte> number = stackalloc byte[sizeof(ulong)];
        number.Clear();
        _file.AsSpan(_at, 1 << size).CopyTo(number);
        Numbers.Add((_at, size));
        _at += 1 << size;
        return BinaryPrimitives.ReadUInt64LittleEndian(number);
    }

    private void Skip(ulong bytes) =>
        _at = _at <= _file.Length && bytes <= (ulong)(_file.Length - _at) ? _at + (int)bytes : int.MaxValue;
}
