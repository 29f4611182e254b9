using System.Runtime.InteropServices;
using System.Text;
using GgufConcepts.Native;

namespace GgufConcepts.Gguf;

/// <summary>Puts together a GGUF file, version 3: add settings and tensors, then <see cref="Write"/>.</summary>
/// <remarks>One caller at a time. Tensors are filled while the file is written, so it may exceed memory.</remarks>
public sealed class GgufWriter
{
    private readonly List<Setting> _settings = [];
    private readonly List<GgufTensorSource> _tensors = [];
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private int _alignment = GgufHead.DefaultAlignment;

    /// <summary>Bytes of settings and tensors: nearly the whole file.</summary>
    internal long ByteLength =>
        _settings.Sum(setting => (long)setting.Value.Length) + _tensors.Sum(tensor => tensor.ByteLength);

    /// <summary>Adds a number or a truth value.</summary>
    /// <exception cref="ArgumentException">The key is taken, or GGUF has no such type.</exception>
    public void Add<T>(string key, T value)
        where T : unmanaged
    {
        GgufValueType type = TypeOf<T>();
        if (key == "general.alignment")
        {
            uint alignment = value is uint number ? number : 0;
            _alignment = uint.IsPow2(alignment) && alignment >= GgufHead.DefaultAlignment
                ? (int)alignment
                : throw new ArgumentException(
                    $"The alignment is {value}; use a uint, a power of two from 32.", nameof(value));
        }

        AddSetting(key, type, null, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).ToArray());
    }

    /// <summary>Adds a text.</summary>
    /// <exception cref="ArgumentException">The key is taken.</exception>
    public void Add(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        AddSetting(key, GgufValueType.String, null, Bytes(value));
    }

    /// <summary>Adds an array of numbers or truth values.</summary>
    /// <exception cref="ArgumentException">The key is taken, or GGUF has no such type.</exception>
    public void AddArray<T>(string key, ReadOnlySpan<T> values)
        where T : unmanaged =>
        AddSetting(key, TypeOf<T>(), values.Length, MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>Adds an array of texts.</summary>
    /// <exception cref="ArgumentException">The key is taken.</exception>
    public void AddArray(string key, IReadOnlyCollection<string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Contains(null!))
        {
            throw new ArgumentException("One of the texts is null.", nameof(values));
        }

        AddSetting(key, GgufValueType.String, values.Count, [.. values.SelectMany(Bytes)]);
    }

    /// <summary>Adds a tensor whose numbers are in memory.</summary>
    /// <param name="name">At most 63 bytes.</param>
    /// <param name="type">How to store them.</param>
    /// <param name="dimensions">The shape in ggml's order, fastest first.</param>
    /// <param name="values">The numbers, rows one after another; read when the file is written.</param>
    /// <exception cref="ArgumentException">The name is taken or too long, or the sizes disagree.</exception>
    public void AddTensor(string name, GgmlType type, ReadOnlySpan<long> dimensions, ReadOnlyMemory<float> values)
    {
        GgufTensorSource tensor = GgufTensorSource.OfRows(
            name, type, dimensions, (first, rows) => values.Span.Slice((int)first, rows.Length).CopyTo(rows));
        AddTensor(tensor, values.Length, tensor.ElementCount, "numbers", nameof(values));
    }

    /// <summary>Adds a tensor whose numbers are made while the file is written.</summary>
    /// <param name="name">At most 63 bytes.</param>
    /// <param name="type">How to store them.</param>
    /// <param name="dimensions">The shape in ggml's order, fastest first.</param>
    /// <param name="fill">Fills whole rows, given the index of the first number and where to put them.</param>
    /// <exception cref="ArgumentException">The name is taken or too long, or shape and type disagree.</exception>
    public void AddTensor(string name, GgmlType type, ReadOnlySpan<long> dimensions, GgufFill fill)
    {
        ArgumentNullException.ThrowIfNull(fill);
        AddTensor(GgufTensorSource.OfRows(name, type, dimensions, fill), 0, 0, "numbers", nameof(fill));
    }

    /// <summary>Adds a tensor as it is stored, for types that cannot be made from floats.</summary>
    /// <exception cref="ArgumentException">The name is taken or too long, or the sizes disagree.</exception>
    public void AddStoredTensor(string name, GgmlType type, ReadOnlySpan<long> dimensions, ReadOnlyMemory<byte> bytes)
    {
        GgufTensorSource tensor = GgufTensorSource.OfBytes(name, type, dimensions, bytes);
        AddTensor(tensor, bytes.Length, tensor.ByteLength, "bytes", nameof(bytes));
    }

    /// <summary>Adds a tensor whose stored bytes are made while the file is written.</summary>
    /// <exception cref="ArgumentException">The name is taken or too long, or shape and type disagree.</exception>
    internal void AddStoredTensor(string name, GgmlType type, ReadOnlySpan<long> dimensions, GgufStoredFill fill) =>
        AddTensor(GgufTensorSource.OfStoredRows(name, type, dimensions, fill), 0, 0, "bytes", nameof(fill));

    /// <summary>Writes the file under a temporary name beside its place, then renames it: never half a file.</summary>
    /// <param name="path">Where; a file of that name is replaced.</param>
    /// <param name="cancellation">Stops between two chunks.</param>
    /// <exception cref="GgufException">It cannot be written there.</exception>
    public void Write(string path, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        DiskRoom.Require(path, ByteLength);
        try
        {
            AtomicFile.Write(path, file =>
            {
                WriteHead(file);
                foreach (GgufTensorSource tensor in _tensors)
                {
                    Pad(file, _alignment);
                    tensor.Write(file, cancellation);
                }

                Pad(file, _alignment);
            });
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new GgufException($"{path}: cannot be written: {problem.Message}", problem);
        }
    }

    private static GgufValueType TypeOf<T>() => Type.GetTypeCode(typeof(T)) switch
    {
        _ when typeof(T).IsEnum => throw new ArgumentException($"GGUF holds no {typeof(T).Name}; use a number."),
        TypeCode.Byte => GgufValueType.UInt8,
        TypeCode.SByte => GgufValueType.Int8,
        TypeCode.UInt16 => GgufValueType.UInt16,
        TypeCode.Int16 => GgufValueType.Int16,
        TypeCode.UInt32 => GgufValueType.UInt32,
        TypeCode.Int32 => GgufValueType.Int32,
        TypeCode.UInt64 => GgufValueType.UInt64,
        TypeCode.Int64 => GgufValueType.Int64,
        TypeCode.Single => GgufValueType.Float32,
        TypeCode.Double => GgufValueType.Float64,
        TypeCode.Boolean => GgufValueType.Bool,
        _ => throw new ArgumentException($"GGUF holds no {typeof(T).Name}; use a number, bool or string."),
    };

    private static byte[] Bytes(string text)
    {
        byte[] bytes = new byte[sizeof(ulong) + Encoding.UTF8.GetByteCount(text)];
        BitConverter.TryWriteBytes(bytes, (ulong)(bytes.Length - sizeof(ulong)));
        Encoding.UTF8.GetBytes(text, bytes.AsSpan(sizeof(ulong)));
        return bytes;
    }

    private static void Pad(Stream file, int alignment) =>
        file.Write(new byte[(alignment - file.Position % alignment) % alignment]);

    private void AddSetting(string key, GgufValueType type, int? count, byte[] value)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (!_keys.Add(key))
        {
            throw new ArgumentException($"There is a setting {key} already.", nameof(key));
        }

        _settings.Add(new Setting(key, type, count, value));
    }

    private void AddTensor(GgufTensorSource tensor, long given, long expected, string unit, string parameter)
    {
        if (given != expected)
        {
            throw new ArgumentException($"{tensor.Name} got {given} {unit}; its shape and type need {expected}.", parameter);
        }

        if (!_names.Add(tensor.Name))
        {
            throw Taken(tensor.Name);
        }

        _tensors.Add(tensor);
    }

    private static ArgumentException Taken(string name) => new($"There is a tensor {name} already.", nameof(name));

    private void WriteHead(Stream file)
    {
        using BinaryWriter writer = new(file, Encoding.UTF8, leaveOpen: true);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write((ulong)_tensors.Count);
        writer.Write((ulong)_settings.Count);
        foreach (Setting setting in _settings)
        {
            writer.Write(Bytes(setting.Key));
            if (setting.Count is { } count)
            {
                writer.Write((uint)GgufValueType.Array);
                writer.Write((uint)setting.Type);
                writer.Write((ulong)count);
            }
            else
            {
                writer.Write((uint)setting.Type);
            }

            writer.Write(setting.Value);
        }

        long offset = 0;
        foreach (GgufTensorSource tensor in _tensors)
        {
            writer.Write(Bytes(tensor.Name));
            writer.Write((uint)tensor.Dimensions.Length);
            writer.Write(MemoryMarshal.AsBytes<long>(tensor.Dimensions));
            writer.Write((uint)tensor.Type);
            writer.Write((ulong)offset);
            offset = (offset + tensor.ByteLength + _alignment - 1) / _alignment * _alignment;
        }
    }

    /// <summary>One setting, ready to be written; <c>Count</c> is null where the value is no array.</summary>
    private readonly record struct Setting(string Key, GgufValueType Type, int? Count, byte[] Value);
}
