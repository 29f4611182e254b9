using GgufConcepts.Fuzz.Engine;

namespace GgufConcepts.Fuzz.Mutation;

/// <summary>Changes inputs. One caller.</summary>
internal interface IMutation
{
    /// <summary>Makes one change. Returns another array, or null where the input is not of the form it knows.</summary>
    byte[]? Change(byte[] input, MutationSource source);
}

/// <summary>What changes are drawn from.</summary>
/// <param name="Random">Draws.</param>
/// <param name="Corpus">Other inputs.</param>
internal readonly record struct MutationSource(Random Random, Corpus Corpus)
{
    /// <summary>One of some things.</summary>
    public T Pick<T>(IReadOnlyList<T> all) => all[Random.Next(all.Count)];

    /// <summary>A number at which code goes wrong: 0, the ends of a type, powers of two and their neighbours.</summary>
    public ulong Number() => Random.Next(6) switch
    {
        0 => (ulong)Random.Next(16),
        1 => 0UL - (ulong)Random.Next(16),
        2 => (1UL << Random.Next(64)) - 1,
        3 => 1UL << Random.Next(64),
        4 => (1UL << Random.Next(64)) + 1,
        _ => (ulong)Random.NextInt64() >> Random.Next(64),
    };

    /// <summary>A part of an array: where, and how long; short ones more often.</summary>
    public Range Part(byte[] input)
    {
        int at = Random.Next(input.Length + 1);
        int most = Math.Min(input.Length - at, 1 << Random.Next(12));
        return at..(at + Random.Next(most + 1));
    }
}
