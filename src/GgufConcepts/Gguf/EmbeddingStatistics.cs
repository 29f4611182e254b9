namespace GgufConcepts.Gguf;

/// <summary>How long the rows of a table are.</summary>
/// <param name="MeanNorm">The mean Euclidean length of a row.</param>
/// <param name="RootMeanSquare">The root of the mean square of all numbers.</param>
public sealed record EmbeddingStatistics(double MeanNorm, double RootMeanSquare)
{
    /// <summary>Measures a table; the table remembers it.</summary>
    /// <remarks>The first use reads the table once, on all processors; the result does not depend on how many there
    /// are.</remarks>
    /// <exception cref="ObjectDisposedException">The model's file was closed before the first use.</exception>
    public static EmbeddingStatistics Measure(EmbeddingTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return table.Lengths.Statistics;
    }
}
