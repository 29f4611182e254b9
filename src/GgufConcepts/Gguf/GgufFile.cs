namespace GgufConcepts.Gguf;

/// <summary>One GGUF file, checked as a whole when it is opened and mapped, not read, into memory.</summary>
/// <remarks>Any thread. A model in several files is a <see cref="GgufModelFile"/>.</remarks>
public sealed class GgufFile : IDisposable
{
    private readonly MappedFile _mapping;

    private GgufFile(MappedFile mapping, GgufHead head)
    {
        _mapping = mapping;
        Version = head.Version;
        Metadata = head.Metadata;
        Tensors = head.Tensors;
        Alignment = head.Alignment;
    }

    /// <summary>The path as it was given.</summary>
    public string Path => _mapping.Path;

    /// <summary>Bytes in the file.</summary>
    public long Length => _mapping.Length;

    /// <summary>The format's version, 2 or 3.</summary>
    public int Version { get; }

    /// <summary>Tensors begin at multiples of this many bytes.</summary>
    public int Alignment { get; }

    /// <summary>The settings.</summary>
    public GgufMetadata Metadata { get; }

    /// <summary>The tensors, in file order.</summary>
    public IReadOnlyList<GgufTensor> Tensors { get; }

    /// <summary>Opens and checks a file.</summary>
    /// <exception cref="GgufException">It is absent, unreadable, no GGUF file, damaged or cut short.</exception>
    public static GgufFile Open(string path) => Open(path, new HeadRoom());

    /// <summary>Opens a part of a model, for whose parts together there is so much room.</summary>
    internal static GgufFile Open(string path, HeadRoom room)
    {
        MappedFile mapping = MappedFile.Open(path);
        try
        {
            return new GgufFile(mapping, GgufHead.Read(mapping, room));
        }
        catch
        {
            mapping.Dispose();
            throw;
        }
    }

    /// <summary>Closes the file. Reading its values and tensors throws from then on.</summary>
    public void Dispose() => _mapping.Dispose();
}
