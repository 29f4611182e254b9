namespace GgufConcepts.Evaluation;

/// <summary>Where a share probably lies.</summary>
/// <param name="Low">Lower end, 0 to 1.</param>
/// <param name="High">Upper end, 0 to 1.</param>
public readonly record struct Interval(double Low, double High);

/// <summary>Wilson's score interval: how far a counted share can be trusted.</summary>
/// <remarks>
/// With p = right / count and z = 1.96 (95%): (p + z^2 / 2n ± z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n). It
/// stays within 0 and 1 and holds for few items and for shares near the ends. Source: E. B. Wilson, J. Am. Stat. Assoc.
/// 22 (1927) 209-212; R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, method 3.
/// </remarks>
public static class Wilson
{
    private const double Z = 1.959963984540054; // 97.5th percentile of the normal distribution

    /// <summary>The 95% interval of a share.</summary>
    /// <param name="right">How many were right, 0 to <paramref name="count"/>.</param>
    /// <param name="count">Of how many; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is out of range.</exception>
    public static Interval Interval(int right, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(right);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(right, count);
        double n = count;
        double share = right / n;
        double middle = share + (Z * Z / (2 * n));
        double half = Z * Math.Sqrt((share * (1 - share) / n) + (Z * Z / (4 * n * n)));
        double scale = 1 + (Z * Z / n);
        return new Interval(
            right == 0 ? 0 : (middle - half) / scale, // exactly, where rounding would miss it
            right == count ? 1 : (middle + half) / scale);
    }
}
