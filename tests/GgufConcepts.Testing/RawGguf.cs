using System.Text;
using GgufConcepts.Gguf;

namespace GgufConcepts.Testing;

/// <summary>Puts a file together byte by byte, so that every byte can be wrong.</summary>
public sealed class RawGguf
{
    private readonly MemoryStream _bytes = new();

    private RawGguf(string magic, uint version, ulong tensors, ulong settings)
    {
        _bytes.Write(Encoding.ASCII.GetBytes(magic));
        Write(version);
        Write(tensors);
        Write(settings);
    }

    /// <summary>Begins a file that claims to hold so many tensors and settings.</summary>
    public static RawGguf Head(ulong tensors = 0, ulong settings = 0, uint version = 3, string magic = "GGUF") =>
        new(magic, version, tensors, settings);

    /// <summary>A file of one F32 tensor.</summary>
    public static RawGguf OneTensor(params ulong[] dimensions) => Head(tensors: 1).Tensor("w", dimensions);

    public RawGguf Write(uint value) => Write(BitConverter.GetBytes(value));

    public RawGguf Write(ulong value) => Write(BitConverter.GetBytes(value));

    public RawGguf Write(byte[] bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    public RawGguf Text(string text) => Text(Encoding.UTF8.GetBytes(text));

    public RawGguf Text(byte[] utf8) => Write((ulong)utf8.Length).Write(utf8);

    public RawGguf Setting(string key, uint value) => Text(key).Write((uint)GgufValueType.UInt32).Write(value);

    public RawGguf Array(string key, GgufValueType type, ulong count) =>
        Text(key).Write((uint)GgufValueType.Array).Write((uint)type).Write(count);

    /// <summary>What is written, alone.</summary>
    public static byte[] Part(Action<RawGguf> write)
    {
        RawGguf head = Head();
        int start = (int)head._bytes.Length;
        write(head);
        return head.ToArray()[start..];
    }

    public RawGguf Tensor(string name, ulong[] dimensions, uint type = 0, ulong offset = 0)
    {
        Text(name).Write((uint)dimensions.Length);
        foreach (ulong dimension in dimensions)
        {
            Write(dimension);
        }

        return Write(type).Write(offset);
    }

    /// <summary>Zeros to the next multiple of the alignment, then as many as asked for.</summary>
    public RawGguf Numbers(int bytes, int alignment = 32) =>
        Write(new byte[(alignment - _bytes.Length % alignment) % alignment + bytes]);

    public byte[] ToArray() => _bytes.ToArray();
}
