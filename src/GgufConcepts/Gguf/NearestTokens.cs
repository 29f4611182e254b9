using System.Numerics.Tensors;
using System.Runtime.ExceptionServices;
using GgufConcepts.Mixing;

namespace GgufConcepts.Gguf;

/// <summary>A token near a vector.</summary>
/// <param name="Id">The token.</param>
/// <param name="Cosine">Cosine of the angle between its row and the vector, -1 to 1; 0 where either is zeros.</param>
public readonly record struct NearToken(int Id, float Cosine);

/// <summary>Finds the tokens whose embedding rows point most nearly the way a vector does.</summary>
/// <remarks>
/// One pass over the table whatever the number of vectors, in blocks, on all processors, and one more at the first use
/// for the lengths of its rows. Any thread.
/// </remarks>
public static partial class NearestTokens
{
    private const int BlockRows = 256;

    /// <summary>Finds the <paramref name="count"/> nearest tokens of each vector.</summary>
    /// <param name="table">The rows.</param>
    /// <param name="vectors">Shape [vectorCount, width], row-major.</param>
    /// <param name="vectorCount">How many vectors.</param>
    /// <param name="count">How many tokens to list for each; fewer come back where the table has fewer.</param>
    /// <param name="listed">Which ids may be listed, or null for all; called from several threads at once.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>For each vector its tokens, nearest first; of equals the lower id first.</returns>
    /// <exception cref="ArgumentException">The shapes disagree, or <paramref name="count"/> is below 1.</exception>
    /// <exception cref="ObjectDisposedException">The model's file was closed.</exception>
    public static NearToken[][] Find(
        EmbeddingTable table,
        ReadOnlySpan<float> vectors,
        int vectorCount,
        int count,
        Predicate<int>? listed = null,
        CancellationToken cancellation = default)
    {
        Check(table, vectors, vectorCount, count);
        using MappedFile.Lease lease = table.Borrow(out StoredRows rows); // for all threads, until the last is done
        float[] norms = table.Lengths.Norms;
        int kept = Math.Min(count, rows.Count);
        float[] directions = Normalise(vectors, vectorCount);
        NearestList[] best = NewLists();
        ParallelOptions options = new() { CancellationToken = cancellation };
        int blocks = (int)(((long)rows.Count + BlockRows - 1) / BlockRows);
        Lock merging = new();
        try
        {
            Parallel.For(
                0,
                blocks,
                options,
                () => new Own(new float[rows.Width], new float[vectorCount], NewLists()),
                (block, _, own) => Visit(block, own),
                Merge);
        }
        catch (AggregateException problem)
        {
            ExceptionDispatchInfo.Throw(problem.InnerExceptions[0]); // as if there were one thread
        }

        return [.. best.Select(list => list.ToArray())];

        NearestList[] NewLists() => [.. Enumerable.Range(0, vectorCount).Select(_ => new NearestList(kept))];

        Own Visit(int block, Own own)
        {
            int end = (int)Math.Min((block + 1L) * BlockRows, norms.Length);
            for (int id = block * BlockRows; id < end; id++)
            {
                if (listed is not null && !listed(id))
                {
                    continue;
                }

                rows.Dot(id, directions, own.Products, own.Row);
                for (int v = 0; v < own.Best.Length; v++)
                {
                    float cosine = own.Products[v] / norms[id];
                    own.Best[v].Offer(new NearToken(id, float.IsFinite(cosine) ? cosine : 0)); // 0/0: a row of zeros
                }
            }

            return own;
        }

        void Merge(Own own)
        {
            lock (merging)
            {
                for (int v = 0; v < best.Length; v++)
                {
                    best[v].Offer(own.Best[v]);
                }
            }
        }
    }

    /// <summary>The vectors at length 1; a vector of zeros stays one. Doubles, so that no length overflows.</summary>
    private static float[] Normalise(ReadOnlySpan<float> vectors, int vectorCount)
    {
        float[] directions = vectors.ToArray();
        int width = directions.Length / vectorCount;
        for (int v = 0; v < vectorCount; v++)
        {
            Span<float> vector = directions.AsSpan(v * width, width);
            double squares = 0;
            foreach (float x in vector)
            {
                squares += (double)x * x;
            }

            double scale = squares > 0 ? 1 / Math.Sqrt(squares) : 0;
            foreach (ref float x in vector)
            {
                x = (float)(x * scale);
            }
        }

        return directions;
    }

    private static void Check(EmbeddingTable table, ReadOnlySpan<float> vectors, int vectorCount, int count)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(vectorCount);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (vectors.Length != (long)vectorCount * table.Width)
        {
            throw new ArgumentException(
                $"{vectors.Length} floats for {vectorCount} vectors of {table.Width}.", nameof(vectors));
        }

        if (!TensorPrimitives.IsFiniteAll(vectors))
        {
            throw new ArgumentException("A vector holds NaN or infinity; it is near to nothing.", nameof(vectors));
        }
    }

    /// <summary>What one thread has to itself.</summary>
    private sealed record Own(float[] Row, float[] Products, NearestList[] Best);
}
