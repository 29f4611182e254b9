using System.Numerics;

namespace GgufConcepts.Mixing;

/// <summary>Random numbers that are the same on every platform and in every version: xoshiro256**.</summary>
/// <remarks>A mutable struct: pass it by reference, a copy repeats the same numbers. Not for secrets. Source: Blackman
/// and Vigna, "Scrambled linear pseudorandom number generators", 2021; state filled by their splitmix64.</remarks>
public partial struct RandomStream
{
    private ulong _s0, _s1, _s2, _s3;

    /// <summary>Starts a stream; each seed gives another one.</summary>
    /// <param name="seed">Any value.</param>
    public RandomStream(ulong seed)
    {
        _s0 = SplitMix(ref seed);
        _s1 = SplitMix(ref seed);
        _s2 = SplitMix(ref seed);
        _s3 = SplitMix(ref seed);
    }

    /// <summary>The next 64 random bits.</summary>
    public ulong NextUInt64()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong shifted = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= shifted;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>A number from 0 to just below 1, a multiple of 2^-53.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number from 0 to just below 1, a multiple of 2^-24.</summary>
    public float NextSingle() => (NextUInt64() >> 40) * (1f / (1 << 24));

    private static ulong SplitMix(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
