namespace GgufConcepts;

/// <summary>Files that are there whole or not at all.</summary>
/// <remarks>A link stays a link: the file it leads to is written. A pipe or a device cannot be put in place by a
/// rename, which would remove it from the system; it is written to, and so is an empty file, which has nothing to
/// lose.</remarks>
internal sealed class AtomicFile : IDisposable
{
    private const int BufferSize = 1 << 16;

    private readonly string? _inPlace; // written to when all is there, instead of the rename
    private readonly string? _target;
    private readonly string _temporary;
    private readonly FileStream _stream;

    /// <summary>Begins a file that grows under a temporary name: beside the target, or where nothing can be renamed in
    /// the folder for temporary files.</summary>
    /// <param name="path">Where it goes at the end; null for a file that only this object knows.</param>
    public AtomicFile(string? path)
    {
        _target = path is null ? null : Rename(path);
        _inPlace = _target is null ? path : null;
        _temporary = $"{_target ?? Path.Combine(Path.GetTempPath(), "ggufconcepts")}.{Guid.NewGuid():N}.tmp";
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.Read, BufferSize = BufferSize,
        };
        if (_target is null && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; // that folder is everybody's
        }

        _stream = new FileStream(_temporary, options);
    }

    /// <summary>What is written so far; closed by <see cref="Commit"/> where the file is renamed.</summary>
    public Stream Content => _stream;

    /// <summary>Writes a file at once; on failure the target is as it was.</summary>
    public static void Write(string path, Action<Stream> write) => FileTooLong.Guard(() =>
    {
        if (Rename(path) is null)
        {
            WriteInPlace(path, write);
            return;
        }

        using AtomicFile file = new(path);
        write(file.Content);
        file.Commit();
    });

    /// <summary>Puts the whole file in its place.</summary>
    public void Commit()
    {
        if (_target is not null)
        {
            _stream.Flush(flushToDisk: true);
            _stream.Dispose();
            File.Move(_temporary, _target, overwrite: true);
        }
        else if (_inPlace is not null)
        {
            WriteInPlace(_inPlace, target => Rewound().CopyTo(target));
        }
    }

    /// <summary>Reads what was committed.</summary>
    public void Read(Action<Stream> read)
    {
        if (_target is null)
        {
            read(Rewound());
            return;
        }

        using FileStream stream = File.OpenRead(_target);
        read(stream);
    }

    /// <summary>Closes the file; what was not committed is gone.</summary>
    public void Dispose()
    {
        try
        {
            try
            {
                _stream.Dispose(); // writes what its buffer holds, which may fail
            }
            finally
            {
                File.Delete(_temporary);
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            // the first problem is the one to report
        }
    }

    private FileStream Rewound()
    {
        _stream.Position = 0; // writes what its buffer holds
        return _stream;
    }

    /// <summary>The name to rename to; null where the file is written to in place.</summary>
    private static string? Rename(string path)
    {
        FileInfo target = new(path);
        if (target.LinkTarget is not null && target.ResolveLinkTarget(returnFinalTarget: true) is FileInfo linked)
        {
            target = linked; // what /dev/stdout leads to may have no name at all
        }

        return File.Exists(path) && (!target.Exists || target.Length == 0) ? null : target.FullName;
    }

    private static void WriteInPlace(string path, Action<Stream> write)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, BufferSize);
        try
        {
            write(stream);
            stream.Flush();
        }
        catch when (stream.CanSeek)
        {
            stream.SetLength(0);
            throw;
        }
    }
}
