using System.Diagnostics;
using GgufConcepts.Decoding;

namespace GgufConcepts.Thinking;

/// <summary>What the row is that waits to be fed.</summary>
internal enum RowKind
{
    None,
    Token,
    Vector,
}

/// <summary>Outputs copied aside.</summary>
/// <param name="Logits">Shape [vocabulary].</param>
/// <param name="Hidden">Shape [hidden width]; empty where there is none.</param>
internal sealed record KeptOutputs(float[] Logits, float[] Hidden);

/// <summary>One sequence: the row that is to be fed next, and what the model said after the last one, also when other
/// sequences were fed since.</summary>
internal sealed class Timeline(IDecoder decoder, int sequence, Outputs outputs)
{
    private readonly float[] _vector = new float[decoder.Info.VectorWidth];
    private int _token;
    private int _output; // of the decoder's last call, unless they are kept
    private KeptOutputs? _kept;
    private KeptOutputs? _own; // the memory of those kept, used again

    /// <summary>Number of its sequence.</summary>
    public int Sequence => sequence;

    public int Position => decoder.Position(sequence);

    /// <summary>Rows that still fit.</summary>
    public int Room => decoder.Info.ContextLength - Position;

    public int VectorWidth => _vector.Length;

    /// <summary>The kind of the row that waits.</summary>
    public RowKind Waiting { get; private set; }

    /// <summary>The token that waits.</summary>
    public int Token => _token;

    /// <summary>The vector that waits.</summary>
    public ReadOnlySpan<float> Vector => _vector;

    /// <summary>Logits after the last row, shape [vocabulary].</summary>
    public ReadOnlySpan<float> Logits => _kept is { } kept ? kept.Logits : decoder.Logits(_output);

    /// <summary>Hidden state after the last row; empty where this timeline does not ask for it.</summary>
    public ReadOnlySpan<float> Hidden =>
        (outputs & Outputs.Hidden) == 0 ? default : _kept is { } kept ? kept.Hidden : decoder.Hidden(_output);

    /// <summary>Refuses a prompt that cannot be fed.</summary>
    /// <exception cref="ConceptInputException">It is empty or does not fit.</exception>
    public static void CheckPrompt(ReadOnlySpan<int> prompt, int contextLength)
    {
        if (prompt.IsEmpty)
        {
            throw new ConceptInputException("The prompt is empty; write at least one word.") { Field = "prompt" };
        }

        if (prompt.Length > contextLength)
        {
            throw new ContextFullException(0, prompt.Length, contextLength);
        }
    }

    /// <summary>Forgets all that the session's sequences hold and feeds a prompt.</summary>
    /// <exception cref="ConceptInputException">The prompt is empty or does not fit.</exception>
    public void Begin(ReadOnlySpan<int> prompt, CancellationToken cancellation)
    {
        CheckPrompt(prompt, decoder.Info.ContextLength);
        for (int other = 0; other < Sequences.Count; other++)
        {
            decoder.TryRewind(other, 0);
        }

        Feed(prompt, cancellation);
    }

    /// <summary>Begins as another sequence ends.</summary>
    /// <param name="other">Number of the sequence.</param>
    /// <param name="end">What the model said after it; several timelines may begin with the same object.</param>
    public void BeginAs(int other, KeptOutputs end)
    {
        decoder.Fork(other, sequence);
        _kept = end;
    }

    public void Feed(ReadOnlySpan<int> tokens, CancellationToken cancellation)
    {
        decoder.Feed(sequence, tokens, outputs, cancellation);
        Fed(output: 0);
    }

    /// <summary>Makes a token the row that waits.</summary>
    public void Put(int token) => (_token, Waiting) = (token, RowKind.Token);

    /// <summary>Makes a vector the row that waits.</summary>
    /// <returns>Where to write it, shape [width].</returns>
    public Span<float> PutVector()
    {
        Waiting = RowKind.Vector;
        return _vector;
    }

    /// <summary>Feeds the row that waits, alone.</summary>
    public void FeedWaiting(CancellationToken cancellation)
    {
        Debug.Assert(Waiting != RowKind.None);
        if (Waiting == RowKind.Vector)
        {
            decoder.Feed(sequence, _vector, outputs, cancellation);
            Fed(output: 0);
        }
        else
        {
            Feed([_token], cancellation);
        }
    }

    /// <summary>Learns that its rows were fed, maybe together with those of others.</summary>
    /// <param name="output">Number of its output in the decoder's last call.</param>
    public void Fed(int output)
    {
        Waiting = RowKind.None;
        _output = output;
        _kept = null;
    }

    /// <summary>Copies the outputs aside, before another sequence's decode takes their place.</summary>
    public void Keep()
    {
        if (_kept is null)
        {
            _own ??= new KeptOutputs(new float[decoder.Info.VocabularySize], new float[Hidden.Length]);
            Logits.CopyTo(_own.Logits);
            Hidden.CopyTo(_own.Hidden);
            _kept = _own;
        }
    }
}
