namespace GgufConcepts.Evaluation;

/// <summary>McNemar's exact test: do two ways of answering the same items differ?</summary>
/// <remarks>
/// Only items that one of them alone gets right count. If neither were better, each such item would fall to either side
/// like a coin: of n = gained + lost, the smaller side is binomial(n, 1/2), and p = min(1, 2 P(X ≤ min(gained, lost))).
/// Exact, so that it holds for few items too. Source: Q. McNemar, Psychometrika 12 (1947) 153-157; the exact form is
/// the sign test, as in <c>statsmodels.stats.contingency_tables.mcnemar(exact=True)</c>.
/// </remarks>
public static class McNemar
{
    /// <summary>The two-sided p-value.</summary>
    /// <param name="gained">Items that only the first got right.</param>
    /// <param name="lost">Items that only the second got right.</param>
    /// <returns>0 to 1; 1 where the two never differ.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A count is negative.</exception>
    public static double Exact(int gained, int lost)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(gained);
        ArgumentOutOfRangeException.ThrowIfNegative(lost);
        double count = (double)gained + lost;
        double logTerm = -count * Math.Log(2); // of C(n, k) / 2^n, which alone would underflow
        double tail = 0;
        for (int k = 0; k <= Math.Min(gained, lost); k++)
        {
            tail += Math.Exp(logTerm);
            logTerm += Math.Log((count - k) / (k + 1));
        }

        return Math.Min(1, 2 * tail);
    }
}
