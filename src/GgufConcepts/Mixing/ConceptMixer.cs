using System.Diagnostics;

namespace GgufConcepts.Mixing;

/// <summary>Turns raw logits into a concept token, or into one token drawn from them.</summary>
/// <remarks>
/// Order of operations, as in Soft Thinking (arXiv 2505.15778): divide by the temperature, softmax over the whole
/// vocabulary, entropy; then masked tokens drop out; top-k, top-p, min-p, renormalising after each; the
/// <see cref="MixOptions.MaxTopK"/> largest are kept and renormalised. Candidates are computed in double precision, the
/// normaliser of the whole vocabulary to 5e-6 relative, the entropy to 3e-5 nats.
/// One caller at a time: it holds the scratch memory of a call, about 20 bytes a token, and never allocates afterwards.
/// </remarks>
public sealed partial class ConceptMixer
{
    private readonly TokenMask _mask;
    private readonly float[] _maxima;     // [blocks]
    private readonly float[] _spare;      // [64]
    private readonly double[] _partials;  // [blocks / 64, rounded up]
    private readonly ulong[] _candidates; // [vocabulary] keys, largest first
    private readonly double[] _weights;   // [vocabulary] of the candidates, the first is 1
    private readonly float[] _all;        // [vocabulary] e^d of every token, where the candidates cannot tell all

    /// <summary>Makes a mixer for a vocabulary.</summary>
    /// <param name="mask">The tokens that may not be mixed or drawn; its size is the vocabulary's.</param>
    /// <exception cref="ArgumentException">The mask leaves no token.</exception>
    public ConceptMixer(TokenMask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        if (mask.Count == mask.Size)
        {
            throw new ArgumentException($"All {mask.Size} tokens are masked; leave at least one.", nameof(mask));
        }

        _mask = mask;
        _maxima = new float[LogitBlocks.CountFor(mask.Size)];
        _spare = new float[LogitBlocks.Size];
        _partials = new double[LogitKernels.PartialsFor(_maxima.Length)];
        _candidates = new ulong[mask.Size];
        _weights = new double[mask.Size];
        _all = new float[mask.Size];
    }

    /// <summary>Mixes a few logits of no meaning, so that the kernels are compiled before the first that count.</summary>
    internal static void WarmUp()
    {
        float[] logits = [.. Enumerable.Range(0, 4 * LogitBlocks.Size).Select(id => (float)id)];
        new ConceptMixer(TokenMask.None(logits.Length)).Mix(logits, new MixOptions(), new ConceptToken());
    }

    /// <summary>The number of logits a call takes.</summary>
    public int VocabularySize => _mask.Size;

    /// <summary>Makes the concept token of some logits.</summary>
    /// <param name="logits">Raw logits, shape [<see cref="VocabularySize"/>]; -infinity means probability 0.</param>
    /// <param name="options">Temperature, filters, number of tokens kept.</param>
    /// <param name="result">Receives the mixture, entropy and most probable token.</param>
    /// <exception cref="ArgumentException">The number of logits is wrong, or the options break a rule.</exception>
    /// <exception cref="NonFiniteLogitsException">A logit is NaN or +infinity, or none that may be mixed is above
    /// -infinity.</exception>
    public void Mix(ReadOnlySpan<float> logits, MixOptions options, ConceptToken result)
    {
        LogitKernels.SoftmaxSums sums = Measure(logits, options, result);

        // Top-k needs its candidates because top-p counts their mass; without it the largest few tell everything.
        int wanted = options.TopK > 0 ? options.TopK : options.MaxTopK;
        int count = SelectCandidates(logits, options, wanted);
        double mass = options.TopK > 0 || options.TopP >= 1f ? SumWeights(count) : MixableMass(logits, options, sums);
        Keep(Filter(count, mass, options), options, result);
    }

    /// <summary>Finds the most probable token that is not masked; ties go to the lowest id.</summary>
    /// <param name="logits">Raw logits, shape [<see cref="VocabularySize"/>].</param>
    /// <exception cref="ArgumentException">The number of logits is wrong.</exception>
    /// <exception cref="NonFiniteLogitsException">A logit is NaN or +infinity, or none that may be chosen is above
    /// -infinity.</exception>
    public int ArgMax(ReadOnlySpan<float> logits)
    {
        CheckLength(logits);
        LogitKernels.FindMaxima(WholeBlocks(logits), _maxima);
        LogitBlocks mixable = MaskMaxima(logits);
        return LogitKernels.SelectLargest(mixable, _maxima, 1, _candidates) == 1
            ? Candidate.Id(_candidates[0])
            : throw NothingToMix();
    }

    /// <summary>Fills in what is measured over the whole vocabulary; leaves the block maxima as the mask has
    /// them.</summary>
    private LogitKernels.SoftmaxSums Measure(ReadOnlySpan<float> logits, MixOptions options, ConceptToken result)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(result);
        CheckLength(logits);
        if (options.FindProblems() is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        }

        LogitBlocks whole = WholeBlocks(logits);
        float maximum = LogitKernels.FindMaxima(whole, _maxima);
        LogitKernels.SoftmaxSums sums = LogitKernels.Sum(whole, _maxima, maximum, options.Temperature, _partials);
        Debug.Assert(double.IsFinite(sums.Z) && sums.Z >= 1);

        result.SetMeasures(sums.Entropy, FindTop(logits, maximum), 1 / sums.Z);
        MaskMaxima(logits);
        return sums;
    }

    private int FindTop(ReadOnlySpan<float> logits, float maximum)
    {
        int start = _maxima.AsSpan().IndexOf(maximum) * LogitBlocks.Size;
        return start + logits[start..].IndexOf(maximum);
    }

    /// <summary>Selects candidates and their weights, relative to the first.</summary>
    private int SelectCandidates(ReadOnlySpan<float> logits, MixOptions options, int wanted)
    {
        wanted = Math.Min(wanted, VocabularySize);
        int count = LogitKernels.SelectLargest(MixableBlocks(logits), _maxima, wanted, _candidates);
        if (count == 0)
        {
            throw NothingToMix();
        }

        double largest = logits[Candidate.Id(_candidates[0])];
        for (int i = 0; i < count; i++)
        {
            _weights[i] = Math.Exp((logits[Candidate.Id(_candidates[i])] - largest) / options.Temperature);
        }

        return count;
    }

    /// <summary>Applies top-p and min-p to the first candidates.</summary>
    /// <param name="count">How many candidates there are.</param>
    /// <param name="mass">The mass that top-p is a share of, relative to the first candidate.</param>
    /// <param name="options">The filters.</param>
    /// <returns>How many pass, 1 or more; they are the first.</returns>
    private int Filter(int count, double mass, MixOptions options)
    {
        int kept = count;
        if (options.TopP < 1f)
        {
            double reached = 0;
            for (kept = 0; kept < count && reached < options.TopP * mass; kept++)
            {
                reached += _weights[kept];
            }
        }

        while (_weights[kept - 1] < options.MinP) // the largest is 1
        {
            kept--;
        }

        return kept;
    }

    private void Keep(int count, MixOptions options, ConceptToken result)
    {
        count = Math.Min(count, options.MaxTopK);
        double sum = SumWeights(count);
        result.Clear();
        for (int i = 0; i < count && (float)(_weights[i] / sum) is > 0f and float weight; i++)
        {
            result.Add(Candidate.Id(_candidates[i]), weight);
        }
    }

    private double SumWeights(int count)
    {
        double sum = 0;
        foreach (double weight in _weights.AsSpan(0, count))
        {
            sum += weight;
        }

        return sum;
    }

    /// <summary>The softmax normaliser without the masked tokens, relative to the largest of the rest.</summary>
    /// <remarks>Summed anew where something is masked: a difference would have no digits left where a masked token has
    /// nearly all the mass.</remarks>
    private double MixableMass(ReadOnlySpan<float> logits, MixOptions options, LogitKernels.SoftmaxSums whole)
    {
        if (_mask.Count == 0)
        {
            return whole.Z;
        }

        float largest = logits[Candidate.Id(_candidates[0])];
        return LogitKernels.Sum(MixableBlocks(logits), _maxima, largest, options.Temperature, _partials).Z;
    }

    private LogitBlocks WholeBlocks(ReadOnlySpan<float> logits) => new(logits, [], _spare);

    private LogitBlocks MixableBlocks(ReadOnlySpan<float> logits) => new(logits, _mask.Words, _spare);

    private LogitBlocks MaskMaxima(ReadOnlySpan<float> logits)
    {
        LogitBlocks mixable = MixableBlocks(logits);
        LogitKernels.UpdateMaskedMaxima(mixable, _maxima);
        return mixable;
    }

    private void CheckLength(ReadOnlySpan<float> logits)
    {
        if (logits.Length != VocabularySize)
        {
            throw new ArgumentException(
                $"{logits.Length} logits for a vocabulary of {VocabularySize}; give one per token.", nameof(logits));
        }
    }

    private NonFiniteLogitsException NothingToMix() =>
        new($"Every logit outside the mask is -infinity ({VocabularySize - _mask.Count} tokens)");
}
