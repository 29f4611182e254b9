using System.Buffers.Binary;

namespace GgufConcepts.Hosting.Isolation;

/// <summary>Frames on a pipe: their length in bytes, their kind, the request's number, the body.</summary>
/// <remarks>Little-endian. One reads and one writes at a time.</remarks>
internal static class FrameStream
{
    /// <summary>Bytes before a body.</summary>
    public const int HeadBytes = sizeof(int) + 1 + sizeof(int);

    /// <summary>Most bytes of a body: the vectors of the largest request are a quarter of it.</summary>
    public const int MostBytes = 64 << 20;

    private const int MostBefore = 1 << 20;

    /// <summary>What comes before the first frame: its first byte is in it once.</summary>
    private static ReadOnlySpan<byte> Beginning => "\0frames of ggufconcepts\n"u8;

    /// <summary>Begins to write frames.</summary>
    public static void Begin(Stream pipe) => pipe.Write(Beginning);

    /// <summary>Passes over what was printed before the frames begin, by what is loaded before any program's code.</summary>
    /// <exception cref="InvalidDataException">They do not begin.</exception>
    /// <exception cref="IOException">The pipe broke, or ended before.</exception>
    public static void SkipToBeginning(Stream pipe)
    {
        int found = 0;
        for (int skipped = 0; skipped < MostBefore && found < Beginning.Length; skipped++)
        {
            int value = pipe.ReadByte();
            found = value == Beginning[found] ? found + 1
                : value == Beginning[0] ? 1
                : value >= 0 ? 0
                : throw new EndOfStreamException("The pipe ends before its first frame.");
        }

        if (found < Beginning.Length)
        {
            throw new InvalidDataException($"{MostBefore} bytes came, and no frame.");
        }
    }

    /// <summary>Reads the next frame; null where the pipe has ended between two.</summary>
    /// <exception cref="InvalidDataException">What came is no frame.</exception>
    /// <exception cref="IOException">The pipe broke, or ended within one.</exception>
    public static Frame? Read(Stream pipe)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        int count = pipe.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false);
        if (count == 0)
        {
            return null;
        }

        if (count < HeadBytes)
        {
            throw new EndOfStreamException($"A frame ends after {count} bytes; its head has {HeadBytes}.");
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(head);
        FrameKind kind = (FrameKind)head[sizeof(int)];
        int id = BinaryPrimitives.ReadInt32LittleEndian(head[(sizeof(int) + 1)..]);
        if (length is < 0 or > MostBytes || !Enum.IsDefined(kind) || id < 0)
        {
            throw new InvalidDataException($"{Convert.ToHexString(head)} begins no frame.");
        }

        byte[] body = new byte[length];
        return pipe.ReadAtLeast(body, length, throwOnEndOfStream: false) == length
            ? new Frame(kind, id, body)
            : throw new EndOfStreamException($"A frame of {length} bytes ends too soon.");
    }

    /// <summary>Refuses what is too long for a frame.</summary>
    /// <exception cref="ConceptInputException">It is too long.</exception>
    public static void Check(Frame frame)
    {
        if (frame.Body.Length > MostBytes)
        {
            throw new ConceptInputException(
                $"What is to be told to or by the model's process takes {frame.Body.Length} bytes; the most is {MostBytes}. Ask for less at once.");
        }
    }

    /// <summary>Writes a frame.</summary>
    /// <exception cref="ConceptInputException">It is too long.</exception>
    /// <exception cref="IOException">The pipe broke.</exception>
    public static void Write(Stream pipe, Frame frame)
    {
        Check(frame);
        byte[] bytes = new byte[HeadBytes + frame.Body.Length]; // one write: a frame is never there by half
        BinaryPrimitives.WriteInt32LittleEndian(bytes, frame.Body.Length);
        bytes[sizeof(int)] = (byte)frame.Kind;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(sizeof(int) + 1), frame.Id);
        frame.Body.Span.CopyTo(bytes.AsSpan(HeadBytes));
        pipe.Write(bytes);
        pipe.Flush();
    }
}
