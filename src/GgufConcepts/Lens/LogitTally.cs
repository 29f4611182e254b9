using GgufConcepts.Mixing;

namespace GgufConcepts.Lens;

/// <summary>What is worth knowing of one row of logits, gathered block by block in any order: the likeliest tokens, the
/// entropy, the places of a few tokens. One caller at a time.</summary>
internal sealed class LogitTally
{
    private readonly int[] _ids;
    private readonly float[] _logits; // of _ids, largest first; of equals the lower id first
    private readonly int[] _followed;
    private readonly float[] _bars;   // logits of the followed tokens
    private readonly int[] _above;    // tokens that come before each of them
    private int _count;
    private double _largest = double.NegativeInfinity;
    private double _z; // sum of e^(l - largest)
    private double _s; // sum of (l - largest) e^(l - largest)

    /// <param name="kept">Likeliest tokens to keep.</param>
    /// <param name="followed">Tokens whose place is wanted.</param>
    /// <param name="logits">Their logits, exactly as they will come.</param>
    public LogitTally(int kept, int[] followed, float[] logits)
    {
        _ids = new int[kept];
        _logits = new float[kept];
        _followed = followed;
        _bars = logits;
        _above = new int[followed.Length];
    }

    /// <summary>The likeliest tokens, in order.</summary>
    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, _count);

    /// <summary>Entropy of the softmax over all that was added; in nats.</summary>
    public double Entropy => Math.Max(0, Math.Log(_z) - (_s / _z));

    /// <summary>Probability of the kept token of an index.</summary>
    public float Probability(int index) => Softmax(_logits[index]);

    /// <summary>Place of a followed token, 1 for the likeliest.</summary>
    public int FollowedRank(int index) => _above[index] + 1;

    /// <summary>Probability of a followed token.</summary>
    public float FollowedProbability(int index) => Softmax(_bars[index]);

    /// <summary>Probability of a logit of this row.</summary>
    public float Softmax(float logit) => (float)(Math.Exp(logit - _largest) / _z);

    /// <summary>Adds logits of consecutive tokens.</summary>
    public void Add(ReadOnlySpan<float> logits, int firstId)
    {
        double largest = _largest;
        foreach (float logit in logits)
        {
            largest = Math.Max(largest, logit); // NaN stays, and shows in the sums
        }

        Rescale(largest);
        for (int i = 0; i < logits.Length; i++)
        {
            double d = logits[i] - largest;
            double e = Math.Exp(d);
            _z += e;
            _s += d * e;
            Offer(firstId + i, logits[i]);
            for (int f = 0; f < _bars.Length; f++)
            {
                _above[f] += IsBefore(logits[i], firstId + i, _bars[f], _followed[f]) ? 1 : 0;
            }
        }
    }

    /// <summary>Adds what another tally of the same followed tokens saw.</summary>
    public void Add(LogitTally other)
    {
        if (double.IsNegativeInfinity(other._largest))
        {
            return; // it saw nothing
        }

        double largest = Math.Max(_largest, other._largest);
        Rescale(largest);
        double shift = other._largest - largest;
        _z += Math.Exp(shift) * other._z;
        _s += Math.Exp(shift) * (other._s + (shift * other._z));
        for (int i = 0; i < other._count; i++)
        {
            Offer(other._ids[i], other._logits[i]);
        }

        for (int f = 0; f < _above.Length; f++)
        {
            _above[f] += other._above[f];
        }
    }

    /// <exception cref="NonFiniteLogitsException">A logit was NaN or infinite.</exception>
    public void RequireFinite()
    {
        if (!double.IsFinite(_z) || !double.IsFinite(_s))
        {
            throw new NonFiniteLogitsException("A state between the layers yields logits that are not finite");
        }
    }

    /// <summary>Makes the sums relative to another largest logit.</summary>
    private void Rescale(double largest)
    {
        if (_z > 0 && largest != _largest)
        {
            double shift = _largest - largest;
            _s = Math.Exp(shift) * (_s + (shift * _z));
            _z *= Math.Exp(shift);
        }

        _largest = largest;
    }

    private void Offer(int id, float logit)
    {
        if (_count == _ids.Length)
        {
            if (!IsBefore(logit, id, _logits[^1], _ids[^1]))
            {
                return;
            }

            _count--;
        }

        int place = _count++;
        while (place > 0 && IsBefore(logit, id, _logits[place - 1], _ids[place - 1]))
        {
            (_logits[place], _ids[place]) = (_logits[place - 1], _ids[place - 1]);
            place--;
        }

        (_logits[place], _ids[place]) = (logit, id);
    }

    private static bool IsBefore(float logit, int id, float otherLogit, int otherId) =>
        logit > otherLogit || (logit == otherLogit && id < otherId);
}
