using System.Buffers.Binary;
using System.Text;

namespace GgufConcepts.Fuzz.Mutation;

/// <summary>Changes of bytes that know nothing of the form: AFL's.</summary>
/// <param name="words">Texts to put in.</param>
internal sealed class ByteMutation(IReadOnlyList<string> words) : IMutation
{
    private const int MostRepeats = 4096;
    private readonly byte[][] _words = [.. words.Select(Encoding.UTF8.GetBytes)];

    /// <inheritdoc/>
    public byte[] Change(byte[] input, MutationSource source)
    {
        Random random = source.Random;
        int at = random.Next(input.Length + 1);
        return random.Next(14) switch
        {
            0 or 10 => With(input, at, bytes => bytes[0] ^= (byte)(1 << random.Next(8))),
            1 or 11 => With(input, at, bytes => bytes[0] = (byte)random.Next(256)),
            2 or 12 => With(input, at, bytes => bytes[0] += (byte)random.Next(-35, 36)),
            3 or 13 => With(input, at, bytes => WriteNumber(bytes, random.Next(4), source.Number())),
            4 => Replace(input, source.Part(input), []),
            5 => Replace(input, at..at, input.AsSpan(source.Part(input))),
            6 => Replace(input, source.Part(input), input.AsSpan(source.Part(input))),
            7 when _words.Length > 0 => Replace(
                input, random.Next(2) == 0 ? at..at : source.Part(input), source.Pick(_words)),
            8 when source.Corpus.Pick() is var other => Replace(input, source.Part(input), other.AsSpan(source.Part(other))),
            _ => Replace(input, at..at, Repeated(input.AsSpan(source.Part(input)), 1 << random.Next(8))),
        };
    }

    byte[]? IMutation.Change(byte[] input, MutationSource source) => Change(input, source);

    /// <summary>Puts bytes in the place of a part.</summary>
    public static byte[] Replace(byte[] input, Range part, ReadOnlySpan<byte> bytes) =>
        [.. input.AsSpan()[..part.Start.Value], .. bytes, .. input.AsSpan()[part.End.Value..]];

    /// <summary>Writes a number of 1, 2, 4 or 8 bytes, little-endian, as far as there is room.</summary>
    /// <param name="bytes">Receives it.</param>
    /// <param name="size">Binary logarithm of how many.</param>
    /// <param name="value">The number.</param>
    public static void WriteNumber(Span<byte> bytes, int size, ulong value)
    {
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(number, value);
        number[..Math.Min(1 << size, bytes.Length)].CopyTo(bytes);
    }

    private static byte[] With(byte[] input, int at, ByteChange change)
    {
        if (at == input.Length)
        {
            return [.. input, 0];
        }

        byte[] changed = [.. input];
        change(changed.AsSpan(at));
        return changed;
    }

    private static byte[] Repeated(ReadOnlySpan<byte> part, int times)
    {
        byte[] all = new byte[part.Length * Math.Clamp(MostRepeats / Math.Max(1, part.Length), 1, times)];
        for (int at = 0; at < all.Length; at += part.Length)
        {
            part.CopyTo(all.AsSpan(at));
        }

        return all;
    }

    private delegate void ByteChange(Span<byte> bytes);
}
