using System.Numerics.Tensors;
using GgufConcepts.Gguf;
using GgufConcepts.Strategies;

namespace GgufConcepts.Models;

/// <summary>The ridge map from hidden states to input vectors: M = (O'O + ridge I)^-1 O'E.</summary>
/// <remarks>
/// O is the output head, shape [vocabulary, hidden width], E the input table, shape [vocabulary, vector width]. Of all
/// linear maps it brings the head's rows nearest to the tokens' input rows. With one table for both it is the identity,
/// but for the ridge. Source: LatentMAS, arXiv 2511.20639. Immutable; any thread.
/// </remarks>
public sealed class RidgeMap : IRealignment
{
    /// <summary>The paper's ridge.</summary>
    public const double Ridge = 1e-5;

    private const int BlockRows = 64;

    private readonly float[] _map; // [hidden width, vector width], row-major

    internal RidgeMap(int hiddenWidth, int vectorWidth, float[] map)
    {
        (HiddenWidth, VectorWidth, _map) = (hiddenWidth, vectorWidth, map);
    }

    /// <summary>Floats in one hidden state.</summary>
    public int HiddenWidth { get; }

    /// <summary>Floats in one input vector.</summary>
    public int VectorWidth { get; }

    /// <summary>The map, shape [<see cref="HiddenWidth"/>, <see cref="VectorWidth"/>], row-major.</summary>
    public ReadOnlySpan<float> Values => _map;

    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<float> hidden, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(hidden.Length, HiddenWidth, nameof(hidden));
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length, VectorWidth, nameof(destination));
        if (destination.Overlaps(hidden))
        {
            throw new ArgumentException("The destination overlaps the state; give it memory of its own.", nameof(destination));
        }

        destination.Clear();
        for (int i = 0; i < hidden.Length; i++)
        {
            ReadOnlySpan<float> row = _map.AsSpan(i * VectorWidth, VectorWidth);
            TensorPrimitives.MultiplyAdd(row, hidden[i], destination, destination);
        }
    }

    /// <summary>Computes the map: one pass over both tables, then one system of equations.</summary>
    /// <param name="input">The input table.</param>
    /// <param name="output">The output head; the same tensor where a model shares one.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <remarks>Takes vocabulary x width^2 multiplications, on all processors, and 16 x width^2 bytes.</remarks>
    public static RidgeMap Compute(GgufTensor input, GgufTensor output, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(output);
        if (input.RowCount != output.RowCount)
        {
            throw new ConceptInputException(
                $"{input.Path}: {input} and {output} differ in rows, so hidden states cannot be realigned; " +
                "leave realign out.");
        }

        int hidden = checked((int)output.Width);
        int width = checked((int)input.Width);
        double[] gram = new double[hidden * hidden];
        double[] cross = new double[hidden * width];
        float[] outputRows = new float[BlockRows * hidden];
        float[] inputRows = new float[BlockRows * width];
        for (long first = 0; first < output.RowCount; first += BlockRows)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = (int)Math.Min(BlockRows, output.RowCount - first);
            for (int row = 0; row < count; row++)
            {
                output.CopyRow(first + row, outputRows.AsSpan(row * hidden, hidden));
                input.CopyRow(first + row, inputRows.AsSpan(row * width, width));
            }

            AddProducts(outputRows, outputRows, count, hidden, hidden, gram);
            AddProducts(outputRows, inputRows, count, hidden, width, cross);
        }

        for (int i = 0; i < hidden; i++)
        {
            gram[i * hidden + i] += Ridge;
        }

        Cholesky.Solve(gram, hidden, cross, width);
        return new RidgeMap(hidden, width, Array.ConvertAll(cross, value => (float)value));
    }

    /// <summary>Adds A'B of a block of rows: floats within the block, doubles across blocks.</summary>
    private static void AddProducts(float[] a, float[] b, int count, int aWidth, int bWidth, double[] sums) =>
        Parallel.For(0, aWidth, () => new float[bWidth], (i, _, sum) =>
        {
            sum.AsSpan().Clear();
            for (int row = 0; row < count; row++)
            {
                TensorPrimitives.MultiplyAdd(b.AsSpan(row * bWidth, bWidth), a[row * aWidth + i], sum, sum);
            }

            Span<double> target = sums.AsSpan(i * bWidth, bWidth);
            for (int j = 0; j < sum.Length; j++)
            {
                target[j] += sum[j];
            }

            return sum;
        }, _ => { });
}
