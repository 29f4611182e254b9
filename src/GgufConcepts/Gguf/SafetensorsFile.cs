using System.Buffers.Binary;
using System.Text.Json;

namespace GgufConcepts.Gguf;

/// <summary>A file of weights in the safetensors format, checked when it is opened. Any thread may read.</summary>
/// <remarks>The format: github.com/huggingface/safetensors. A header of JSON names each tensor, its type, shape and
/// place; the numbers follow, without gaps. Only F32 and F16 are read.</remarks>
public sealed class SafetensorsFile : IDisposable
{
    private const int LengthBytes = sizeof(ulong);
    private const int MaxHeaderBytes = 100_000_000; // the format's own limit
    private const int MaxTensors = 64 << 10;       // our own
    private readonly MappedFile _file;
    private readonly Dictionary<string, SafetensorsTensor> _tensors = new(StringComparer.Ordinal);

    private SafetensorsFile(MappedFile file) => _file = file;

    /// <summary>The path as it was given.</summary>
    public string Path => _file.Path;

    /// <summary>What is in it, by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors => _tensors;

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="GgufException">It is missing, damaged, or holds what this program does not read.</exception>
    public static SafetensorsFile Open(string path)
    {
        SafetensorsFile file = new(MappedFile.Open(path));
        try
        {
            file.ReadHeader();
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Copies numbers of a tensor, as floats.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>.</param>
    /// <param name="first">Index of the first number, counted over the whole tensor.</param>
    /// <param name="destination">Receives the numbers.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not all of them are in the tensor.</exception>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public void CopyNumbers(SafetensorsTensor tensor, long first, Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            destination.Length, tensor.ElementCount - first, nameof(destination));
        using MappedFile.Lease bytes = _file.Borrow();
        int size = tensor.IsHalf ? 2 : sizeof(float);
        ReadOnlySpan<byte> stored = bytes.Slice(
            tensor.Offset + first * size, checked(destination.Length * size));
        for (int i = 0; i < destination.Length; i++) // nothing promises that numbers are aligned
        {
            destination[i] = tensor.IsHalf
                ? (float)BinaryPrimitives.ReadHalfLittleEndian(stored[(i * 2)..])
                : BinaryPrimitives.ReadSingleLittleEndian(stored[(i * sizeof(float))..]);
        }
    }

    /// <summary>Closes the file; reading from it throws afterwards.</summary>
    public void Dispose() => _file.Dispose();

    private void ReadHeader()
    {
        using MappedFile.Lease bytes = _file.Borrow();
        if (_file.Length < LengthBytes)
        {
            throw Problem($"has {_file.Length} bytes; even an empty file of this format has more");
        }

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(bytes.Slice(0, LengthBytes));
        if (length > (ulong)Math.Min(MaxHeaderBytes, _file.Length - LengthBytes))
        {
            throw Problem($"claims a header of {length} bytes, and {_file.Length - LengthBytes} follow");
        }

        try
        {
            JsonDocumentOptions strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };
            using JsonDocument header = JsonDocument.Parse(bytes.Slice(LengthBytes, (int)length).ToArray(), strict);
            if (header.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw Problem($"has a header that is {header.RootElement.ValueKind}, not an object");
            }

            foreach (JsonProperty entry in header.RootElement.EnumerateObject())
            {
                if (entry.Name != "__metadata__")
                {
                    ReadTensor(entry, LengthBytes + (long)length);
                }
            }
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException) // the latter: no UTF-8
        {
            throw Problem($"has a header that is no JSON: {problem.Message.ReplaceLineEndings(" ")}", problem);
        }

        CheckPlaces(LengthBytes + (long)length);
    }

    private void ReadTensor(JsonProperty entry, long origin)
    {
        if (_tensors.Count == MaxTensors)
        {
            throw Problem($"names more than {MaxTensors} tensors");
        }

        if (entry.Value.ValueKind != JsonValueKind.Object
            || !entry.Value.TryGetProperty("dtype", out JsonElement type) || type.ValueKind != JsonValueKind.String
            || !entry.Value.TryGetProperty("shape", out JsonElement shape)
            || !entry.Value.TryGetProperty("data_offsets", out JsonElement place)
            || Numbers(shape) is not { } dimensions || Numbers(place) is not [long begin, long end])
        {
            throw Problem($"describes {entry.Name} without a dtype, a shape and two data_offsets");
        }

        int size = type.GetString() switch
        {
            "F32" => sizeof(float),
            "F16" => 2,
            string other => throw Problem($"stores {entry.Name} as {other}; only F32 and F16 are read"),
            null => throw new InvalidOperationException(), // checked above
        };
        if (dimensions.Length is 0 or > GgufHead.MaxDimensions || dimensions.Contains(0))
        {
            throw Problem($"gives {entry.Name} the shape [{string.Join(", ", dimensions)}]; 1 to 4 sizes, each from 1, are read");
        }

        UInt128 elements = 1;
        foreach (long dimension in dimensions)
        {
            elements *= (ulong)dimension; // both below 2^63
            if (elements > long.MaxValue)
            {
                throw Problem($"gives {entry.Name} a shape that overflows at {dimension}");
            }
        }

        if (end < begin || (UInt128)(end - begin) != elements * (uint)size)
        {
            throw Problem($"gives {entry.Name} the bytes {begin} to {end}; its type and shape need {elements * (uint)size}");
        }

        if (end > _file.Length - origin)
        {
            throw Problem($"places {entry.Name} up to byte {end} of {_file.Length - origin}");
        }

        SafetensorsTensor tensor = new(entry.Name, dimensions, (long)elements, size == 2, origin + begin, end - begin);
        _tensors.Add(entry.Name, tensor); // the parser refuses names given twice
    }

    /// <summary>The format allows no gaps and no overlaps, so each tensor begins where another ends.</summary>
    private void CheckPlaces(long origin)
    {
        long end = origin;
        foreach (SafetensorsTensor tensor in _tensors.Values.OrderBy(tensor => tensor.Offset))
        {
            if (tensor.Offset != end)
            {
                throw Problem($"places {tensor.Name} at byte {tensor.Offset} of the file, and the one before ends at {end}");
            }

            end += tensor.ByteLength;
        }

        if (end != _file.Length)
        {
            throw Problem($"has {_file.Length} bytes, and the last tensor ends at {end}");
        }
    }

    /// <summary>A list of whole numbers, none negative; null if it is anything else.</summary>
    private static long[]? Numbers(JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        List<long> numbers = [];
        foreach (JsonElement item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out long number) || number < 0)
            {
                return null;
            }

            numbers.Add(number);
        }

        return [.. numbers];
    }

    private GgufException Problem(string what, Exception? cause = null) =>
        new($"{Path}: {what}; the file is damaged or not of the safetensors format: write it again.", cause);
}

/// <summary>A tensor of a <see cref="SafetensorsFile"/>.</summary>
public sealed class SafetensorsTensor
{
    internal SafetensorsTensor(string name, long[] shape, long elementCount, bool isHalf, long offset, long byteLength)
    {
        Name = name;
        Shape = shape;
        ElementCount = elementCount;
        IsHalf = isHalf;
        Offset = offset;
        ByteLength = byteLength;
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The shape in PyTorch's order, slowest first: the reverse of ggml's.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>How many numbers it holds.</summary>
    public long ElementCount { get; }

    /// <summary>Whether it is stored as F16; else as F32.</summary>
    public bool IsHalf { get; }

    /// <summary>Where it begins, in bytes from the beginning of the file.</summary>
    internal long Offset { get; }

    /// <summary>How many bytes it takes.</summary>
    internal long ByteLength { get; }
}
