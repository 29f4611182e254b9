using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GgufConcepts.Mixing;

/// <summary>Small signed integers to ints, one a lane.</summary>
/// <remarks>Where x86 has one instruction that loads and widens, the portable form would be several. The portable form
/// also lets every width be tested on every processor.</remarks>
internal static unsafe class Widening
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Wide512(short* at) =>
        Avx512F.IsSupported ? Avx512F.ConvertToVector512Int32(Vector256.Load(at))
        : Vector512.Create(Wide256(at), Wide256(at + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Wide256(short* at) =>
        Avx2.IsSupported ? Avx2.ConvertToVector256Int32(at)
        : Vector256.Create(Vector128.WidenLower(Vector128.Load(at)), Vector128.WidenUpper(Vector128.Load(at)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Wide512(sbyte* at) => Wide512(Vector128.Load(at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Wide256(sbyte* at) =>
        Avx2.IsSupported ? Avx2.ConvertToVector256Int32(at) : Lower256(Vector128.CreateScalar(*(long*)at).AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Wide512(Vector128<sbyte> numbers) =>
        Avx512F.IsSupported ? Avx512F.ConvertToVector512Int32(numbers)
        : Vector512.Create(Lower256(numbers), Upper256(numbers));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Lower256(Vector128<sbyte> numbers)
    {
        if (Avx2.IsSupported)
        {
            return Avx2.ConvertToVector256Int32(numbers);
        }

        Vector128<short> lower = Vector128.WidenLower(numbers);
        return Vector256.Create(Vector128.WidenLower(lower), Vector128.WidenUpper(lower));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Upper256(Vector128<sbyte> numbers)
    {
        if (Avx2.IsSupported)
        {
            return Avx2.ConvertToVector256Int32(Sse2.ShiftRightLogical128BitLane(numbers, 8));
        }

        Vector128<short> upper = Vector128.WidenUpper(numbers);
        return Vector256.Create(Vector128.WidenLower(upper), Vector128.WidenUpper(upper));
    }
}
