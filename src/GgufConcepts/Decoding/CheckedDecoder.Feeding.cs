using System.Numerics.Tensors;
using GgufConcepts.Native;

namespace GgufConcepts.Decoding;

/// <summary>How rows get in: checked, split into batches, decoded.</summary>
public abstract partial class CheckedDecoder
{
    /// <inheritdoc/>
    public void Feed(int sequence, ReadOnlySpan<int> tokens, Outputs outputs, CancellationToken cancellation = default)
    {
        CheckTokens(tokens);
        Feed(new Rows(tokens, default, Info.VectorWidth), sequence, outputs, cancellation);
    }

    /// <inheritdoc/>
    public void Feed(int sequence, ReadOnlySpan<float> vectors, Outputs outputs, CancellationToken cancellation = default)
    {
        CheckVectors(vectors);
        Feed(new Rows(default, vectors, Info.VectorWidth), sequence, outputs, cancellation);
    }

    /// <inheritdoc/>
    public void Step(
        ReadOnlySpan<int> sequences, ReadOnlySpan<int> tokens, Outputs outputs, CancellationToken cancellation = default)
    {
        CheckTokens(tokens);
        Step(new Rows(tokens, default, Info.VectorWidth), sequences, outputs, cancellation);
    }

    /// <inheritdoc/>
    public void Step(
        ReadOnlySpan<int> sequences, ReadOnlySpan<float> vectors, Outputs outputs, CancellationToken cancellation = default)
    {
        CheckVectors(vectors);
        Step(new Rows(default, vectors, Info.VectorWidth), sequences, outputs, cancellation);
    }

    private void Feed(Rows rows, int sequence, Outputs outputs, CancellationToken cancellation)
    {
        CheckSequence(sequence, nameof(sequence));
        outputs = Wanted(outputs);
        bool everyRow = (outputs & Outputs.EveryRow) != 0;
        if (everyRow && rows.Count > Info.BatchSize)
        {
            throw new ArgumentException(
                $"Outputs of every row of {rows.Count} exceed the batch size {Info.BatchSize}; feed them in parts.",
                nameof(outputs));
        }

        lock (Gate)
        {
            BeginCall([sequence], rows.Count);
            int done = 0;
            while (done < rows.Count)
            {
                int count = Math.Min(Info.BatchSize, rows.Count - done);
                bool last = done + count == rows.Count;
                if (last && count > 1 && !everyRow && (outputs & Outputs.Hidden) != 0)
                {
                    // Hidden states make every row of a batch an output, with all its logits: keep that batch to one
                    // row.
                    count--;
                    last = false;
                }

                BeginBatch(rows.AreVectors);
                for (int i = 0; i < count; i++)
                {
                    bool output = outputs != Outputs.None && last && (everyRow || i == count - 1);
                    AddRow(rows, done + i, _positions[sequence] + i, sequence, output);
                }

                Decode(last ? outputs : Outputs.None, count, [sequence], cancellation);
                _positions[sequence] += count;
                done += count;
                if (last)
                {
                    EndCall(outputs, outputs == Outputs.None ? 0 : everyRow ? count : 1, firstRow: everyRow ? 0 : count - 1);
                }
            }
        }
    }

    private void Step(Rows rows, ReadOnlySpan<int> sequences, Outputs outputs, CancellationToken cancellation)
    {
        outputs = Wanted(outputs);
        if (sequences.Length != rows.Count || rows.Count > Info.BatchSize)
        {
            throw new ArgumentException(
                $"{rows.Count} rows for {sequences.Length} sequences; give one row each, at most {Info.BatchSize}.",
                nameof(sequences));
        }

        for (int i = 0; i < sequences.Length; i++)
        {
            CheckSequence(sequences[i], nameof(sequences));
            if (sequences[..i].Contains(sequences[i]))
            {
                throw new ArgumentException($"Sequence {sequences[i]} is named twice.", nameof(sequences));
            }
        }

        lock (Gate)
        {
            BeginCall(sequences, 1);
            BeginBatch(rows.AreVectors);
            for (int i = 0; i < sequences.Length; i++)
            {
                AddRow(rows, i, _positions[sequences[i]], sequences[i], outputs != Outputs.None);
            }

            Decode(outputs, rows.Count, sequences, cancellation);
            foreach (int sequence in sequences)
            {
                _positions[sequence]++;
            }

            EndCall(outputs, outputs == Outputs.None ? 0 : sequences.Length, firstRow: 0);
        }
    }

    private void BeginCall(ReadOnlySpan<int> sequences, int rowsEach)
    {
        CheckOpen();
        foreach (int sequence in sequences)
        {
            if (rowsEach > Info.ContextLength - _positions[sequence])
            {
                throw new ContextFullException(_positions[sequence], rowsEach, Info.ContextLength);
            }
        }

        EndCall(Outputs.None, 0, 0); // the outputs of the call before are gone from here on
    }

    /// <summary>Every row of nothing is nothing.</summary>
    private Outputs Wanted(Outputs outputs) => (outputs & (Outputs.Logits | Outputs.Hidden)) switch
    {
        0 => Outputs.None,
        Outputs.Logits | Outputs.Hidden when !Info.GivesHiddenBesideLogits => throw new ConceptInputException(
            "llama.cpp leaves hidden states or logits of this architecture, not both; use a strategy that needs no " +
            "hidden states, such as soft."),
        _ => outputs,
    };

    private void EndCall(Outputs outputs, int count, int firstRow)
    {
        _outputs = outputs;
        OutputCount = count;
        FirstOutputRow = firstRow;
    }

    private void AddRow(Rows rows, int row, int position, int sequence, bool output)
    {
        if (rows.AreVectors)
        {
            Add(rows.Vector(row), position, sequence, output);
        }
        else
        {
            Add(rows.Token(row), position, sequence, output);
        }
    }

    private void Decode(Outputs outputs, int batchRows, ReadOnlySpan<int> sequences, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        DecodeStatus status = Decode(batchRows, outputs, cancellation);
        if (status == DecodeStatus.Done)
        {
            return;
        }

        foreach (int sequence in sequences)
        {
            if (!TryRemove(sequence, _positions[sequence])) // whatever part of the batch got in
            {
                TryRemove(sequence, 0); // a recurrent state cannot be cut back, only forgotten
                _positions[sequence] = 0;
            }
        }

        if (status == DecodeStatus.Aborted)
        {
            throw new OperationCanceledException(cancellation);
        }

        throw status == DecodeStatus.NoSlot
            ? new ConceptInputException("All sequences together fill the cache; use fewer of them, or a larger one.")
            : new NativeCallException("llama_decode", $"status {(int)status}");
    }

    private void CheckTokens(ReadOnlySpan<int> tokens)
    {
        if (tokens.IsEmpty)
        {
            throw new ArgumentException("No tokens to feed.", nameof(tokens));
        }

        foreach (int id in tokens)
        {
            if ((uint)id >= (uint)Info.VocabularySize)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(tokens), id, $"The vocabulary has tokens 0 to {Info.VocabularySize - 1}.");
            }
        }
    }

    private void CheckVectors(ReadOnlySpan<float> vectors)
    {
        if (!Info.TakesVectors)
        {
            throw new NotSupportedException(
                "llama.cpp ends the process when this architecture is fed a vector; feed tokens.");
        }

        if (vectors.IsEmpty || vectors.Length % Info.VectorWidth != 0)
        {
            throw new ArgumentException(
                $"{vectors.Length} floats are not whole vectors of {Info.VectorWidth}.", nameof(vectors));
        }

        if (!TensorPrimitives.IsFiniteAll(vectors))
        {
            throw new ArgumentException(
                "A vector holds NaN or infinity; it would poison its sequence for good.", nameof(vectors));
        }
    }

    /// <summary>The rows of a call: ids, or vectors.</summary>
    private readonly ref struct Rows(ReadOnlySpan<int> tokens, ReadOnlySpan<float> vectors, int width)
    {
        private readonly ReadOnlySpan<int> _tokens = tokens;
        private readonly ReadOnlySpan<float> _vectors = vectors;

        public bool AreVectors => !_vectors.IsEmpty;

        public int Count => AreVectors ? _vectors.Length / width : _tokens.Length;

        public int Token(int row) => _tokens[row];

        public ReadOnlySpan<float> Vector(int row) => _vectors.Slice(row * width, width);
    }
}
