using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GgufConcepts.Mixing;

/// <summary>The few vector operations the kernels are made of, so that each kernel is written once for every
/// width.</summary>
/// <remarks>The JIT compiles a kernel anew for each width and inlines these calls to one or two instructions. It would
/// at first leave them calls, so the loops ask for <c>AggressiveOptimization</c>: the first steps of a program are as
/// fast as the later ones. The widest width the processor has is picked at dispatch; <see cref="Lanes1"/> serves where
/// it has none.</remarks>
internal interface ILanes<TVector>
    where TVector : struct
{
    static abstract int Count { get; }

    static abstract TVector Create(float value);

    static abstract TVector Load(ref readonly float source, nuint index);

    static abstract void Store(TVector value, ref float destination, nuint index);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector Multiply(TVector a, TVector b);

    /// <summary>a b + c, rounded once where the processor can, twice where it cannot.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>The larger; where either is NaN, either.</summary>
    static abstract TVector Max(TVector a, TVector b);

    /// <summary><paramref name="value"/> times 2 to the integer in the low bits of
    /// <paramref name="exponent"/>.</summary>
    static abstract TVector ScaleByPowerOf2(TVector value, TVector exponent);

    /// <summary>The numbers whose bits are the integers in <paramref name="bits"/>.</summary>
    static abstract TVector FromBits(TVector bits);

    /// <summary>Bit i is set where a[i] > b[i].</summary>
    static abstract ulong GreaterThan(TVector a, TVector b);

    /// <summary><paramref name="value"/> where a[i] >= b[i], else 0.</summary>
    static abstract TVector WhereAtLeast(TVector a, TVector b, TVector value);

    static abstract float MaxAcross(TVector value);

    static abstract float SumAcross(TVector value);
}

internal readonly struct Lanes512 : ILanes<Vector512<float>>
{
    public static int Count => 16;

    public static Vector512<float> Create(float value) => Vector512.Create(value);

    public static Vector512<float> Load(ref readonly float source, nuint index) =>
        Vector512.LoadUnsafe(in source, index);

    public static void Store(Vector512<float> value, ref float destination, nuint index) =>
        value.StoreUnsafe(ref destination, index);

    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    public static Vector512<float> Subtract(Vector512<float> a, Vector512<float> b) => a - b;

    public static Vector512<float> Multiply(Vector512<float> a, Vector512<float> b) => a * b;

    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Vector512.MultiplyAddEstimate(a, b, c);

    public static Vector512<float> Max(Vector512<float> a, Vector512<float> b) => Vector512.MaxNative(a, b);

    public static Vector512<float> ScaleByPowerOf2(Vector512<float> value, Vector512<float> exponent) =>
        (value.AsInt32() + (exponent.AsInt32() << 23)).AsSingle();

    public static Vector512<float> FromBits(Vector512<float> bits) => Vector512.ConvertToInt32Native(bits).AsSingle();

    public static ulong GreaterThan(Vector512<float> a, Vector512<float> b) =>
        Vector512.GreaterThan(a, b).ExtractMostSignificantBits();

    public static Vector512<float> WhereAtLeast(Vector512<float> a, Vector512<float> b, Vector512<float> value) =>
        Vector512.GreaterThanOrEqual(a, b) & value;

    public static float MaxAcross(Vector512<float> value) =>
        Lanes256.MaxAcross(Vector256.MaxNative(value.GetLower(), value.GetUpper()));

    public static float SumAcross(Vector512<float> value) => Vector512.Sum(value);
}

internal readonly struct Lanes256 : ILanes<Vector256<float>>
{
    public static int Count => 8;

    public static Vector256<float> Create(float value) => Vector256.Create(value);

    public static Vector256<float> Load(ref readonly float source, nuint index) =>
        Vector256.LoadUnsafe(in source, index);

    public static void Store(Vector256<float> value, ref float destination, nuint index) =>
        value.StoreUnsafe(ref destination, index);

    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    public static Vector256<float> Subtract(Vector256<float> a, Vector256<float> b) => a - b;

    public static Vector256<float> Multiply(Vector256<float> a, Vector256<float> b) => a * b;

    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        Vector256.MultiplyAddEstimate(a, b, c);

    public static Vector256<float> Max(Vector256<float> a, Vector256<float> b) => Vector256.MaxNative(a, b);

    public static Vector256<float> ScaleByPowerOf2(Vector256<float> value, Vector256<float> exponent) =>
        (value.AsInt32() + (exponent.AsInt32() << 23)).AsSingle();

    public static Vector256<float> FromBits(Vector256<float> bits) => Vector256.ConvertToInt32Native(bits).AsSingle();

    public static ulong GreaterThan(Vector256<float> a, Vector256<float> b) =>
        Vector256.GreaterThan(a, b).ExtractMostSignificantBits();

    public static Vector256<float> WhereAtLeast(Vector256<float> a, Vector256<float> b, Vector256<float> value) =>
        Vector256.GreaterThanOrEqual(a, b) & value;

    public static float MaxAcross(Vector256<float> value) =>
        Lanes128.MaxAcross(Vector128.MaxNative(value.GetLower(), value.GetUpper()));

    public static float SumAcross(Vector256<float> value) => Vector256.Sum(value);
}

internal readonly struct Lanes128 : ILanes<Vector128<float>>
{
    public static int Count => 4;

    public static Vector128<float> Create(float value) => Vector128.Create(value);

    public static Vector128<float> Load(ref readonly float source, nuint index) =>
        Vector128.LoadUnsafe(in source, index);

    public static void Store(Vector128<float> value, ref float destination, nuint index) =>
        value.StoreUnsafe(ref destination, index);

    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

    public static Vector128<float> Subtract(Vector128<float> a, Vector128<float> b) => a - b;

    public static Vector128<float> Multiply(Vector128<float> a, Vector128<float> b) => a * b;

    public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) =>
        Vector128.MultiplyAddEstimate(a, b, c);

    public static Vector128<float> Max(Vector128<float> a, Vector128<float> b) => Vector128.MaxNative(a, b);

    public static Vector128<float> ScaleByPowerOf2(Vector128<float> value, Vector128<float> exponent) =>
        (value.AsInt32() + (exponent.AsInt32() << 23)).AsSingle();

    public static Vector128<float> FromBits(Vector128<float> bits) => Vector128.ConvertToInt32Native(bits).AsSingle();

    public static ulong GreaterThan(Vector128<float> a, Vector128<float> b) =>
        Vector128.GreaterThan(a, b).ExtractMostSignificantBits();

    public static Vector128<float> WhereAtLeast(Vector128<float> a, Vector128<float> b, Vector128<float> value) =>
        Vector128.GreaterThanOrEqual(a, b) & value;

    public static float MaxAcross(Vector128<float> value)
    {
        Vector128<float> pairs = Vector128.MaxNative(value, Vector128.Shuffle(value, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MaxNative(pairs, Vector128.Shuffle(pairs, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    public static float SumAcross(Vector128<float> value) => Vector128.Sum(value);
}

/// <summary>One float at a time: tails, and processors without vectors.</summary>
internal readonly struct Lanes1 : ILanes<float>
{
    public static int Count => 1;

    public static float Create(float value) => value;

    public static float Load(ref readonly float source, nuint index) => Unsafe.Add(ref Unsafe.AsRef(in source), index);

    public static void Store(float value, ref float destination, nuint index) =>
        Unsafe.Add(ref destination, index) = value;

    public static float Add(float a, float b) => a + b;

    public static float Subtract(float a, float b) => a - b;

    public static float Multiply(float a, float b) => a * b;

    public static float MultiplyAdd(float a, float b, float c) => float.MultiplyAddEstimate(a, b, c);

    public static float Max(float a, float b) => a > b ? a : b;

    public static float ScaleByPowerOf2(float value, float exponent) => BitConverter.Int32BitsToSingle(
        BitConverter.SingleToInt32Bits(value) + (BitConverter.SingleToInt32Bits(exponent) << 23));

    public static float FromBits(float bits) => BitConverter.Int32BitsToSingle((int)bits);

    public static ulong GreaterThan(float a, float b) => a > b ? 1UL : 0UL;

    public static float WhereAtLeast(float a, float b, float value) => a >= b ? value : 0f;

    public static float MaxAcross(float value) => value;

    public static float SumAcross(float value) => value;
}
