namespace GgufConcepts.Thinking;

/// <summary>Ends a thought when the model has been sure for several steps in a row.</summary>
/// <remarks>Source: Soft Thinking, arXiv 2505.15778. The entropy is that of the whole vocabulary: after top-p it would
/// be zero most of the time. The paper uses .01 and 256 on reasoning models; without a marker to end the thought, a
/// higher bound and a few steps work better, and those are the defaults.</remarks>
public sealed record ColdStop
{
    /// <summary>Entropy below which a step counts as sure; in nats.</summary>
    /// <value>0 or more; 0 switches the rule off; the default is 0.5.</value>
    public double Entropy { get; init; } = 0.5;

    /// <summary>Sure steps in a row that end the thought.</summary>
    /// <value>1 or more; the default is 3.</value>
    public int Patience { get; init; } = 3;

    /// <summary>Lists every rule these values break, in words a user can act on.</summary>
    public IReadOnlyList<string> FindProblems()
    {
        List<string> problems = [];
        if (!(Entropy >= 0 && double.IsFinite(Entropy)))
        {
            problems.Add($"The stop entropy is {Entropy}; use 0 (off) or a finite value above it.");
        }

        if (Patience < 1)
        {
            problems.Add($"The stop patience is {Patience}; use at least 1.");
        }

        return problems;
    }

    /// <summary>The count of one run.</summary>
    internal struct Counter(ColdStop rule)
    {
        private int _sure;

        /// <summary>Sees the entropy of one more step, and says whether the thought ends with it.</summary>
        public bool Fires(double entropy)
        {
            _sure = entropy < rule.Entropy ? _sure + 1 : 0;
            return _sure >= rule.Patience;
        }
    }
}
