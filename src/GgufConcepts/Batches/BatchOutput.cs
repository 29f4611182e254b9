using System.Text.Json;

namespace GgufConcepts.Batches;

/// <summary>A file of results: each added as soon as it is known, each job's once. One caller.</summary>
/// <remarks>A run that was killed may leave half a line at the end; opening the file takes it off. Whoever has it open
/// keeps others from writing to it. Of a result only its place stays in memory.</remarks>
internal sealed class BatchOutput : IDisposable
{
    private readonly string _path;
    private readonly (long Offset, int Length)[] _places; // by job; a length of 0 where there is no result
    private readonly bool _began;
    private FileStream _stream;
    private long _end;

    private BatchOutput(string path, int count)
    {
        _path = path;
        _places = new (long, int)[count];
        _began = !File.Exists(path);
        _stream = GrowingFile.Open(path);
    }

    /// <summary>Results in the file.</summary>
    public int Done { get; private set; }

    /// <summary>Those of them that are errors.</summary>
    public int Failed { get; private set; }

    /// <summary>Opens a file, or begins one.</summary>
    /// <exception cref="ConceptInputException">It cannot be written, is in use, or holds something else.</exception>
    public static BatchOutput Open(string path, BatchInput input, BatchOptions options)
    {
        if (IsSame(path, input.Path))
        {
            throw new ConceptInputException($"{path} is the file of prompts; name another --out.");
        }

        BatchOutput output = new(path, input.Count);
        try
        {
            output.ReadResults(input, options);
            return output;
        }
        catch
        {
            output.Dispose();
            throw;
        }
    }

    /// <summary>Whether the result of a job is there.</summary>
    public bool Has(int index) => _places[index].Length > 0;

    /// <summary>Adds a result.</summary>
    public void Add(BatchResult result)
    {
        FileTooLong.Guard(() => _stream.Write([.. result.Line.Span, (byte)'\n'])); // one write, unbuffered: the system has it
        Place(result.Index, _end, result.Line.Length + 1, result.HasFailed);
        _end += result.Line.Length + 1;
    }

    /// <summary>Puts the results in the order of their jobs, in the whole file or not at all.</summary>
    public void Sort()
    {
        (long Offset, int Length)[] there = [.. _places.Where(place => place.Length > 0)];
        if (there.Zip(there.Skip(1)).Any(pair => pair.First.Offset > pair.Second.Offset))
        {
            Rewrite(there);
        }
    }

    public void Dispose()
    {
        bool leaves = _began && _stream.CanSeek && _stream.Length == 0;
        _stream.Dispose();
        if (leaves)
        {
            File.Delete(_path); // nothing came of it
        }
    }

    private static bool IsSame(string path, string other)
    {
        try
        {
            return Real(path) == Real(other);
        }
        catch (ArgumentException)
        {
            return false; // it is no path, as opening it says
        }
    }

    private static string Real(string path) =>
        new FileInfo(path) is { LinkTarget: not null } link && link.ResolveLinkTarget(returnFinalTarget: true) is { } target
            ? target.FullName
            : Path.GetFullPath(path);

    private void ReadResults(BatchInput input, BatchOptions options)
    {
        JsonLines lines = new(_stream);
        bool drops = false;
        while (lines.Read())
        {
            if (ReadHead(lines) is not { } head)
            {
                _stream.SetLength(lines.Offset); // half a line at the end
                break;
            }

            bool changed = head.Index >= input.Count || input.KeyOf(head.Index) != head.Key;
            if (changed && !options.RedoChanged)
            {
                throw Changed(lines.Number, head.Index, input);
            }

            bool drop = changed || Has(head.Index) || (head.HasFailed && options.RetryFailed);
            drops |= drop;
            if (!drop)
            {
                Place(head.Index, lines.Offset, lines.Line.Length + 1, head.HasFailed);
            }

            if (!lines.IsWhole) // all but its line break was written
            {
                _stream.Seek(0, SeekOrigin.End);
                _stream.Write("\n"u8);
                break;
            }
        }

        if (drops)
        {
            Rewrite([.. _places.Where(place => place.Length > 0).OrderBy(place => place.Offset)]);
        }

        _end = _stream.Seek(0, SeekOrigin.End);
    }

    private ResultHead? ReadHead(JsonLines lines)
    {
        try
        {
            return ResultLine.ReadHead(lines.Line.Span);
        }
        catch (Exception) when (!lines.IsWhole && lines.Number > 1)
        {
            return null;
        }
        catch (JsonException) when (!lines.IsWhole && "{\"index\":"u8.StartsWith(lines.Line.Span[..Math.Min(9, lines.Line.Length)]))
        {
            return null; // the first line of a run that was killed at once
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            throw new ConceptInputException(
                lines.Number == 1
                    ? $"{_path} is there and holds no results of a batch; name another --out, or remove it."
                    : $"{_path} line {lines.Number} is no result of a batch; restore it, or name another --out.", problem);
        }
    }

    private ConceptInputException Changed(int line, int index, BatchInput input) => new(
        index >= input.Count
            ? $"{_path} line {line} holds result {index}, and {input.Path} has no more than {input.Count} prompts: they have changed. " +
                "Name another --out, or drop such results with --redo-changed."
            : $"{_path} line {line} holds a result of another prompt, model or setting than {input.Path} line {input.LineOf(index)} " +
                "has now. Run as before, name another --out, or do what has changed again with --redo-changed.");

    private void Place(int index, long offset, int length, bool failed)
    {
        _places[index] = (offset, length);
        Done++;
        Failed += failed ? 1 : 0;
    }

    /// <summary>Makes the file of these lines.</summary>
    private void Rewrite((long Offset, int Length)[] lines)
    {
        _stream.Dispose(); // on Windows no open file can be replaced
        byte[] line = [];
        using (FileStream source = new(_path, FileMode.Open, FileAccess.Read, FileShare.Read))
        {
            using AtomicFile file = new(_path);
            foreach ((long offset, int length) in lines)
            {
                line = line.Length < length ? new byte[length] : line;
                source.Seek(offset, SeekOrigin.Begin);
                source.ReadExactly(line, 0, length);
                file.Content.Write(line, 0, length);
            }

            source.Dispose();
            file.Commit();
        }

        Dictionary<long, long> moved = [];
        long end = 0;
        foreach ((long offset, int length) in lines)
        {
            moved.Add(offset, end);
            end += length;
        }

        for (int i = 0; i < _places.Length; i++)
        {
            if (_places[i].Length > 0)
            {
                _places[i].Offset = moved[_places[i].Offset];
            }
        }

        _stream = GrowingFile.Open(_path);
        _end = _stream.Seek(0, SeekOrigin.End);
    }
}
