namespace GgufConcepts.Decoding;

/// <summary>The fixed sizes of a decoder.</summary>
/// <param name="VectorWidth">Floats in one vector to feed (<c>n_embd</c>); where a model wants more
/// (<c>n_embd_inp</c>), zeros are
/// added inside.</param>
/// <param name="HiddenWidth">Floats in one hidden state.</param>
/// <param name="VocabularySize">Logits in one row; token ids are below it.</param>
/// <param name="ContextLength">Rows one sequence can hold.</param>
/// <param name="SequenceCount">Sequences, numbered from 0.</param>
/// <param name="BatchSize">Most rows of one decode; longer input is split.</param>
public sealed record DecoderInfo(
    int VectorWidth, int HiddenWidth, int VocabularySize, int ContextLength, int SequenceCount, int BatchSize)
{
    /// <summary>Whether the model's architecture can be fed vectors.</summary>
    public bool TakesVectors { get; init; } = true;

    /// <summary>Whether a call can leave both hidden states and logits.</summary>
    public bool GivesHiddenBesideLogits { get; init; } = true;
}
