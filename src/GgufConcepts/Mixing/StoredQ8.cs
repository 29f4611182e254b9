using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GgufConcepts.Mixing;

/// <summary>Q8_0: blocks of 32, a half as scale and then a byte a number.</summary>
internal readonly unsafe struct StoredQ8 : IStoredType
{
    private const int BlockBytes = 34;

    public static float At(byte* row, nuint column)
    {
        byte* block = row + column / 32 * BlockBytes;
        return ((sbyte*)block)[2 + column % 32] * HalfBits.ToSingle(Unsafe.ReadUnaligned<short>(block));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(
        byte* row, nuint column,
        out Vector512<float> a, out Vector512<float> b, out Vector512<float> c, out Vector512<float> d)
    {
        byte* block = row + column / 32 * BlockBytes;
        Vector512<float> scale = Vector512.Create(HalfBits.ToSingle(Unsafe.ReadUnaligned<short>(block)));
        Vector512<float> next = Vector512.Create(HalfBits.ToSingle(Unsafe.ReadUnaligned<short>(block + BlockBytes)));
        sbyte* at = (sbyte*)block + 2;
        a = Vector512.ConvertToSingle(Widening.Wide512(at)) * scale;
        b = Vector512.ConvertToSingle(Widening.Wide512(at + 16)) * scale;
        c = Vector512.ConvertToSingle(Widening.Wide512(at + BlockBytes)) * next;
        d = Vector512.ConvertToSingle(Widening.Wide512(at + BlockBytes + 16)) * next;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(
        byte* row, nuint column,
        out Vector256<float> a, out Vector256<float> b, out Vector256<float> c, out Vector256<float> d)
    {
        byte* block = row + column / 32 * BlockBytes;
        Vector256<float> scale = Vector256.Create(HalfBits.ToSingle(Unsafe.ReadUnaligned<short>(block)));
        sbyte* at = (sbyte*)block + 2;
        a = Vector256.ConvertToSingle(Widening.Wide256(at)) * scale;
        b = Vector256.ConvertToSingle(Widening.Wide256(at + 8)) * scale;
        c = Vector256.ConvertToSingle(Widening.Wide256(at + 16)) * scale;
        d = Vector256.ConvertToSingle(Widening.Wide256(at + 24)) * scale;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(
        byte* row, nuint column,
        out Vector128<float> a, out Vector128<float> b, out Vector128<float> c, out Vector128<float> d)
    {
        byte* block = row + column / 32 * BlockBytes;
        float scale = HalfBits.ToSingle(Unsafe.ReadUnaligned<short>(block));
        StoredGroups.Scaled(Vector128.Load((sbyte*)block + 2 + column % 32), scale, out a, out b, out c, out d);
    }
}
