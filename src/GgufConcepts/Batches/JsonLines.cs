namespace GgufConcepts.Batches;

/// <summary>Reads a file line by line, as bytes; memory grows with the longest line alone. One caller.</summary>
/// <param name="stream">From its position on.</param>
internal sealed class JsonLines(Stream stream)
{
    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;

    /// <summary>Where the line last read begins in the stream, if that was read from its beginning.</summary>
    public long Offset { get; private set; }

    /// <summary>Where the next one begins.</summary>
    public long Next { get; private set; }

    /// <summary>Number of the line last read, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>Whether a line break ended it.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>The line last read, without its break; good until the next is read.</summary>
    public ReadOnlyMemory<byte> Line { get; private set; }

    /// <summary>Reads on; false at the end.</summary>
    public bool Read()
    {
        int length = 0; // searched without finding a break
        while (true)
        {
            int found = _buffer.AsSpan(_start + length, _end - _start - length).IndexOf((byte)'\n');
            if (found >= 0)
            {
                Take(length + found, whole: true);
                return true;
            }

            length = _end - _start;
            if (!Fill())
            {
                if (length > 0)
                {
                    Take(length, whole: false);
                }

                return length > 0;
            }
        }
    }

    private void Take(int length, bool whole)
    {
        Line = _buffer.AsMemory(_start, length);
        int taken = length + (whole ? 1 : 0);
        (Offset, Next, IsWhole) = (Next, Next + taken, whole);
        _start += taken;
        Number++;
    }

    private bool Fill()
    {
        if (_end == _buffer.Length)
        {
            byte[] target = _end - _start > _buffer.Length / 2 ? new byte[checked(_buffer.Length * 2)] : _buffer;
            _buffer.AsSpan(_start, _end - _start).CopyTo(target);
            (_buffer, _start, _end) = (target, 0, _end - _start);
        }

        int count = stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += count;
        return count > 0;
    }
}
