namespace GgufConcepts.Mixing;

/// <summary>A token and its logit as one number: the larger logit is the larger key, and of equal logits the lower
/// id.</summary>
internal static class Candidate
{
    public static ulong Key(float logit, int id) => (ulong)Order(logit) << 32 | ~(uint)id;

    public static int Id(ulong key) => (int)~(uint)key;

    /// <summary>A logit as a number that is larger where the logit is.</summary>
    public static uint Order(float logit)
    {
        int bits = BitConverter.SingleToInt32Bits(logit + 0f); // -0 becomes +0: they are equal, so the id decides
        return (uint)(bits ^ (bits >> 31 & int.MaxValue)) ^ 0x8000_0000; // negative floats order backwards
    }

    /// <summary>The logit of an order.</summary>
    public static float Logit(uint order)
    {
        int bits = (int)(order ^ 0x8000_0000);
        return BitConverter.Int32BitsToSingle(bits ^ (bits >> 31 & int.MaxValue));
    }
}

/// <summary>Keeps the largest keys offered to it, in a binary heap with the least of them first.</summary>
internal ref struct CandidateHeap(Span<ulong> keys)
{
    private readonly Span<ulong> _keys = keys;

    public int Count { get; private set; }

    public readonly int Capacity => _keys.Length;

    public readonly bool IsFull => Count == _keys.Length;

    /// <summary>The least key kept, once the heap is full.</summary>
    public readonly ulong Least => _keys[0];

    public void Clear() => Count = 0;

    public void Offer(ulong key)
    {
        if (!IsFull)
        {
            _keys[Count++] = key;
            for (int parent = IsFull ? Count / 2 - 1 : -1; parent >= 0; parent--) // ordered once, when it fills up
            {
                SiftDown(parent, _keys[parent], Count);
            }
        }
        else if (key > Least)
        {
            SiftDown(0, key, Count);
        }
    }

    /// <summary>Orders the keys that were kept, largest first; afterwards they are no heap.</summary>
    /// <remarks>The least goes last, and so on. A span's own sort makes a delegate in a native executable.</remarks>
    public readonly void Sort()
    {
        for (int parent = IsFull ? -1 : Count / 2 - 1; parent >= 0; parent--)
        {
            SiftDown(parent, _keys[parent], Count);
        }

        for (int last = Count - 1; last > 0; last--)
        {
            ulong least = _keys[0];
            SiftDown(0, _keys[last], last);
            _keys[last] = least;
        }
    }

    private readonly void SiftDown(int at, ulong key, int count)
    {
        for (int child; (child = 2 * at + 1) < count; at = child)
        {
            child += child + 1 < count && _keys[child + 1] < _keys[child] ? 1 : 0;
            if (_keys[child] >= key)
            {
                break;
            }

            _keys[at] = _keys[child];
        }

        _keys[at] = key;
    }
}
