using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace GgufConcepts.Testing;

/// <summary>Files of the safetensors format, right and wrong.</summary>
public static class RawSafetensors
{
    /// <summary>A file of F32 tensors.</summary>
    public static byte[] Of(params (string Name, long[] Shape, float[] Values)[] tensors)
    {
        List<string> entries = [];
        List<byte> numbers = [];
        foreach ((string name, long[] shape, float[] values) in tensors)
        {
            int begin = numbers.Count;
            numbers.AddRange(MemoryMarshal.AsBytes<float>(values));
            entries.Add(Entry(name, "F32", string.Join(',', shape), begin, numbers.Count));
        }

        return Of($"{{{string.Join(',', entries)}}}", [.. numbers]);
    }

    /// <summary>A file of this header and these bytes.</summary>
    public static byte[] Of(string header, byte[] numbers) => Of(Encoding.UTF8.GetBytes(header), numbers);

    /// <summary>A file of this header, which may be no text at all, and these bytes.</summary>
    public static byte[] Of(byte[] header, byte[] numbers)
    {
        byte[] length = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        return [.. length, .. header, .. numbers];
    }

    /// <summary>What a header says about one tensor.</summary>
    public static string Entry(string name, string type, string shape, long begin, long end) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        "{{name}}":{"dtype":"{{type}}","shape":[{{shape}}],"data_offsets":[{{begin}},{{end}}]}
        """);
}
