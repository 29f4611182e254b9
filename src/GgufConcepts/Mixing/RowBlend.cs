using System.Runtime.Intrinsics;

namespace GgufConcepts.Mixing;

/// <summary>Makes a concept vector: the weighted sum of embedding rows.</summary>
public static partial class RowBlend
{
    /// <summary>Computes <c>destination[j] = sum over k of weights[k] * rows[k, j]</c>.</summary>
    /// <param name="rows">Embedding rows, shape [count, width], row-major.</param>
    /// <param name="weights">One weight per row, shape [count], at least one; used as given, not normalised.</param>
    /// <param name="destination">Receives the blend, shape [width]; must not overlap <paramref name="rows"/>.</param>
    /// <exception cref="ArgumentException">The shapes disagree, or input and output overlap.</exception>
    /// <remarks>Float32 sums in row order, within (count + 1) 6e-8 of the sum of |weight x value|. One row of weight 1
    /// comes back bit for bit. NaN in a row reaches the result.</remarks>
    public static void Blend(ReadOnlySpan<float> rows, ReadOnlySpan<float> weights, Span<float> destination)
    {
        if (weights.IsEmpty)
        {
            throw new ArgumentException("There are no weights; blend at least one row.", nameof(weights));
        }

        if (rows.Length != (long)weights.Length * destination.Length)
        {
            throw new ArgumentException(
                $"{rows.Length} values for {weights.Length} rows of {destination.Length}; "
                + $"give {(long)weights.Length * destination.Length}.",
                nameof(rows));
        }

        if (destination.Overlaps(rows) || destination.Overlaps(weights))
        {
            throw new ArgumentException("The destination overlaps the input; give it memory of its own.", nameof(destination));
        }

        int column = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            column = Blend<Lanes512, Vector512<float>>(rows, weights, destination, column);
        }

        if (Vector256.IsHardwareAccelerated)
        {
            column = Blend<Lanes256, Vector256<float>>(rows, weights, destination, column);
        }

        if (Vector128.IsHardwareAccelerated)
        {
            column = Blend<Lanes128, Vector128<float>>(rows, weights, destination, column);
        }

        Blend<Lanes1, float>(rows, weights, destination, column);
    }
}
