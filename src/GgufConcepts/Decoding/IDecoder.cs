namespace GgufConcepts.Decoding;

/// <summary>
/// The seam between thinking and a language model: numbered sequences that grow by tokens or by vectors, and the logits
/// and hidden states that come back.
/// </summary>
/// <remarks>
/// One mutable store. Calls are safe from any thread but belong to one caller at a time: the outputs are those of the
/// last call. Every argument is checked before native code sees it; a call that throws has changed no sequence, except
/// that a cancelled or failed <c>Feed</c> of several batches keeps the batches already done, and that a recurrent
/// model's
/// sequence is forgotten when a decode of it is cancelled (see <see cref="Position"/>).
/// </remarks>
public interface IDecoder : IDisposable
{
    /// <summary>Its fixed sizes.</summary>
    DecoderInfo Info { get; }

    /// <summary>Rows of outputs the last call left: 0, 1, one a sequence, or one a row.</summary>
    int OutputCount { get; }

    /// <summary>Appends tokens to a sequence.</summary>
    /// <param name="sequence">Number of the sequence.</param>
    /// <param name="tokens">Ids, shape [rows].</param>
    /// <param name="outputs">What to leave behind; <see cref="Outputs.EveryRow"/> only up to the batch size.</param>
    /// <param name="cancellation">Aborts the computation.</param>
    /// <exception cref="ArgumentException">No rows, or an id or sequence out of range; nothing was decoded.</exception>
    /// <exception cref="ContextFullException">More rows than the sequence can hold.</exception>
    /// <exception cref="ConceptInputException">Logits and hidden states of an architecture that has only one of
    /// them.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    void Feed(int sequence, ReadOnlySpan<int> tokens, Outputs outputs, CancellationToken cancellation = default);

    /// <summary>Appends vectors to a sequence, in the place of token embeddings.</summary>
    /// <param name="sequence">Number of the sequence.</param>
    /// <param name="vectors">Shape [rows, <see cref="DecoderInfo.VectorWidth"/>], row-major, all finite.</param>
    /// <param name="outputs">What to leave behind.</param>
    /// <param name="cancellation">Aborts the computation.</param>
    /// <exception cref="ArgumentException">No whole rows, a value that is NaN or infinite, or a sequence out of
    /// range.</exception>
    /// <exception cref="NotSupportedException">The model's architecture cannot be fed vectors.</exception>
    /// <exception cref="ContextFullException">More rows than the sequence can hold.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    void Feed(int sequence, ReadOnlySpan<float> vectors, Outputs outputs, CancellationToken cancellation = default);

    /// <summary>Appends one token to each of several sequences, in one decode.</summary>
    /// <param name="sequences">Numbers of the sequences, each once.</param>
    /// <param name="tokens">One id a sequence.</param>
    /// <param name="outputs">What to leave behind, for every one of the sequences.</param>
    /// <param name="cancellation">Aborts the computation.</param>
    void Step(
        ReadOnlySpan<int> sequences, ReadOnlySpan<int> tokens, Outputs outputs, CancellationToken cancellation = default);

    /// <summary>Appends one vector to each of several sequences, in one decode.</summary>
    /// <param name="sequences">Numbers of the sequences, each once.</param>
    /// <param name="vectors">Shape [sequences, <see cref="DecoderInfo.VectorWidth"/>].</param>
    /// <param name="outputs">What to leave behind, for every one of the sequences.</param>
    /// <param name="cancellation">Aborts the computation.</param>
    void Step(
        ReadOnlySpan<int> sequences, ReadOnlySpan<float> vectors, Outputs outputs, CancellationToken cancellation = default);

    /// <summary>Logits of an output of the last call, shape [vocabulary], read in place: valid until the next
    /// call.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such output.</exception>
    /// <exception cref="InvalidOperationException">The last call did not ask for logits.</exception>
    ReadOnlySpan<float> Logits(int output = 0);

    /// <summary>Hidden state of an output of the last call, read in place: valid until the next call.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such output.</exception>
    /// <exception cref="InvalidOperationException">The last call did not ask for hidden states.</exception>
    ReadOnlySpan<float> Hidden(int output = 0);

    /// <summary>Rows a sequence holds: the position its next row will get.</summary>
    int Position(int sequence);

    /// <summary>Cuts a sequence back. False where the model cannot (recurrent state): nothing has changed
    /// then.</summary>
    /// <param name="sequence">Number of the sequence.</param>
    /// <param name="position">Rows to keep, 0 to <see cref="Position"/>; 0 clears and always works.</param>
    bool TryRewind(int sequence, int position);

    /// <summary>Makes a sequence an exact copy of another; what it held is forgotten.</summary>
    void Fork(int from, int to);
}
