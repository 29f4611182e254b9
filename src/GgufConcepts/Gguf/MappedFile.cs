using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace GgufConcepts.Gguf;

/// <summary>A file mapped into memory, read only. Any thread may read; once disposed, reading throws.</summary>
/// <remarks>The only place in Gguf that makes a pointer. Pages are shared with whoever else maps the file.</remarks>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly SafeMemoryMappedViewHandle _view;

    private MappedFile(string path, FileStream stream)
    {
        Path = path;
        Length = stream.Length;
        _file = MemoryMappedFile.CreateFromFile(
            stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        try
        {
            MemoryMappedViewAccessor accessor = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            _view = accessor.SafeMemoryMappedViewHandle; // owns the mapping; the accessor only wraps it
        }
        catch
        {
            _file.Dispose(); // there is no room for so many addresses
            throw;
        }
    }

    /// <summary>The path as it was given.</summary>
    public string Path { get; }

    /// <summary>Bytes in the file.</summary>
    public long Length { get; }

    /// <summary>Maps a file.</summary>
    /// <exception cref="GgufException">There is no such file, or it is none that can be mapped.</exception>
    public static MappedFile Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        FileStream? stream = null;
        try
        {
            CheckIsFile(path);
            FileShare share = FileShare.Read | FileShare.Delete;
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, share, bufferSize: 0);
            return stream.Length > 0 ? new MappedFile(path, stream) : throw Empty(path);
        }
        catch (Exception problem) when (problem is not GgufException)
        {
            stream?.Dispose();
            throw problem switch
            {
                FileNotFoundException or DirectoryNotFoundException =>
                    new GgufException($"{path}: no such file; check the path.", problem),
                UnauthorizedAccessException =>
                    new GgufException($"{path}: this user may not read the file; change its permissions.", problem),
                IOException or ArgumentException or NotSupportedException or OutOfMemoryException =>
                    new GgufException($"{path}: cannot be opened: {problem.Message}", problem),
                _ => problem,
            };
        }
    }

    /// <summary>Keeps the mapping alive while its bytes are looked at. Dispose it in the method that took it.</summary>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public Lease Borrow()
    {
        bool held = false;
        _view.DangerousAddRef(ref held); // throws once the view is closed
        return new Lease(_view, Length);
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }

    /// <summary>Asks the file system and does not open: opening a pipe would wait for its writer.</summary>
    private static void CheckIsFile(string path)
    {
        FileInfo file = new(path);
        if (file.LinkTarget is not null)
        {
            file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
        }

        if (Directory.Exists(path))
        {
            throw new GgufException($"{path}: is a folder; name the file in it.");
        }

        bool isUnnamed = file.Name.StartsWith("pipe:[", StringComparison.Ordinal); // where Linux' /dev/stdin leads to
        if (isUnnamed || file.Length == 0) // throws where there is no file; pipes and devices have no length
        {
            throw Empty(path);
        }
    }

    private static GgufException Empty(string path) =>
        new($"{path}: holds no bytes: an empty file, a pipe or a device; download the model to a file and name that.");

    /// <summary>A hold on the mapping.</summary>
    public readonly ref struct Lease
    {
        private readonly SafeMemoryMappedViewHandle _view;
        private readonly long _length;

        internal Lease(SafeMemoryMappedViewHandle view, long length)
        {
            _view = view;
            _length = length;
        }

        /// <summary>Bytes of the file; valid until this lease is disposed.</summary>
        /// <exception cref="ArgumentOutOfRangeException">Not all of them are in the file.</exception>
        public ReadOnlySpan<byte> Slice(long offset, int length)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length);
            return new ReadOnlySpan<byte>(At(offset, length), length);
        }

        /// <summary>Where bytes of the file lie; valid until this lease is disposed.</summary>
        /// <exception cref="ArgumentOutOfRangeException">Not all of them are in the file.</exception>
        public byte* At(long offset, long length)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length);
            ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)offset, (ulong)_length, nameof(offset));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _length - offset);
            return (byte*)_view.DangerousGetHandle() + offset;
        }

        public void Dispose() => _view.DangerousRelease();
    }
}
