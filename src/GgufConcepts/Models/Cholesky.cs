using System.Numerics.Tensors;

namespace GgufConcepts.Models;

/// <summary>Solves systems of equations with a symmetric positive definite matrix.</summary>
internal static class Cholesky
{
    /// <summary>Solves A X = B, in place of B.</summary>
    /// <param name="a">A, shape [size, size], row-major; its lower half is overwritten by its factor.</param>
    /// <param name="size">Rows of A.</param>
    /// <param name="b">B, shape [size, columns], row-major; receives X.</param>
    /// <param name="columns">Columns of B.</param>
    /// <exception cref="ArithmeticException">A is not positive definite, or holds NaN.</exception>
    public static void Solve(double[] a, int size, double[] b, int columns)
    {
        Factor(a, size);
        for (int i = 0; i < size; i++) // L Y = B
        {
            Eliminate(b, columns, i, 0, i, from => a[i * size + from]);
            TensorPrimitives.Divide(Row(b, columns, i), a[i * size + i], Row(b, columns, i));
        }

        for (int i = size - 1; i >= 0; i--) // L' X = Y
        {
            Eliminate(b, columns, i, i + 1, size, from => a[from * size + i]);
            TensorPrimitives.Divide(Row(b, columns, i), a[i * size + i], Row(b, columns, i));
        }
    }

    /// <summary>A = L L', L in the lower half.</summary>
    private static void Factor(double[] a, int size)
    {
        for (int column = 0; column < size; column++)
        {
            ReadOnlySpan<double> head = a.AsSpan(column * size, column);
            double pivot = a[column * size + column] - TensorPrimitives.Dot(head, head);
            if (!(pivot > 0))
            {
                throw new ArithmeticException($"The matrix is not positive definite: pivot {column} is {pivot}.");
            }

            double root = a[column * size + column] = Math.Sqrt(pivot);
            int at = column;
            Parallel.For(column + 1, size, row =>
            {
                double product = TensorPrimitives.Dot<double>(a.AsSpan(row * size, at), a.AsSpan(at * size, at));
                a[row * size + at] = (a[row * size + at] - product) / root;
            });
        }
    }

    private static void Eliminate(double[] b, int columns, int row, int first, int end, Func<int, double> factor)
    {
        for (int from = first; from < end; from++)
        {
            TensorPrimitives.MultiplyAdd(Row(b, columns, from), -factor(from), Row(b, columns, row), Row(b, columns, row));
        }
    }

    private static Span<double> Row(double[] b, int columns, int row) => b.AsSpan(row * columns, columns);
}
