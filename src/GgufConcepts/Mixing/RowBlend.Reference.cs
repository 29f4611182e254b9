namespace GgufConcepts.Mixing;

public static partial class RowBlend
{
    /// <summary>The same as <see cref="Blend(ReadOnlySpan{float}, ReadOnlySpan{float}, Span{float})"/>, with double
    /// sums.</summary>
    internal static void BlendReference(ReadOnlySpan<float> rows, ReadOnlySpan<float> weights, Span<float> destination)
    {
        for (int column = 0; column < destination.Length; column++)
        {
            double sum = (double)weights[0] * rows[column]; // not 0 + the first: that would turn -0 into +0
            for (int row = 1; row < weights.Length; row++)
            {
                sum += (double)weights[row] * rows[row * destination.Length + column];
            }

            destination[column] = (float)sum;
        }
    }
}
