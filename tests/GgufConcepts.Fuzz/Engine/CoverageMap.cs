using System.Numerics;
using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace GgufConcepts.Fuzz.Engine;

/// <summary>What runs have reached: edges between branches, and how often, in AFL's buckets. One caller.</summary>
/// <remarks>Instrumented code counts in <see cref="Trace.SharedMem"/>: a byte for each edge, which is the exclusive or of two
/// branches' numbers.</remarks>
internal sealed unsafe class CoverageMap
{
    private const int Size = 1 << 16; // what instrumented code believes
    private static readonly byte[] s_buckets = [.. Enumerable.Range(0, 256).Select(Bucket)];

    private static readonly byte* s_hits = (byte*)NativeMemory.AllocZeroed(Size); // code counts until the process ends

    private readonly byte[] _seen = new byte[Size]; // a bit for each bucket

    /// <summary>Gives instrumented code something to count in; before any of it runs.</summary>
    public static void Prepare() => Trace.SharedMem = s_hits;

    /// <summary>Edges reached so far.</summary>
    public int Edges { get; private set; }

    /// <summary>Begins a run.</summary>
    public void Begin()
    {
        new Span<byte>(s_hits, Size).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Ends a run. Returns whether it reached what none before it did.</summary>
    public bool End()
    {
        bool isNew = false;
        Span<ulong> words = new(s_hits, Size / sizeof(ulong));
        for (int i = 0; i < Size; i++)
        {
            if (words[i / sizeof(ulong)] == 0)
            {
                i |= sizeof(ulong) - 1; // eight edges that were not reached
                continue;
            }

            byte bucket = s_buckets[s_hits[i]];
            if ((bucket & ~_seen[i]) != 0)
            {
                Edges += _seen[i] == 0 ? 1 : 0;
                _seen[i] |= bucket;
                isNew = true;
            }
        }

        return isNew;
    }

    /// <summary>A bit for once, twice, three times, to 7, to 15, to 31, to 127, more.</summary>
    private static byte Bucket(int count) => count switch
    {
        0 => 0,
        <= 3 => (byte)(1 << (count - 1)),
        < 128 => (byte)(1 << Math.Min(BitOperations.Log2((uint)count) + 1, 6)),
        _ => 128,
    };
}
