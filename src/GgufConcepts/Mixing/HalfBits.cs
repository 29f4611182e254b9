using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GgufConcepts.Mixing;

/// <summary>Half to float, exactly: every half is a float.</summary>
/// <remarks>
/// .NET shows no instruction for it. The 15 bits below the sign, put where a float has its own, make a float whose
/// exponent is 112 too low. Adding 224 to the exponent and multiplying by 2^-112 mends that, and overflows to infinity
/// or NaN where the half is one. A half below 2^-14 has no hidden bit: its mantissa, taken as an integer, is the
/// number. Multiplying by 2^112 instead would serve both, but processors take some hundred cycles for a float that
/// small, and scales of Q6_K are.
/// </remarks>
internal static class HalfBits
{
    private const int Magnitude = 0x0FFFE000;   // of a half, shifted left by 13
    private const int Smallest = 1 << 23;       // 2^-14, so shifted: from here on there is a hidden bit
    private const int Higher = 224 << 23;
    private const float Lower = 1.925929944387236e-34f; // 2^-112
    private const float Unit = 7.275957614183426e-12f; // 2^-37 = 2^-24 for the last bit, 2^-13 for the shift
    private const int Sign = int.MinValue;

    /// <summary>One half, without a multiplication where it is an ordinary number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ToSingle(short half)
    {
        int shifted = (half << 13) & (Magnitude | Sign);
        if ((uint)((half & 0x7C00) - 0x0400) < 0x7800)
        {
            return BitConverter.Int32BitsToSingle(shifted + (112 << 23));
        }

        return (half & 0x7C00) == 0
            ? BitConverter.Int32BitsToSingle(
                BitConverter.SingleToInt32Bits((shifted & Magnitude) * Unit) | (shifted & Sign))
            : BitConverter.Int32BitsToSingle(shifted | 0x7F800000);
    }

    /// <summary>Halfs, each widened to an int with its sign.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ToSingle(Vector512<int> halfs)
    {
        Vector512<int> bits = (halfs << 13) & Vector512.Create(Magnitude);
        Vector512<float> usual = (bits + Vector512.Create(Higher)).AsSingle() * Vector512.Create(Lower);
        Vector512<float> small = Vector512.ConvertToSingle(bits) * Vector512.Create(Unit);
        Vector512<float> value = Vector512.ConditionalSelect(
            Vector512.LessThan(bits, Vector512.Create(Smallest)).AsSingle(), small, usual);
        return (value.AsInt32() | (halfs & Vector512.Create(Sign))).AsSingle();
    }

    /// <inheritdoc cref="ToSingle(Vector512{int})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ToSingle(Vector256<int> halfs)
    {
        Vector256<int> bits = (halfs << 13) & Vector256.Create(Magnitude);
        Vector256<float> usual = (bits + Vector256.Create(Higher)).AsSingle() * Vector256.Create(Lower);
        Vector256<float> small = Vector256.ConvertToSingle(bits) * Vector256.Create(Unit);
        Vector256<float> value = Vector256.ConditionalSelect(
            Vector256.LessThan(bits, Vector256.Create(Smallest)).AsSingle(), small, usual);
        return (value.AsInt32() | (halfs & Vector256.Create(Sign))).AsSingle();
    }

    /// <inheritdoc cref="ToSingle(Vector512{int})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ToSingle(Vector128<int> halfs)
    {
        Vector128<int> bits = (halfs << 13) & Vector128.Create(Magnitude);
        Vector128<float> usual = (bits + Vector128.Create(Higher)).AsSingle() * Vector128.Create(Lower);
        Vector128<float> small = Vector128.ConvertToSingle(bits) * Vector128.Create(Unit);
        Vector128<float> value = Vector128.ConditionalSelect(
            Vector128.LessThan(bits, Vector128.Create(Smallest)).AsSingle(), small, usual);
        return (value.AsInt32() | (halfs & Vector128.Create(Sign))).AsSingle();
    }
}
