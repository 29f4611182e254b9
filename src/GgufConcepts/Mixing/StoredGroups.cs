using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GgufConcepts.Mixing;

/// <summary>Types whose numbers are small integers packed in less than a byte, with a scale for 16 or
/// more.</summary>
/// <remarks>Integer times scale needs at most 24 bits, so it is exact whatever the order of factors; only the sign of a
/// zero depends on it.</remarks>
internal unsafe interface IStoredGroups
{
    /// <summary>16 numbers and their scale.</summary>
    /// <param name="row">Where the stored row begins.</param>
    /// <param name="column">The first of them, a multiple of 16.</param>
    /// <param name="scale">What they are to be multiplied by.</param>
    static abstract Vector128<sbyte> One(byte* row, nuint column, out float scale);

    /// <summary>32 numbers and the scales of their halves.</summary>
    /// <param name="row">Where the stored row begins.</param>
    /// <param name="column">The first of them, a multiple of 32.</param>
    /// <param name="lower">Scale of the first 16.</param>
    /// <param name="upper">Scale of the others.</param>
    static abstract Vector256<sbyte> Two(byte* row, nuint column, out float lower, out float upper);
}

/// <summary>Reads such a type at every width.</summary>
internal readonly unsafe struct StoredGroups<TGroups> : IStoredType
    where TGroups : struct, IStoredGroups
{
    public static float At(byte* row, nuint column) =>
        TGroups.One(row, column & ~(nuint)15, out float scale)[(int)(column & 15)] * scale;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(
        byte* row, nuint column,
        out Vector512<float> a, out Vector512<float> b, out Vector512<float> c, out Vector512<float> d)
    {
        Vector256<sbyte> first = TGroups.Two(row, column, out float lower, out float upper);
        a = Vector512.ConvertToSingle(Widening.Wide512(first.GetLower())) * Vector512.Create(lower);
        b = Vector512.ConvertToSingle(Widening.Wide512(first.GetUpper())) * Vector512.Create(upper);
        Vector256<sbyte> second = TGroups.Two(row, column + 32, out lower, out upper);
        c = Vector512.ConvertToSingle(Widening.Wide512(second.GetLower())) * Vector512.Create(lower);
        d = Vector512.ConvertToSingle(Widening.Wide512(second.GetUpper())) * Vector512.Create(upper);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(
        byte* row, nuint column,
        out Vector256<float> a, out Vector256<float> b, out Vector256<float> c, out Vector256<float> d)
    {
        Vector256<sbyte> numbers = TGroups.Two(row, column, out float lower, out float upper);
        Vector256<float> scale = Vector256.Create(lower);
        a = Vector256.ConvertToSingle(Widening.Lower256(numbers.GetLower())) * scale;
        b = Vector256.ConvertToSingle(Widening.Upper256(numbers.GetLower())) * scale;
        scale = Vector256.Create(upper);
        c = Vector256.ConvertToSingle(Widening.Lower256(numbers.GetUpper())) * scale;
        d = Vector256.ConvertToSingle(Widening.Upper256(numbers.GetUpper())) * scale;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(
        byte* row, nuint column,
        out Vector128<float> a, out Vector128<float> b, out Vector128<float> c, out Vector128<float> d) =>
        StoredGroups.Scaled(TGroups.One(row, column, out float scale), scale, out a, out b, out c, out d);
}

/// <summary>What the narrowest width shares.</summary>
internal static class StoredGroups
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scaled(
        Vector128<sbyte> numbers, float scale,
        out Vector128<float> a, out Vector128<float> b, out Vector128<float> c, out Vector128<float> d)
    {
        Vector128<float> factor = Vector128.Create(scale);
        Vector128<short> lower = Vector128.WidenLower(numbers), upper = Vector128.WidenUpper(numbers);
        a = Vector128.ConvertToSingle(Vector128.WidenLower(lower)) * factor;
        b = Vector128.ConvertToSingle(Vector128.WidenUpper(lower)) * factor;
        c = Vector128.ConvertToSingle(Vector128.WidenLower(upper)) * factor;
        d = Vector128.ConvertToSingle(Vector128.WidenUpper(upper)) * factor;
    }
}

/// <summary>Q4_0: blocks of 32: a half as scale, then 16 bytes; byte i holds numbers i (lower four bits) and i + 16,
/// each 8 too high.</summary>
internal readonly unsafe struct Q4Groups : IStoredGroups
{
    private const int BlockBytes = 18;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> One(byte* row, nuint column, out float scale)
    {
        byte* block = row + column / 32 * BlockBytes;
        scale = HalfBits.ToSingle(Unsafe.ReadUnaligned<short>(block));
        Vector128<ushort> packed = Vector128.Load(block + 2).AsUInt16() >> ((int)column / 16 % 2 * 4);
        return (packed.AsByte() & Vector128.Create((byte)15)).AsSByte() - Vector128.Create((sbyte)8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<sbyte> Two(byte* row, nuint column, out float lower, out float upper)
    {
        byte* block = row + column / 32 * BlockBytes;
        lower = upper = HalfBits.ToSingle(Unsafe.ReadUnaligned<short>(block));
        Vector128<byte> packed = Vector128.Load(block + 2);
        Vector256<byte> both = Vector256.Create(packed, (packed.AsUInt16() >> 4).AsByte());
        return (both & Vector256.Create((byte)15)).AsSByte() - Vector256.Create((sbyte)8);
    }
}

/// <summary>Q6_K: blocks of 256: 128 bytes of lower four bits, 64 of upper two, 16 scales of a byte, and a half that
/// scales them.</summary>
/// <remarks>Each half block is four runs of 32. Runs 0 and 1 have their lower bits in the lower halves of 64 bytes,
/// runs 2 and 3 in the upper; run r has its upper bits at place 2 r of 32 bytes. All are 32 too high.</remarks>
internal readonly unsafe struct Q6Groups : IStoredGroups
{
    private const int BlockBytes = 210;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> One(byte* row, nuint column, out float scale)
    {
        byte* block = row + column / 256 * BlockBytes;
        nuint half = column / 128 % 2, inRun = column % 32;
        int run = (int)column / 32 % 4;
        float whole = HalfBits.ToSingle(Unsafe.ReadUnaligned<short>(block + 208));
        scale = whole * ((sbyte*)block)[192 + column / 16 % 16];
        byte* lower = block + half * 64 + ((nuint)run & 1) * 32 + inRun;
        byte* upper = block + 128 + half * 32 + inRun;
        Vector128<byte> low = (Vector128.Load(lower).AsUInt16() >> (run / 2 * 4)).AsByte() & Vector128.Create((byte)15);
        Vector128<byte> high = (Vector128.Load(upper).AsUInt16() >> (run * 2)).AsByte() & Vector128.Create((byte)3);
        return (low | (high.AsUInt16() << 4).AsByte()).AsSByte() - Vector128.Create((sbyte)32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<sbyte> Two(byte* row, nuint column, out float lower, out float upper)
    {
        byte* block = row + column / 256 * BlockBytes;
        nuint half = column / 128 % 2;
        int run = (int)column / 32 % 4;
        float whole = HalfBits.ToSingle(Unsafe.ReadUnaligned<short>(block + 208));
        sbyte* scales = (sbyte*)block + 192 + column / 16 % 16;
        lower = whole * scales[0];
        upper = whole * scales[1];
        Vector256<ushort> lows = Vector256.Load(block + half * 64 + ((nuint)run & 1) * 32).AsUInt16();
        Vector256<ushort> highs = Vector256.Load(block + 128 + half * 32).AsUInt16();
        Vector256<byte> low = (lows >> (run / 2 * 4)).AsByte() & Vector256.Create((byte)15);
        Vector256<byte> high = (highs >> (run * 2)).AsByte() & Vector256.Create((byte)3);
        return (low | (high.AsUInt16() << 4).AsByte()).AsSByte() - Vector256.Create((sbyte)32);
    }
}
