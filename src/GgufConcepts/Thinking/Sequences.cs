namespace GgufConcepts.Thinking;

/// <summary>Who has which sequence of a session's decoder.</summary>
internal static class Sequences
{
    public const int Writer = 0;
    public const int Reader = 1;
    public const int Checkpoint = 2; // the writer before the pending chunk
    public const int Count = 3;
}
