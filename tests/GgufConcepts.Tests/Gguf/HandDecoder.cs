using System.Runtime.InteropServices;
using GgufConcepts.Native;

namespace GgufConcepts.Tests.Gguf;

/// <summary>Stored numbers turned back, written from the format's description and not from ggml's code.</summary>
internal static class HandDecoder
{
    public static IEnumerable<float> Decode(GgmlType type, byte[] bytes) => type switch
    {
        GgmlType.F32 => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
        GgmlType.F16 => bytes.Chunk(2).Select(Half),
        GgmlType.BF16 => bytes.Chunk(2).Select(pair => BitConverter.Int32BitsToSingle(pair[0] << 16 | pair[1] << 24)),
        GgmlType.Q8_0 => bytes.Chunk(34).SelectMany(block => block.Skip(2).Select(q => Half(block) * (sbyte)q)),
        GgmlType.Q4_0 => bytes.Chunk(18).SelectMany(block =>
            block.Skip(2).Select(pair => pair & 15) // the first 16 numbers are the low halves
                .Concat(block.Skip(2).Select(pair => pair >> 4))
                .Select(q => Half(block) * (q - 8))),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    private static float Half(byte[] bytes) => (float)BitConverter.ToHalf(bytes, 0);
}
