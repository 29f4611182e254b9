using System.Diagnostics;

namespace GgufConcepts.Mixing;

/// <summary>A concept token: a distribution over a few tokens, and what was measured when it was made.</summary>
/// <remarks>A buffer to be used again at every step; nothing here allocates after construction. Not thread
/// safe.</remarks>
public sealed class ConceptToken
{
    /// <summary>The most tokens one mixture can hold.</summary>
    public const int Capacity = 256;

    private readonly int[] _ids = new int[Capacity];
    private readonly float[] _weights = new float[Capacity];

    /// <summary>How many tokens are mixed; 0 only before first use.</summary>
    public int Count { get; private set; }

    /// <summary>The mixed tokens, most probable first, ties by lowest id; shape [<see cref="Count"/>].</summary>
    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, Count);

    /// <summary>Their weights, which sum to 1; shape [<see cref="Count"/>].</summary>
    public ReadOnlySpan<float> Weights => _weights.AsSpan(0, Count);

    /// <summary>Entropy in nats of the whole vocabulary after temperature, before any filter or mask.</summary>
    public double Entropy { get; private set; }

    /// <summary>The most probable token of the whole vocabulary, masked ones included; ties by lowest id.</summary>
    public int Top { get; private set; }

    /// <summary>The probability of <see cref="Top"/> over the whole vocabulary, after temperature.</summary>
    public float TopProbability { get; private set; }

    /// <summary>Replaces the mixture by one token of weight 1; what was measured stays.</summary>
    /// <param name="id">The token.</param>
    public void SetToken(int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        _ids[0] = id;
        _weights[0] = 1f;
        Count = 1;
    }

    /// <summary>Replaces the mixture; what was measured stays.</summary>
    /// <param name="ids">Tokens, each once, in any order; may be this buffer's own <see cref="Ids"/>.</param>
    /// <param name="weights">One weight per token, finite, 0 or more, not all 0; normalised here. Tokens of weight 0
    /// are left out.</param>
    /// <exception cref="ArgumentException">The shapes disagree, there are too many tokens, or a weight is
    /// unusable.</exception>
    public void Set(ReadOnlySpan<int> ids, ReadOnlySpan<float> weights)
    {
        if (ids.Length != weights.Length || ids.Length > Capacity)
        {
            throw new ArgumentException(
                $"{ids.Length} ids and {weights.Length} weights; give as many of both, at most {Capacity}.", nameof(weights));
        }

        foreach (int id in ids)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(id, nameof(ids));
        }

        double sum = 0;
        foreach (float weight in weights)
        {
            sum += weight >= 0f ? weight : double.NaN;
        }

        if (!(sum > 0 && double.IsFinite(sum)))
        {
            throw new ArgumentException(
                $"Weights sum to {sum}; each must be finite and 0 or more, and one above 0.", nameof(weights));
        }

        int count = 0;
        for (int i = 0; i < ids.Length; i++)
        {
            int id = ids[i];
            float weight = (float)(weights[i] / sum);
            if (weight > 0f) // count <= i, so a slot that is still to be read is never overwritten
            {
                _ids[count] = id;
                _weights[count++] = weight;
            }
        }

        Count = count;
        SortDescending();
    }

    /// <summary>Makes this a copy of another, what was measured included.</summary>
    /// <param name="other">The concept token to copy.</param>
    public void CopyFrom(ConceptToken other)
    {
        ArgumentNullException.ThrowIfNull(other);
        other.Ids.CopyTo(_ids);
        other.Weights.CopyTo(_weights);
        (Count, Entropy, Top, TopProbability) = (other.Count, other.Entropy, other.Top, other.TopProbability);
    }

    internal void SetMeasures(double entropy, int top, double topProbability) =>
        (Entropy, Top, TopProbability) = (entropy, top, (float)topProbability);

    /// <summary>Empties the mixture, for <see cref="Add"/>.</summary>
    internal void Clear() => Count = 0;

    /// <summary>Appends a token; the caller appends in descending order and makes the weights sum to 1.</summary>
    internal void Add(int id, float weight)
    {
        Debug.Assert(Count == 0 || weight <= _weights[Count - 1]);
        _ids[Count] = id;
        _weights[Count++] = weight;
    }

    // Insertion: a few tokens, usually in order already.
    private void SortDescending()
    {
        for (int i = 1; i < Count; i++)
        {
            (int id, float weight) = (_ids[i], _weights[i]);
            int at = i;
            for (; at > 0 && (_weights[at - 1] < weight || (_weights[at - 1] == weight && _ids[at - 1] > id)); at--)
            {
                (_ids[at], _weights[at]) = (_ids[at - 1], _weights[at - 1]);
            }

            (_ids[at], _weights[at]) = (id, weight);
        }
    }
}
