using System.Buffers.Binary;
using System.Text;
using GgufConcepts.Gguf;

namespace GgufConcepts.Fuzz.Mutation;

/// <summary>Changes of GGUF files that leave the rest of the head in step: a number, a type, a length, a whole
/// setting or tensor.</summary>
/// <param name="keys">Keys that readers look for.</param>
/// <param name="texts">Texts that they know.</param>
internal sealed class GgufMutation(IReadOnlyList<string> keys, IReadOnlyList<string> texts) : IMutation
{
    private const int TensorsAt = 8, SettingsAt = 16; // bytes at which the counts stand

    /// <inheritdoc/>
    public byte[]? Change(byte[] input, MutationSource source)
    {
        if (GgufParts.Find(input) is not { Numbers.Count: > 0 } parts)
        {
            return null;
        }

        Random random = source.Random;
        return random.Next(8) switch
        {
            0 when parts.Settings.Count > 0 => Count(ByteMutation.Replace(input, source.Pick(parts.Settings), []), SettingsAt, -1),
            1 when parts.Tensors.Count > 0 => Count(ByteMutation.Replace(input, source.Pick(parts.Tensors), []), TensorsAt, -1),
            2 or 3 => Count(ByteMutation.Replace(input, parts.FirstSetting..parts.FirstSetting, Setting(source)), SettingsAt, 1),
            4 when parts.Settings.Count > 0 && source.Pick(parts.Settings) is var setting =>
                Count(ByteMutation.Replace(ByteMutation.Replace(input, setting, []), parts.FirstSetting..parts.FirstSetting, Setting(source)), SettingsAt, 0),
            5 when parts.Tensors.Count > 0 && source.Pick(parts.Tensors) is var tensor =>
                Count(ByteMutation.Replace(input, tensor.End.Value..tensor.End.Value, input.AsSpan(tensor)), TensorsAt, 1),
            _ => Number(input, source.Pick(parts.Numbers), source),
        };
    }

    private static byte[] Number(byte[] input, (int At, int Size) place, MutationSource source)
    {
        byte[] changed = [.. input];
        Span<byte> number = changed.AsSpan(place.At, 1 << place.Size);
        ulong near = number[0] + (ulong)source.Random.Next(-3, 4); // types and ranks are small
        ByteMutation.WriteNumber(number, place.Size, source.Random.Next(2) == 0 ? source.Number() : near);
        return changed;
    }

    /// <summary>A setting of a known key and any type; texts and numbers of some sense.</summary>
    private byte[] Setting(MutationSource source)
    {
        Random random = source.Random;
        MemoryStream bytes = new();
        using BinaryWriter writer = new(bytes);
        Text(source.Pick(keys));
        GgufValueType type = (GgufValueType)random.Next((int)GgufValueType.Float64 + 1);
        writer.Write((uint)type);
        int count = 1;
        if (type == GgufValueType.Array)
        {
            type = (GgufValueType)random.Next((int)GgufValueType.Float64 + 1);
            count = 1 << random.Next(5);
            writer.Write((uint)type);
            writer.Write((ulong)count);
        }

        for (int i = 0; i < count; i++)
        {
            if (type == GgufValueType.String)
            {
                Text(source.Pick(texts));
            }
            else
            {
                byte[] value = type is GgufValueType.Float32 ? BitConverter.GetBytes((float)Fraction(source))
                    : type is GgufValueType.Float64 ? BitConverter.GetBytes(Fraction(source))
                    : BitConverter.GetBytes(source.Number());
                writer.Write(value.AsSpan(0, type == GgufValueType.Array ? sizeof(ulong) : type.Size()));
            }
        }

        return bytes.ToArray();

        void Text(string text)
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(text);
            writer.Write((ulong)utf8.Length);
            writer.Write(utf8);
        }
    }

    private static double Fraction(MutationSource source) =>
        source.Pick([0, -0.0, 1, -1, 1e-5, 0.5, 10_000, double.NaN, double.PositiveInfinity, double.Epsilon, 1e30]);

    private static byte[] Count(byte[] file, int at, int change)
    {
        Span<byte> count = file.AsSpan(at);
        BinaryPrimitives.WriteUInt64LittleEndian(count, BinaryPrimitives.ReadUInt64LittleEndian(count) + (ulong)change);
        return file;
    }
}
