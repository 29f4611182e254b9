using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace GgufConcepts.Gguf;

/// <summary>An array in a file's metadata, such as the 152,000 tokens of a vocabulary; read when asked for.</summary>
public sealed class GgufArray
{
    private readonly GgufEntry _entry;
    private readonly MappedFile _file;
    private readonly long _offset;

    internal GgufArray(GgufEntry entry, MappedFile file, long offset)
    {
        _entry = entry;
        _file = file;
        _offset = offset;
    }

    /// <summary>The type of the elements.</summary>
    public GgufValueType ElementType => _entry.ElementType;

    /// <summary>How many elements there are.</summary>
    public long Count => _entry.Count;

    /// <summary>Reads texts one after another. Bytes that are not UTF-8 become U+FFFD.</summary>
    /// <exception cref="GgufException">The elements are no texts.</exception>
    public IEnumerable<string> Strings()
    {
        _entry.Require(ElementType == GgufValueType.String, "an array of texts");
        return Walk();

        IEnumerable<string> Walk()
        {
            long offset = _offset;
            for (long i = 0; i < Count; i++)
            {
                string text;
                using (MappedFile.Lease bytes = _file.Borrow())
                {
                    ReadOnlySpan<byte> utf8 = TextAt(bytes, ref offset);
                    text = Encoding.UTF8.GetString(utf8);
                }

                yield return text;
            }
        }
    }

    /// <summary>Holds the file while texts are looked at in place.</summary>
    /// <param name="offset">Receives where the first text stands; <see cref="TextAt"/> reads on from there.</param>
    /// <exception cref="GgufException">The elements are no texts.</exception>
    internal MappedFile.Lease BorrowTexts(out long offset)
    {
        _entry.Require(ElementType == GgufValueType.String, "an array of texts");
        offset = _offset;
        return _file.Borrow();
    }

    /// <summary>Reads all elements as whole numbers.</summary>
    /// <exception cref="GgufException">The elements are no whole numbers, or one does not fit.</exception>
    public T[] ToIntegers<T>()
        where T : struct, IBinaryInteger<T>
    {
        _entry.Require(GgufNumber.IsInteger(ElementType), "an array of whole numbers");
        return Read((type, bytes) => GgufNumber.TryInteger(type, bytes, out T value)
            ? value
            : throw _entry.Problem("holds a number that is too large or too small to be used there"));
    }

    /// <summary>Reads all elements as numbers with a fraction.</summary>
    /// <exception cref="GgufException">The elements are no such numbers.</exception>
    public double[] ToFloats()
    {
        _entry.Require(GgufNumber.IsFloat(ElementType), "an array of numbers with a fraction");
        return Read(GgufNumber.Float);
    }

    /// <summary>Reads all elements as truth values.</summary>
    /// <exception cref="GgufException">The elements are no truth values.</exception>
    public bool[] ToBools()
    {
        _entry.Require(ElementType == GgufValueType.Bool, "an array of true and false");
        return Read(static (_, bytes) => bytes[0] != 0);
    }

    /// <summary>The bytes of the text at an offset; its length was checked when the file was opened.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="offset">Where its length stands, 8 bytes, and then its bytes; moved behind them.</param>
    internal static ReadOnlySpan<byte> TextAt(MappedFile.Lease bytes, scoped ref long offset)
    {
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes.Slice(offset, sizeof(ulong)));
        ReadOnlySpan<byte> text = bytes.Slice(offset + sizeof(ulong), length);
        offset += sizeof(ulong) + length;
        return text;
    }

    private T[] Read<T>(NumberReader<T> read)
    {
        int size = ElementType.Size();
        T[] values = new T[Count];
        using MappedFile.Lease bytes = _file.Borrow();
        for (long i = 0; i < values.LongLength; i++)
        {
            values[i] = read(ElementType, bytes.Slice(_offset + i * size, size));
        }

        return values;
    }

    private delegate T NumberReader<T>(GgufValueType type, ReadOnlySpan<byte> bytes);
}
