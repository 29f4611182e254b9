using System.Globalization;
using System.Numerics;
using System.Text;

namespace GgufConcepts.Gguf;

/// <summary>One setting of a file: its key, its type and where its value is. Any thread.</summary>
public sealed class GgufEntry
{
    private readonly MappedFile _file;
    private readonly long _offset; // of the value; for an array, of its first element

    internal GgufEntry(
        MappedFile file, string key, GgufValueType type, GgufValueType elementType, long count, long offset)
    {
        _file = file;
        _offset = offset;
        Key = key;
        Type = type;
        ElementType = elementType;
        Count = count;
    }

    /// <summary>The key, such as <c>general.architecture</c>.</summary>
    public string Key { get; }

    /// <summary>The type of the value.</summary>
    public GgufValueType Type { get; }

    /// <summary>The type of an array's elements; <see cref="Type"/> where the value is no array.</summary>
    public GgufValueType ElementType { get; }

    /// <summary>How many elements an array has; 1 where the value is no array.</summary>
    public long Count { get; }

    /// <summary>Reads a text. Bytes that are not UTF-8 become U+FFFD.</summary>
    /// <exception cref="GgufException">The value is no text.</exception>
    public string AsString()
    {
        Require(Type == GgufValueType.String, "a text");
        using MappedFile.Lease bytes = _file.Borrow();
        long offset = _offset;
        return Encoding.UTF8.GetString(GgufArray.TextAt(bytes, ref offset));
    }

    /// <summary>Holds the file while a text is looked at in place.</summary>
    internal MappedFile.Lease BorrowText(out ReadOnlySpan<byte> utf8)
    {
        Require(Type == GgufValueType.String, "a text");
        MappedFile.Lease bytes = _file.Borrow();
        long offset = _offset;
        utf8 = GgufArray.TextAt(bytes, ref offset);
        return bytes;
    }

    /// <summary>Reads a whole number of any width.</summary>
    /// <exception cref="GgufException">The value is no whole number, or does not fit.</exception>
    public T AsInteger<T>()
        where T : struct, IBinaryInteger<T>
    {
        Require(GgufNumber.IsInteger(Type), "a whole number");
        using MappedFile.Lease bytes = _file.Borrow();
        ReadOnlySpan<byte> stored = bytes.Slice(_offset, Type.Size());
        return GgufNumber.TryInteger(Type, stored, out T number)
            ? number
            : throw Problem(
                $"is {GgufNumber.Text(Type, stored)}, which is too large or too small to be used there");
    }

    /// <summary>Reads a number with a fraction.</summary>
    /// <exception cref="GgufException">The value is no such number.</exception>
    public double AsFloat()
    {
        Require(GgufNumber.IsFloat(Type), "a number with a fraction");
        using MappedFile.Lease bytes = _file.Borrow();
        return GgufNumber.Float(Type, bytes.Slice(_offset, Type.Size()));
    }

    /// <summary>Reads a truth value; any byte but 0 is true.</summary>
    /// <exception cref="GgufException">The value is no truth value.</exception>
    public bool AsBool()
    {
        Require(Type == GgufValueType.Bool, "true or false");
        using MappedFile.Lease bytes = _file.Borrow();
        return bytes.Slice(_offset, 1)[0] != 0;
    }

    /// <summary>The value for people: a text or number as it is, of an array its type and length.</summary>
    public string ToText() => Type switch
    {
        GgufValueType.String => AsString(),
        GgufValueType.Array => $"{ElementType}[{Count}]",
        GgufValueType.Bool => AsBool() ? "true" : "false",
        GgufValueType.Float32 => ((float)AsFloat()).ToString("R", CultureInfo.InvariantCulture),
        GgufValueType.Float64 => AsFloat().ToString("R", CultureInfo.InvariantCulture),
        _ => WholeNumber(),
    };

    /// <summary>Opens an array; nothing is read yet.</summary>
    /// <exception cref="GgufException">The value is no array.</exception>
    public GgufArray AsArray()
    {
        Require(Type == GgufValueType.Array, "an array");
        return new GgufArray(this, _file, _offset);
    }

    /// <summary>The key and type, for lists and messages.</summary>
    public override string ToString() =>
        Type == GgufValueType.Array ? $"{Key}: {ElementType}[{Count}]" : $"{Key}: {Type}";

    private string WholeNumber()
    {
        using MappedFile.Lease bytes = _file.Borrow();
        return GgufNumber.Text(Type, bytes.Slice(_offset, Type.Size()));
    }

    internal void Require(bool fits, string wanted)
    {
        if (!fits)
        {
            string found = Type == GgufValueType.Array ? $"{ElementType}[]" : $"{Type}";
            throw Problem($"is of type {found} where {wanted} belongs");
        }
    }

    internal GgufException Problem(string what) =>
        new($"{_file.Path}, byte {_offset}: {Key} {what}; convert or download the model again.");
}
