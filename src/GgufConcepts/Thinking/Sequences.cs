namespace GgufConcepts.Thinking;

/// <summary>Who has which sequence of a session's decoder.</summary>
internal static class Sequences
{
    public const int Writer = 0;
    public const int Checkpoint = 1; // the writer before the pending chunk
    public const int Reader = 2; // and those after it
    public const int Count = Reader + Reading.Reader.SequenceCount;

    /// <summary>Rows that all of them together can hold: the writer's, which its checkpoint shares, and as many for the
    /// reader.</summary>
    public static int TotalLength(int contextLength) => 2 * contextLength;

    /// <summary>Rows that the writer leaves to the reader.</summary>
    public static int RoomToRead(Decoding.IDecoder decoder) =>
        TotalLength(decoder.Info.ContextLength) - decoder.Position(Writer);
}
