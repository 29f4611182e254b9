namespace GgufConcepts.Mixing;

public sealed partial class ConceptMixer
{
    /// <summary>Computes the probabilities of all tokens that are not masked; those that are get 0.</summary>
    /// <param name="logits">Raw logits, shape [<see cref="VocabularySize"/>]; -infinity means probability 0.</param>
    /// <param name="temperature">As <see cref="MixOptions.Temperature"/>.</param>
    /// <param name="probabilities">Receives them, shape [<see cref="VocabularySize"/>]; they sum to 1 within
    /// 4e-6.</param>
    /// <remarks>In float32: each within 4e-6 + 2e-7 |d| relative, d = (logit - largest) / temperature; where e^d is
    /// below 2^-125, 0.</remarks>
    /// <exception cref="ArgumentException">A number of tokens is wrong.</exception>
    /// <exception cref="NonFiniteLogitsException">A logit is NaN or +infinity, or none that may be mixed is above
    /// -infinity.</exception>
    public void Distribute(ReadOnlySpan<float> logits, float temperature, Span<float> probabilities)
    {
        if (!(temperature >= MixOptions.LeastTemperature && temperature <= MixOptions.MostTemperature))
        {
            throw new ArgumentOutOfRangeException(
                nameof(temperature),
                temperature,
                $"Temperature is {temperature}; use a value from {MixOptions.LeastTemperature} to {MixOptions.MostTemperature}.");
        }

        ArgumentOutOfRangeException.ThrowIfNotEqual(probabilities.Length, VocabularySize, nameof(probabilities));
        if (probabilities.Overlaps(logits))
        {
            throw new ArgumentException("The probabilities overlap the logits; give them memory of their own.", nameof(probabilities));
        }

        Distribute(logits, logits[ArgMax(logits)], temperature, 1, probabilities);
    }

    /// <summary>The same together with <see cref="Mix"/>, which has found the largest logit already.</summary>
    /// <param name="logits">As there.</param>
    /// <param name="options">Temperature, and the filters of what is listed; the probabilities are unfiltered.</param>
    /// <param name="result">Receives the mixture, entropy and most probable token.</param>
    /// <param name="share">What all probabilities sum to, 0 to 1.</param>
    /// <param name="probabilities">Receives them.</param>
    /// <returns>Their sum to the last digit.</returns>
    internal double MixAndDistribute(
        ReadOnlySpan<float> logits, MixOptions options, ConceptToken result, double share, Span<float> probabilities)
    {
        Mix(logits, options, result);
        return Distribute(
            logits, logits[Candidate.Id(_candidates[0])], options.Temperature, share, probabilities);
    }

    private double Distribute(
        ReadOnlySpan<float> logits, float largest, float temperature, double share, Span<float> probabilities)
    {
        double sum = LogitKernels.Exponentiate(MixableBlocks(logits), largest, temperature, probabilities);
        return LogitKernels.Scale(probabilities, (float)(share / sum));
    }

    /// <summary>Draws from a filtered distribution of more tokens than were selected as candidates, which all
    /// pass.</summary>
    /// <remarks>
    /// Nothing is sorted. The least logit that passes is searched for by its order, a whole number: each pass over the
    /// vocabulary sums the weights above three bars and leaves a quarter of the range, so 16 passes find it. Of equal
    /// logits at the bar the lowest ids pass. The draws then walk in order of id, as those without a filter do.
    /// </remarks>
    private void DrawFromMany(ReadOnlySpan<float> logits, MixOptions options, ref RandomStream random, Span<int> drawn)
    {
        float largest = logits[Candidate.Id(_candidates[0])];
        double mass = LogitKernels.Exponentiate(MixableBlocks(logits), largest, options.Temperature, _all);
        float bar = options.MinP > 0f ? LeastByMinP(largest, options) : -float.MaxValue;
        if (options.TopP < 1f)
        {
            float least = LeastByTopP(logits, options.TopP * mass, out int firstLeftOut);
            for (int id = firstLeftOut; id < logits.Length; id++)
            {
                _all[id] = logits[id] == least ? 0f : _all[id];
            }

            bar = Math.Max(bar, least);
        }

        mass = LogitKernels.ClearBelow(logits, _all, bar, _partials);
        foreach (ref int id in drawn)
        {
            id = DrawFromAll(random.NextDouble() * mass);
        }
    }

    /// <summary>The least logit whose weight passes min-p: the weights of candidates rise with their logits.</summary>
    private static float LeastByMinP(float largest, MixOptions options)
    {
        uint fails = Candidate.Order(float.NegativeInfinity), passes = Candidate.Order(largest);
        while (passes - fails > 1)
        {
            uint tried = fails + (passes - fails) / 2;
            double weight = Math.Exp(((double)Candidate.Logit(tried) - largest) / options.Temperature);
            (fails, passes) = weight < options.MinP ? (tried, passes) : (fails, tried);
        }

        return Candidate.Logit(passes);
    }

    /// <summary>The least logit that top-p lets pass.</summary>
    /// <param name="logits">The logits.</param>
    /// <param name="target">The mass to reach, in units of <see cref="_all"/>; the candidates do not reach it, or only
    /// with the last of them.</param>
    /// <param name="firstLeftOut">From this id on, tokens of just that logit are left out.</param>
    private float LeastByTopP(ReadOnlySpan<float> logits, double target, out int firstLeftOut)
    {
        uint reaches = Candidate.Order(-float.MaxValue);
        uint misses = Candidate.Order(logits[Candidate.Id(_candidates[FirstGuess - 1])]) + 1;
        for (uint width; (width = misses - reaches) > 1;)
        {
            uint quarter = Math.Max(1, width / 4);
            uint low = reaches + quarter, middle = reaches + width / 2, high = misses - quarter;
            (double Low, double Middle, double High) sums = LogitKernels.SumAtLeast(
                logits, _all, Candidate.Logit(low), Candidate.Logit(middle), Candidate.Logit(high));
            (reaches, misses) = sums.High >= target ? (high, misses)
                : sums.Middle >= target ? (middle, high)
                : sums.Low >= target ? (low, middle)
                : (reaches, low);
        }

        float least = Candidate.Logit(reaches);
        double above = LogitKernels.SumAtLeast(logits, _all, least, least, Candidate.Logit(misses)).High;
        int id = 0;
        for (; id < logits.Length && above < target; id++)
        {
            above += logits[id] == least ? _all[id] : 0f;
        }

        firstLeftOut = id;
        return least;
    }

    /// <summary>The first token, in order of id, at which the running sum of weights exceeds the target.</summary>
    private int DrawFromAll(double target)
    {
        int run = 0, lastRun = Array.FindLastIndex(_partials, sum => sum > 0);
        for (; run < lastRun && target >= _partials[run]; run++)
        {
            target -= _partials[run];
        }

        int start = run * LogitKernels.TokensPerPartial;
        int end = Math.Min(start + LogitKernels.TokensPerPartial, _all.Length);
        int drawn = start;
        for (int id = start; id < end && target >= 0; id++)
        {
            drawn = _all[id] > 0f ? id : drawn; // where rounding leaves a rest of the target, the run's last token
            target -= _all[id];
        }

        return drawn;
    }
}
