using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GgufConcepts.Mixing;

/// <summary>F32: as it lies.</summary>
internal readonly unsafe struct StoredFloats : IStoredType
{
    public static float At(byte* row, nuint column) => Unsafe.ReadUnaligned<float>(row + 4 * column);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(
        byte* row, nuint column,
        out Vector512<float> a, out Vector512<float> b, out Vector512<float> c, out Vector512<float> d)
    {
        float* at = (float*)row + column;
        a = Vector512.Load(at);
        b = Vector512.Load(at + 16);
        c = Vector512.Load(at + 32);
        d = Vector512.Load(at + 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(
        byte* row, nuint column,
        out Vector256<float> a, out Vector256<float> b, out Vector256<float> c, out Vector256<float> d)
    {
        float* at = (float*)row + column;
        a = Vector256.Load(at);
        b = Vector256.Load(at + 8);
        c = Vector256.Load(at + 16);
        d = Vector256.Load(at + 24);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(
        byte* row, nuint column,
        out Vector128<float> a, out Vector128<float> b, out Vector128<float> c, out Vector128<float> d)
    {
        float* at = (float*)row + column;
        a = Vector128.Load(at);
        b = Vector128.Load(at + 4);
        c = Vector128.Load(at + 8);
        d = Vector128.Load(at + 12);
    }
}

/// <summary>BF16: the upper half of a float.</summary>
internal readonly unsafe struct StoredBFloats : IStoredType
{
    public static float At(byte* row, nuint column) =>
        BitConverter.Int32BitsToSingle(Unsafe.ReadUnaligned<ushort>(row + 2 * column) << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(
        byte* row, nuint column,
        out Vector512<float> a, out Vector512<float> b, out Vector512<float> c, out Vector512<float> d)
    {
        short* at = (short*)row + column;
        a = (Widening.Wide512(at) << 16).AsSingle();
        b = (Widening.Wide512(at + 16) << 16).AsSingle();
        c = (Widening.Wide512(at + 32) << 16).AsSingle();
        d = (Widening.Wide512(at + 48) << 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(
        byte* row, nuint column,
        out Vector256<float> a, out Vector256<float> b, out Vector256<float> c, out Vector256<float> d)
    {
        short* at = (short*)row + column;
        a = (Widening.Wide256(at) << 16).AsSingle();
        b = (Widening.Wide256(at + 8) << 16).AsSingle();
        c = (Widening.Wide256(at + 16) << 16).AsSingle();
        d = (Widening.Wide256(at + 24) << 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(
        byte* row, nuint column,
        out Vector128<float> a, out Vector128<float> b, out Vector128<float> c, out Vector128<float> d)
    {
        Vector128<short> low = Vector128.Load((short*)row + column), high = Vector128.Load((short*)row + column + 8);
        a = (Vector128.WidenLower(low) << 16).AsSingle();
        b = (Vector128.WidenUpper(low) << 16).AsSingle();
        c = (Vector128.WidenLower(high) << 16).AsSingle();
        d = (Vector128.WidenUpper(high) << 16).AsSingle();
    }
}

/// <summary>F16, see <see cref="HalfBits"/>.</summary>
internal readonly unsafe struct StoredHalfs : IStoredType
{
    public static float At(byte* row, nuint column) =>
        HalfBits.ToSingle(Unsafe.ReadUnaligned<short>(row + 2 * column));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(
        byte* row, nuint column,
        out Vector512<float> a, out Vector512<float> b, out Vector512<float> c, out Vector512<float> d)
    {
        short* at = (short*)row + column;
        a = HalfBits.ToSingle(Widening.Wide512(at));
        b = HalfBits.ToSingle(Widening.Wide512(at + 16));
        c = HalfBits.ToSingle(Widening.Wide512(at + 32));
        d = HalfBits.ToSingle(Widening.Wide512(at + 48));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(
        byte* row, nuint column,
        out Vector256<float> a, out Vector256<float> b, out Vector256<float> c, out Vector256<float> d)
    {
        short* at = (short*)row + column;
        a = HalfBits.ToSingle(Widening.Wide256(at));
        b = HalfBits.ToSingle(Widening.Wide256(at + 8));
        c = HalfBits.ToSingle(Widening.Wide256(at + 16));
        d = HalfBits.ToSingle(Widening.Wide256(at + 24));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(
        byte* row, nuint column,
        out Vector128<float> a, out Vector128<float> b, out Vector128<float> c, out Vector128<float> d)
    {
        Vector128<short> low = Vector128.Load((short*)row + column), high = Vector128.Load((short*)row + column + 8);
        a = HalfBits.ToSingle(Vector128.WidenLower(low));
        b = HalfBits.ToSingle(Vector128.WidenUpper(low));
        c = HalfBits.ToSingle(Vector128.WidenLower(high));
        d = HalfBits.ToSingle(Vector128.WidenUpper(high));
    }
}
