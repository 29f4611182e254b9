namespace GgufConcepts.Gguf;

/// <summary>The type of a metadata value, with GGUF's own numbers (<c>enum gguf_type</c>, gguf.h).</summary>
public enum GgufValueType
{
#pragma warning disable CS1591, CA1720 // the names are the format's own
    UInt8 = 0,
    Int8 = 1,
    UInt16 = 2,
    Int16 = 3,
    UInt32 = 4,
    Int32 = 5,
    Float32 = 6,
    Bool = 7,
    String = 8,
    Array = 9,
    UInt64 = 10,
    Int64 = 11,
    Float64 = 12,
#pragma warning restore CS1591, CA1720
}

internal static class GgufValueTypes
{
    /// <summary>Bytes of one value; 0 where that depends on the value, or the type does not exist.</summary>
    public static int Size(this GgufValueType type) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
        GgufValueType.UInt64 or GgufValueType.Int64 or GgufValueType.Float64 => 8,
        _ => 0,
    };
}
