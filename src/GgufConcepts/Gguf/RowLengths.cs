using GgufConcepts.Mixing;

namespace GgufConcepts.Gguf;

/// <summary>How long each row of a table is, and what that comes to. One pass over the table, on all
/// processors.</summary>
/// <param name="Norms">Euclidean length of each row, shape [rows].</param>
/// <param name="Statistics">Of the whole table.</param>
internal sealed record RowLengths(float[] Norms, EmbeddingStatistics Statistics)
{
    private const int BlockRows = 256;

    /// <summary>Measures a table.</summary>
    /// <remarks>The same whatever the number of processors: blocks are added up in their order.</remarks>
    public static RowLengths Measure(EmbeddingTable table)
    {
        using MappedFile.Lease lease = table.Borrow(out StoredRows rows);
        float[] lengths = new float[rows.Count];
        (double Norms, double Squares)[] blocks = new (double, double)[((long)rows.Count + BlockRows - 1) / BlockRows];
        Parallel.For(0, blocks.Length, () => new float[rows.Width], (block, _, scratch) =>
        {
            (double norms, double squares) = (0, 0);
            int first = block * BlockRows;
            foreach (ref float length in lengths.AsSpan(first, Math.Min(BlockRows, lengths.Length - first)))
            {
                double square = rows.SumOfSquares(first++, scratch);
                double norm = Math.Sqrt(square);
                length = (float)norm;
                norms += norm;
                squares += square;
            }

            blocks[block] = (norms, squares);
            return scratch;
        }, _ => { });
        return new RowLengths(lengths, new EmbeddingStatistics(
            blocks.Sum(block => block.Norms) / rows.Count,
            Math.Sqrt(blocks.Sum(block => block.Squares) / ((double)rows.Count * rows.Width))));
    }
}
