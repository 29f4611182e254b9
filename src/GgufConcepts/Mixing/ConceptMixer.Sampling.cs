namespace GgufConcepts.Mixing;

public sealed partial class ConceptMixer
{
    private const int FirstGuess = ConceptToken.Capacity; // candidates tried first where no top-k says how many it takes
    private const int GuessGrowth = 8;

    /// <summary>Draws one token from the filtered distribution.</summary>
    /// <param name="logits">Raw logits, shape [<see cref="VocabularySize"/>]; -infinity means probability 0.</param>
    /// <param name="options">Temperature and filters. <see cref="MixOptions.MaxTopK"/> does not limit the draw, only
    /// what is shown.</param>
    /// <param name="random">Gives the one number a draw takes.</param>
    /// <param name="result">Receives what the token was drawn from: its most probable tokens, entropy, top.</param>
    /// <returns>The token. To let control tokens be drawn, use a mixer made with
    /// <see cref="TokenMask.None"/>.</returns>
    /// <exception cref="ArgumentException">The number of logits is wrong, or the options break a rule.</exception>
    /// <exception cref="NonFiniteLogitsException">A logit is NaN or +infinity, or none that may be drawn is above
    /// -infinity.</exception>
    public int Sample(ReadOnlySpan<float> logits, MixOptions options, ref RandomStream random, ConceptToken result)
    {
        int drawn = 0;
        Sample(logits, options, ref random, new Span<int>(ref drawn), result);
        return drawn;
    }

    /// <summary>Draws several tokens from the filtered distribution, each anew: one may be drawn twice.</summary>
    /// <param name="logits">Raw logits, shape [<see cref="VocabularySize"/>]; -infinity means probability 0.</param>
    /// <param name="options">Temperature and filters, as for one token.</param>
    /// <param name="random">Gives one number a draw.</param>
    /// <param name="drawn">Receives the tokens.</param>
    /// <param name="result">Receives what they were drawn from: its most probable tokens, entropy, top.</param>
    /// <exception cref="ArgumentException">The number of logits is wrong, or the options break a rule.</exception>
    /// <exception cref="NonFiniteLogitsException">A logit is NaN or +infinity, or none that may be drawn is above
    /// -infinity.</exception>
    public void Sample(
        ReadOnlySpan<float> logits, MixOptions options, ref RandomStream random, Span<int> drawn, ConceptToken result)
    {
        LogitKernels.SoftmaxSums sums = Measure(logits, options, result);
        if (options is { TopK: 0, TopP: 1f, MinP: 0f })
        {
            int shown = SelectCandidates(logits, options, options.MaxTopK);
            Keep(shown, options, result);
            double whole = MixableMass(logits, options, sums);
            foreach (ref int id in drawn)
            {
                id = DrawFromVocabulary(logits, options, random.NextDouble() * whole);
            }

            return;
        }

        int count = options.TopK > 0 ? FilterTopK(logits, options) : FilterFirst(logits, options, sums);
        Keep(count, options, result);
        if (options.TopK == 0 && count == FirstGuess)
        {
            DrawFromMany(logits, options, ref random, drawn);
            return;
        }

        double mass = SumWeights(count);
        foreach (ref int id in drawn)
        {
            id = Candidate.Id(_candidates[DrawFromCandidates(count, random.NextDouble() * mass)]);
        }
    }

    private int FilterTopK(ReadOnlySpan<float> logits, MixOptions options)
    {
        int count = SelectCandidates(logits, options, options.TopK);
        return Filter(count, SumWeights(count), options);
    }

    /// <summary>Filters the first few hundred candidates; where all of them pass, more may.</summary>
    private int FilterFirst(ReadOnlySpan<float> logits, MixOptions options, LogitKernels.SoftmaxSums sums)
    {
        int count = SelectCandidates(logits, options, FirstGuess);
        return Filter(count, options.TopP < 1f ? MixableMass(logits, options, sums) : double.NaN, options);
    }

    /// <summary>Selects more and more candidates until the filter stops before the last of them.</summary>
    /// <param name="logits">The logits.</param>
    /// <param name="options">The filters.</param>
    /// <param name="sums">Of all logits.</param>
    /// <param name="least">A candidate of a smaller share than this may be the last one looked at.</param>
    private int FilterByGuessing(
        ReadOnlySpan<float> logits, MixOptions options, LogitKernels.SoftmaxSums sums, double least)
    {
        double mass = double.NaN;
        for (int wanted = Math.Min(FirstGuess, VocabularySize); ; wanted = Math.Min(wanted * GuessGrowth, VocabularySize))
        {
            int count = SelectCandidates(logits, options, wanted);
            mass = double.IsNaN(mass) ? MixableMass(logits, options, sums) : mass;
            int kept = Filter(count, mass, options);
            if (kept < count || count < wanted || wanted == VocabularySize || _weights[count - 1] < least * mass)
            {
                return kept;
            }
        }
    }

    /// <summary>The first candidate at which the running sum of weights exceeds the target.</summary>
    private int DrawFromCandidates(int count, double target)
    {
        int drawn = 0;
        for (double reached = _weights[0]; reached <= target && drawn < count - 1; reached += _weights[drawn])
        {
            drawn++;
        }

        return drawn;
    }

    /// <summary>The first token, in order of id, at which the running sum of e^d exceeds the target.</summary>
    /// <remarks>The sums of 4,096 tokens each that the normaliser left behind say where to look.</remarks>
    private int DrawFromVocabulary(ReadOnlySpan<float> logits, MixOptions options, double target)
    {
        int run = 0, lastRun = Array.FindLastIndex(_partials, sum => sum > 0);
        for (; run < lastRun && target >= _partials[run]; run++)
        {
            target -= _partials[run];
        }

        double largest = logits[Candidate.Id(_candidates[0])];
        int end = Math.Min((run + 1) * LogitKernels.TokensPerPartial, logits.Length);
        int drawn = Candidate.Id(_candidates[0]);
        for (int id = run * LogitKernels.TokensPerPartial; id < end && target >= 0; id++)
        {
            double weight = _mask.Contains(id) ? 0 : Math.Exp((logits[id] - largest) / options.Temperature);
            drawn = weight > 0 ? id : drawn; // where rounding leaves a rest of the target, the run's last token
            target -= weight;
        }

        return drawn;
    }
}
