using System.Numerics.Tensors;

namespace GgufConcepts.Gguf;

/// <summary>How long the rows of a table are. One pass over the table, on all processors.</summary>
/// <param name="MeanNorm">The mean Euclidean length of a row.</param>
/// <param name="RootMeanSquare">The root of the mean square of all numbers.</param>
public sealed record EmbeddingStatistics(double MeanNorm, double RootMeanSquare)
{
    private const int BlockRows = 256;

    /// <summary>Measures a table.</summary>
    /// <remarks>The same whatever the number of processors: blocks are added up in their order.</remarks>
    public static EmbeddingStatistics Measure(EmbeddingTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        (double Norms, double Squares)[] blocks = new (double, double)[(table.RowCount + BlockRows - 1) / BlockRows];
        Parallel.For(0, blocks.Length, () => new float[table.Width], (block, _, row) =>
        {
            (double norms, double squares) = (0, 0);
            for (int id = block * BlockRows; id < Math.Min((block + 1) * BlockRows, table.RowCount); id++)
            {
                table.CopyRow(id, row);
                double square = TensorPrimitives.SumOfSquares<float>(row);
                norms += Math.Sqrt(square);
                squares += square;
            }

            blocks[block] = (norms, squares);
            return row;
        }, _ => { });
        return new EmbeddingStatistics(
            blocks.Sum(block => block.Norms) / table.RowCount,
            Math.Sqrt(blocks.Sum(block => block.Squares) / ((double)table.RowCount * table.Width)));
    }
}
