using System.Runtime.Intrinsics;
using GgufConcepts.Native;

namespace GgufConcepts.Mixing;

/// <summary>The kernels of one storage type, at the widths this processor has: the widest first, and each narrower one
/// for the columns left.</summary>
/// <remarks>Stateless. Nothing is checked here.</remarks>
internal abstract unsafe class StoredKernels
{
    /// <summary>Floats, for rows that had to be dequantised first.</summary>
    public static readonly StoredKernels Floats = new StoredKernels<StoredFloats>();

    private static readonly StoredKernels s_bfloats = new StoredKernels<StoredBFloats>();
    private static readonly StoredKernels s_halfs = new StoredKernels<StoredHalfs>();
    private static readonly StoredKernels s_q8 = new StoredKernels<StoredQ8>();
    private static readonly StoredKernels s_q4 = new StoredKernels<StoredGroups<Q4Groups>>();
    private static readonly StoredKernels s_q6 = new StoredKernels<StoredGroups<Q6Groups>>();

    /// <summary>The kernels of a type, or null where its rows are to be dequantised by ggml first: types that
    /// embeddings seldom come in, and processors without vectors.</summary>
    public static StoredKernels? For(GgmlType type) => !Vector128.IsHardwareAccelerated ? null : type switch
    {
        GgmlType.F32 => Floats,
        GgmlType.BF16 => s_bfloats,
        GgmlType.F16 => s_halfs,
        GgmlType.Q8_0 => s_q8,
        GgmlType.Q4_0 => s_q4,
        GgmlType.Q6_K => s_q6,
        _ => null,
    };

    /// <inheritdoc cref="RowKernels.Blend"/>
    public abstract void Blend(
        in StoredRows rows,
        ReadOnlySpan<int> ids,
        ReadOnlySpan<float> weights,
        ReadOnlySpan<int> next,
        bool adds,
        float scale,
        Span<float> destination);

    /// <summary>Dot products of one row with vectors of shape [products, width].</summary>
    public abstract void Dot(byte* row, int width, ReadOnlySpan<float> vectors, Span<float> products);

    /// <summary>The sum of the squares of a row's numbers.</summary>
    public abstract float SumOfSquares(byte* row, int width);
}

/// <inheritdoc/>
internal sealed unsafe class StoredKernels<TStored> : StoredKernels
    where TStored : struct, IStoredType
{
    public override void Blend(
        in StoredRows rows,
        ReadOnlySpan<int> ids,
        ReadOnlySpan<float> weights,
        ReadOnlySpan<int> next,
        bool adds,
        float scale,
        Span<float> destination)
    {
        nuint column = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            column = RowKernels.Blend<TStored, Lanes512, Vector512<float>>(
                in rows, ids, weights, next, adds, scale, destination, column);
        }

        if (Vector256.IsHardwareAccelerated)
        {
            column = RowKernels.Blend<TStored, Lanes256, Vector256<float>>(
                in rows, ids, weights, next, adds, scale, destination, column);
        }

        if (Vector128.IsHardwareAccelerated)
        {
            column = RowKernels.Blend<TStored, Lanes128, Vector128<float>>(
                in rows, ids, weights, next, adds, scale, destination, column);
        }

        RowKernels.BlendTail<TStored>(in rows, ids, weights, adds, scale, destination, column);
    }

    public override void Dot(byte* row, int width, ReadOnlySpan<float> vectors, Span<float> products)
    {
        products.Clear();
        fixed (float* vector = vectors)
        fixed (float* product = products)
        {
            int v = 0;
            for (; v + 4 <= products.Length; v += 4)
            {
                Dot4(row, (nuint)width, vector + (nuint)v * (nuint)width, product + v);
            }

            for (; v < products.Length; v++)
            {
                product[v] = Dot(row, (nuint)width, vector + (nuint)v * (nuint)width);
            }
        }
    }

    public override float SumOfSquares(byte* row, int width)
    {
        nuint column = 0;
        float squares = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            column = RowKernels.Squares<TStored, Lanes512, Vector512<float>>(row, (nuint)width, column, ref squares);
        }

        if (Vector256.IsHardwareAccelerated)
        {
            column = RowKernels.Squares<TStored, Lanes256, Vector256<float>>(row, (nuint)width, column, ref squares);
        }

        if (Vector128.IsHardwareAccelerated)
        {
            column = RowKernels.Squares<TStored, Lanes128, Vector128<float>>(row, (nuint)width, column, ref squares);
        }

        for (; column < (nuint)width; column++)
        {
            float number = TStored.At(row, column);
            squares += number * number;
        }

        return squares;
    }

    private static float Dot(byte* row, nuint width, float* vector)
    {
        nuint column = 0;
        float product = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            column = RowKernels.Dot<TStored, Lanes512, Vector512<float>>(row, vector, width, column, ref product);
        }

        if (Vector256.IsHardwareAccelerated)
        {
            column = RowKernels.Dot<TStored, Lanes256, Vector256<float>>(row, vector, width, column, ref product);
        }

        if (Vector128.IsHardwareAccelerated)
        {
            column = RowKernels.Dot<TStored, Lanes128, Vector128<float>>(row, vector, width, column, ref product);
        }

        for (; column < width; column++)
        {
            product += TStored.At(row, column) * vector[column];
        }

        return product;
    }

    private static void Dot4(byte* row, nuint width, float* vectors, float* products)
    {
        nuint column = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            column = RowKernels.Dot4<TStored, Lanes512, Vector512<float>>(row, vectors, width, column, products);
        }

        if (Vector256.IsHardwareAccelerated)
        {
            column = RowKernels.Dot4<TStored, Lanes256, Vector256<float>>(row, vectors, width, column, products);
        }

        if (Vector128.IsHardwareAccelerated)
        {
            column = RowKernels.Dot4<TStored, Lanes128, Vector128<float>>(row, vectors, width, column, products);
        }

        for (; column < width; column++)
        {
            float number = TStored.At(row, column);
            for (nuint v = 0; v < 4; v++)
            {
                products[v] += number * vectors[v * width + column];
            }
        }
    }
}
