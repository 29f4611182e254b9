using GgufConcepts.Gguf;
using GgufConcepts.Native;

namespace GgufConcepts.Testing;

/// <summary>A tensor as it is to stand in a changed file.</summary>
public sealed record StoredTensor(string Name, GgmlType Type, long[] Dimensions, byte[] Bytes)
{
    /// <summary>The same in another type or shape: its bytes again and again, as many as that needs.</summary>
    public StoredTensor As(GgmlType type, params long[] dimensions)
    {
        (int blockLength, int blockBytes) = GgmlTypes.Layout(type);
        long count = dimensions.Aggregate((left, right) => left * right) / blockLength * blockBytes;
        byte[] bytes = new byte[count];
        for (long i = 0; i < count; i++)
        {
            bytes[i] = Bytes[i % Bytes.Length];
        }

        return this with { Type = type, Dimensions = dimensions, Bytes = bytes };
    }

    /// <summary>The same with another first number, of those that are stored as F32.</summary>
    public StoredTensor With(float number)
    {
        byte[] bytes = [.. Bytes];
        BitConverter.TryWriteBytes(bytes, number);
        return this with { Bytes = bytes };
    }
}

/// <summary>Copies of models with other tensors.</summary>
public static class ChangedModel
{
    /// <summary>Writes a copy.</summary>
    /// <param name="from">The model.</param>
    /// <param name="to">Where to.</param>
    /// <param name="change">Says what a tensor becomes; no tensor where it is left out.</param>
    /// <returns>The path of the copy.</returns>
    public static string Write(string from, string to, Func<StoredTensor, IEnumerable<StoredTensor>> change)
    {
        using GgufModelFile model = GgufModelFile.Open(from);
        GgufWriter writer = new();
        foreach (GgufEntry entry in model.Metadata.Entries)
        {
            Copy(writer, entry);
        }

        foreach (StoredTensor tensor in model.Tensors.Select(Read).SelectMany(change))
        {
            writer.AddStoredTensor(tensor.Name, tensor.Type, tensor.Dimensions, tensor.Bytes);
        }

        writer.Write(to);
        return to;
    }

    private static StoredTensor Read(GgufTensor tensor)
    {
        byte[] bytes = new byte[tensor.ByteLength];
        tensor.CopyBytes(0, bytes);
        return new StoredTensor(tensor.Name, tensor.Type, [.. tensor.Dimensions], bytes);
    }

    /// <summary>The types that tiny models have.</summary>
    private static void Copy(GgufWriter writer, GgufEntry entry)
    {
        switch (entry.Type)
        {
            case GgufValueType.String: writer.Add(entry.Key, entry.AsString()); break;
            case GgufValueType.UInt32: writer.Add(entry.Key, entry.AsInteger<uint>()); break;
            case GgufValueType.Float32: writer.Add(entry.Key, (float)entry.AsFloat()); break;
            case GgufValueType.Bool: writer.Add(entry.Key, entry.AsBool()); break;
            case GgufValueType.Array when entry.ElementType == GgufValueType.String:
                writer.AddArray(entry.Key, [.. entry.AsArray().Strings()]);
                break;
            case GgufValueType.Array when entry.ElementType == GgufValueType.Int32:
                writer.AddArray<int>(entry.Key, entry.AsArray().ToIntegers<int>());
                break;
            default: throw new ArgumentException($"No way to copy {entry}.");
        }
    }
}
