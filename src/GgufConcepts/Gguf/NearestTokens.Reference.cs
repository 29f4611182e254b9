namespace GgufConcepts.Gguf;

public static partial class NearestTokens
{
    /// <summary>What <see cref="Find"/> should give: plain loops, sums in double, everything sorted.</summary>
    internal static NearToken[][] FindReference(
        EmbeddingTable table, ReadOnlySpan<float> vectors, int vectorCount, int count, Predicate<int>? listed = null)
    {
        Check(table, vectors, vectorCount, count);
        int width = table.Width;
        NearToken[][] found = new NearToken[vectorCount][];
        float[] row = new float[width];
        for (int v = 0; v < vectorCount; v++)
        {
            List<NearToken> all = [];
            for (int id = 0; id < table.RowCount; id++)
            {
                table.CopyRow(id, row);
                double product = 0, rowSquares = 0, vectorSquares = 0;
                for (int i = 0; i < width; i++)
                {
                    double x = vectors[v * width + i];
                    product += x * row[i];
                    rowSquares += (double)row[i] * row[i];
                    vectorSquares += x * x;
                }

                double lengths = Math.Sqrt(rowSquares) * Math.Sqrt(vectorSquares);
                all.Add(new NearToken(id, lengths > 0 ? (float)(product / lengths) : 0));
            }

            found[v] = [.. all.Where(token => listed is null || listed(token.Id))
                .OrderByDescending(token => token.Cosine).ThenBy(token => token.Id).Take(count)];
        }

        return found;
    }
}
