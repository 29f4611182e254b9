using GgufConcepts.Decoding;

namespace GgufConcepts.Thinking;

/// <summary>One sequence and what the model said after its last row, also when other sequences were fed
/// since.</summary>
internal sealed class Timeline(IDecoder decoder, int sequence, Outputs outputs)
{
    private float[]? _logits;
    private float[]? _hidden;
    private bool _kept;

    public int Position => decoder.Position(sequence);

    /// <summary>Rows that still fit.</summary>
    public int Room => decoder.Info.ContextLength - Position;

    public int VectorWidth => decoder.Info.VectorWidth;

    /// <summary>Logits after the last row, shape [vocabulary].</summary>
    public ReadOnlySpan<float> Logits => _kept ? _logits : decoder.Logits();

    /// <summary>Hidden state after the last row; empty where this timeline does not ask for it.</summary>
    public ReadOnlySpan<float> Hidden =>
        (outputs & Outputs.Hidden) == 0 ? default : _kept ? _hidden : decoder.Hidden();

    /// <summary>Forgets all that the session's sequences hold and feeds a prompt.</summary>
    /// <exception cref="ConceptInputException">The prompt is empty or does not fit.</exception>
    public void Begin(ReadOnlySpan<int> prompt, CancellationToken cancellation)
    {
        if (prompt.IsEmpty)
        {
            throw new ConceptInputException("The prompt is empty; write at least one word.");
        }

        for (int other = 0; other < Sequences.Count; other++)
        {
            decoder.TryRewind(other, 0);
        }

        Feed(prompt, cancellation);
    }

    public void Feed(ReadOnlySpan<int> tokens, CancellationToken cancellation)
    {
        decoder.Feed(sequence, tokens, outputs, cancellation);
        _kept = false;
    }

    public void Feed(ReadOnlySpan<float> vectors, CancellationToken cancellation)
    {
        decoder.Feed(sequence, vectors, outputs, cancellation);
        _kept = false;
    }

    /// <summary>Copies the outputs aside, before another sequence's decode takes their place.</summary>
    public void Keep()
    {
        if (!_kept)
        {
            decoder.Logits().CopyTo(_logits ??= new float[decoder.Info.VocabularySize]);
            Hidden.CopyTo(_hidden ??= new float[Hidden.Length]);
            _kept = true;
        }
    }
}
