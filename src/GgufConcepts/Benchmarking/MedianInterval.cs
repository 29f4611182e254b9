namespace GgufConcepts.Benchmarking;

/// <summary>A median, and where the true one probably lies.</summary>
/// <param name="Median">Of the sample.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
/// <remarks>
/// The interval is bounded by two of the sorted values, the k-th from either end: the true median lies outside with
/// probability 2 P(X &lt; k), X binomial(n, 1/2), whatever the distribution. k is the largest that leaves at least 95%
/// inside; below 6 values there is none. Source: the sign test's interval, such as in M. Hollander, D. A. Wolfe,
/// "Nonparametric Statistical Methods", section 3.6.
/// </remarks>
public readonly record struct MedianInterval(double Median, double Low, double High)
{
    /// <summary>The fewest values that an interval of 95% can be made of.</summary>
    public const int LeastValues = 6;

    /// <summary>Measures a sample.</summary>
    /// <param name="values">At least <see cref="LeastValues"/>, in any order.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are too few.</exception>
    public static MedianInterval Of(ReadOnlySpan<double> values)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(values.Length, LeastValues, nameof(values));
        double[] sorted = values.ToArray();
        Array.Sort(sorted);
        int k = 0;
        double term = Math.Pow(0.5, sorted.Length); // P(X = k)
        for (double outside = 2 * term; outside <= 0.05; outside += 2 * term)
        {
            k++;
            term *= (double)(sorted.Length - k + 1) / k;
        }

        return new MedianInterval(MedianOf(sorted), sorted[k - 1], sorted[^k]);
    }

    /// <summary>The middle of some values; of an even number, the mean of the middle two.</summary>
    internal static double MedianOf(double[] sorted) =>
        (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
}
