using System.Runtime.InteropServices;

namespace GgufConcepts.Native;

/// <summary>ggml's own conversion between stored rows and floats. Stateless; any thread.</summary>
public static unsafe class GgmlTypes
{
    private const float LargestOnAGrid = 65504; // the scales of its blocks are halves

    /// <summary>The layout of a type: how many numbers a block holds and how many bytes it takes.</summary>
    /// <remarks>A table of our own, so that a file can be checked before any native library is loaded; a test holds
    /// it to ggml's <c>type_traits</c>.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The type does not exist (any more).</exception>
    public static (int BlockLength, int BlockBytes) Layout(GgmlType type) => type switch
    {
        GgmlType.F32 or GgmlType.I32 => (1, 4),
        GgmlType.F16 or GgmlType.BF16 or GgmlType.I16 => (1, 2),
        GgmlType.I8 => (1, 1),
        GgmlType.F64 or GgmlType.I64 => (1, 8),
        GgmlType.Q4_0 or GgmlType.IQ4_NL => (32, 18),
        GgmlType.Q4_1 => (32, 20),
        GgmlType.Q5_0 => (32, 22),
        GgmlType.Q5_1 => (32, 24),
        GgmlType.Q8_0 => (32, 34),
        GgmlType.Q8_1 => (32, 36),
        GgmlType.MXFP4 => (32, 17),
        GgmlType.NVFP4 => (64, 36),
        GgmlType.Q2_0 => (64, 18),
        GgmlType.Q1_0 => (128, 18),
        GgmlType.Q2_K => (256, 84),
        GgmlType.Q3_K or GgmlType.IQ3_S => (256, 110),
        GgmlType.Q4_K => (256, 144),
        GgmlType.Q5_K => (256, 176),
        GgmlType.Q6_K => (256, 210),
        GgmlType.Q8_K => (256, 292),
        GgmlType.IQ2_XXS or GgmlType.TQ2_0 => (256, 66),
        GgmlType.IQ2_XS => (256, 74),
        GgmlType.IQ2_S => (256, 82),
        GgmlType.IQ3_XXS => (256, 98),
        GgmlType.IQ1_S => (256, 50),
        GgmlType.IQ1_M => (256, 56),
        GgmlType.IQ4_XS => (256, 136),
        GgmlType.TQ1_0 => (256, 54),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No such ggml type."),
    };

    /// <summary>Whether weights are stored in this type: in floats or quantised, not as plain numbers or for a moment
    /// while it computes.</summary>
    /// <remarks>What <see cref="CanDequantize"/> says, as a table: needs no native library.</remarks>
    public static bool HoldsWeights(GgmlType type) => Enum.IsDefined(type) && type is not
        (GgmlType.I8 or GgmlType.I16 or GgmlType.I32 or GgmlType.I64 or GgmlType.F64 or GgmlType.Q8_1 or GgmlType.Q8_K);

    /// <summary>Whether rows of this type can be read as floats.</summary>
    public static bool CanDequantize(GgmlType type) =>
        Enum.IsDefined(type) && (type == GgmlType.F32 || Traits(type)->to_float != null);

    /// <summary>Whether rows of this type can be made from floats without an importance matrix.</summary>
    public static bool CanQuantize(GgmlType type) =>
        Enum.IsDefined(type)
        && (type == GgmlType.F32
            || (Traits(type)->from_float_ref != null && Traits(type)->to_float != null
                && !GgmlNative.ggml_quantize_requires_imatrix(type)));

    /// <summary>Reads one stored row as floats, exactly as llama.cpp's CPU code does (<c>to_float</c>).</summary>
    /// <param name="type">The storage type.</param>
    /// <param name="row">The stored bytes of whole blocks.</param>
    /// <param name="destination">Receives the numbers; its length fixes the row's width.</param>
    /// <exception cref="ArgumentException">The sizes disagree, or the type cannot be read as floats.</exception>
    public static void Dequantize(GgmlType type, ReadOnlySpan<byte> row, Span<float> destination)
    {
        CheckNumbers(type, destination.Length, rows: 1, nameof(destination));
        CheckBytes(type, row.Length, destination.Length, nameof(row));
        if (type == GgmlType.F32) // has no to_float
        {
            MemoryMarshal.Cast<byte, float>(row).CopyTo(destination);
            return;
        }

        if (!CanDequantize(type))
        {
            throw new ArgumentException($"Rows of type {type} cannot be read as floats.", nameof(type));
        }

        fixed (byte* source = row)
        fixed (float* target = destination)
        {
            Traits(type)->to_float(source, target, destination.Length);
        }
    }

    /// <summary>Stores rows of floats in a type (<c>ggml_quantize_chunk</c>).</summary>
    /// <param name="type">The storage type.</param>
    /// <param name="rows">The numbers, shape [rowCount, width], row-major.</param>
    /// <param name="rowCount">How many rows.</param>
    /// <param name="destination">Receives the stored bytes.</param>
    /// <exception cref="ArgumentException">The sizes disagree, or the type cannot be made from floats
    /// alone.</exception>
    public static void Quantize(GgmlType type, ReadOnlySpan<float> rows, int rowCount, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rowCount);
        CheckNumbers(type, rows.Length, rowCount, nameof(rows));
        CheckBytes(type, destination.Length, rows.Length, nameof(destination));
        if (!CanQuantize(type))
        {
            throw new ArgumentException($"Rows of type {type} cannot be made from floats alone.", nameof(type));
        }

        if (FindProblem(type, rows) is { } problem)
        {
            throw new ArgumentException(problem, nameof(rows));
        }

        LlamaLibrary.EnsureLoaded(); // F32 was not looked up
        fixed (float* source = rows)
        fixed (byte* target = destination)
        {
            GgmlNative.ggml_quantize_chunk(type, source, target, 0, rowCount, rows.Length / rowCount, null);
        }
    }

    /// <summary>What keeps numbers from being stored in a type; null where nothing does.</summary>
    /// <remarks>Where it looks for a point on a grid, llama.cpp ends the process over one that is none, or whose square is too
    /// large (v0.4.0, ggml-quants.c).</remarks>
    internal static string? FindProblem(GgmlType type, ReadOnlySpan<float> numbers)
    {
        if (type is not (GgmlType.IQ2_S or GgmlType.IQ3_XXS or GgmlType.IQ3_S))
        {
            return null;
        }

        foreach (float number in numbers)
        {
            if (!(MathF.Abs(number) <= LargestOnAGrid)) // NaN too
            {
                return $"{number} cannot be stored as {type}; use numbers from {-LargestOnAGrid} to {LargestOnAGrid}.";
            }
        }

        return null;
    }

    private static void CheckNumbers(GgmlType type, int count, int rows, string parameter)
    {
        int blockLength = Layout(type).BlockLength;
        if (count == 0 || count % rows != 0 || count / rows % blockLength != 0)
        {
            throw new ArgumentException(
                $"{count} numbers in rows: {rows}; {type} needs rows of whole blocks of {blockLength}.", parameter);
        }
    }

    private static void CheckBytes(GgmlType type, int bytes, int count, string parameter)
    {
        (int blockLength, int blockBytes) = Layout(type);
        long expected = (long)count / blockLength * blockBytes;
        if (bytes != expected)
        {
            throw new ArgumentException($"{bytes} bytes for {count} numbers of type {type}; expected {expected}.", parameter);
        }
    }

    private static GgmlTypeTraits* Traits(GgmlType type)
    {
        if (LlamaLibrary.OtherTypeTraits != null)
        {
            return LlamaLibrary.OtherTypeTraits(type);
        }

        LlamaLibrary.EnsureLoaded();
        return GgmlNative.ggml_get_type_traits(type);
    }
}
