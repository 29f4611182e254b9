using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace GgufConcepts.Gguf;

/// <summary>Numbers as they lie in the file: little-endian, unaligned.</summary>
internal static class GgufNumber
{
    public static bool IsInteger(GgufValueType type) => type.Size() > 0 && !IsFloat(type) && type != GgufValueType.Bool;

    public static bool IsFloat(GgufValueType type) => type is GgufValueType.Float32 or GgufValueType.Float64;

    /// <summary>Reads a whole number; false where it does not fit.</summary>
    /// <remarks>Not by way of a 128-bit number, which would take in all: no such method is compiled ahead of
    /// time.</remarks>
    public static bool TryInteger<T>(GgufValueType type, ReadOnlySpan<byte> bytes, out T number)
        where T : struct, IBinaryInteger<T>
    {
        if (type == GgufValueType.UInt64)
        {
            ulong large = MemoryMarshal.Read<ulong>(bytes);
            number = T.CreateSaturating(large);
            return ulong.CreateSaturating(number) == large;
        }

        long value = Signed(type, bytes);
        number = T.CreateSaturating(value);
        return long.CreateSaturating(number) == value;
    }

    /// <summary>A whole number as it is written.</summary>
    public static string Text(GgufValueType type, ReadOnlySpan<byte> bytes) => type == GgufValueType.UInt64
        ? MemoryMarshal.Read<ulong>(bytes).ToString(CultureInfo.InvariantCulture)
        : Signed(type, bytes).ToString(CultureInfo.InvariantCulture);

    public static double Float(GgufValueType type, ReadOnlySpan<byte> bytes) =>
        type == GgufValueType.Float32 ? MemoryMarshal.Read<float>(bytes) : MemoryMarshal.Read<double>(bytes);

    private static long Signed(GgufValueType type, ReadOnlySpan<byte> bytes) => type switch
    {
        GgufValueType.UInt8 => bytes[0],
        GgufValueType.Int8 => (sbyte)bytes[0],
        GgufValueType.UInt16 => MemoryMarshal.Read<ushort>(bytes),
        GgufValueType.Int16 => MemoryMarshal.Read<short>(bytes),
        GgufValueType.UInt32 => MemoryMarshal.Read<uint>(bytes),
        GgufValueType.Int32 => MemoryMarshal.Read<int>(bytes),
        _ => MemoryMarshal.Read<long>(bytes),
    };
}
