using System.Numerics;
using System.Runtime.InteropServices;

namespace GgufConcepts.Gguf;

/// <summary>Numbers as they lie in the file: little-endian, unaligned.</summary>
internal static class GgufNumber
{
    public static bool IsInteger(GgufValueType type) => type.Size() > 0 && !IsFloat(type) && type != GgufValueType.Bool;

    public static bool IsFloat(GgufValueType type) => type is GgufValueType.Float32 or GgufValueType.Float64;

    public static Int128 Integer(GgufValueType type, ReadOnlySpan<byte> bytes) => type switch
    {
        GgufValueType.UInt8 => bytes[0],
        GgufValueType.Int8 => (sbyte)bytes[0],
        GgufValueType.UInt16 => MemoryMarshal.Read<ushort>(bytes),
        GgufValueType.Int16 => MemoryMarshal.Read<short>(bytes),
        GgufValueType.UInt32 => MemoryMarshal.Read<uint>(bytes),
        GgufValueType.Int32 => MemoryMarshal.Read<int>(bytes),
        GgufValueType.UInt64 => MemoryMarshal.Read<ulong>(bytes),
        _ => MemoryMarshal.Read<long>(bytes),
    };

    public static double Float(GgufValueType type, ReadOnlySpan<byte> bytes) =>
        type == GgufValueType.Float32 ? MemoryMarshal.Read<float>(bytes) : MemoryMarshal.Read<double>(bytes);

    public static bool TryFit<T>(Int128 value, out T fitted)
        where T : struct, IBinaryInteger<T>
    {
        fitted = T.CreateSaturating(value);
        return Int128.CreateSaturating(fitted) == value;
    }
}
