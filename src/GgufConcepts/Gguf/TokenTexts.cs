using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace GgufConcepts.Gguf;

/// <summary>The texts of a vocabulary as llama.cpp reads them, as a set: compared in the mapped file, never made into
/// strings.</summary>
/// <remarks>llama.cpp reads a text up to its first zero byte and names an empty one after its id.</remarks>
internal sealed class TokenTexts
{
    private readonly GgufArray _tokens;
    private readonly long[] _offsets;
    private readonly Slot[] _slots; // open addressing: a text is in the first free slot from where its hash points

    /// <exception cref="GgufException">The elements are no texts.</exception>
    public TokenTexts(GgufArray tokens)
    {
        _tokens = tokens;
        _offsets = new long[tokens.Count];
        _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)(tokens.Count + tokens.Count / 2 + 1))];
        using MappedFile.Lease bytes = tokens.BorrowTexts(out long offset);
        for (int id = 0; id < _offsets.Length; id++)
        {
            _offsets[id] = offset;
            ReadOnlySpan<byte> text = Known(GgufArray.TextAt(bytes, ref offset), id);
            int hash = Hash(text);
            ref Slot slot = ref Find(bytes, text, hash);
            if (slot.Number != 0)
            {
                Repeated = id;
                RepeatedFirst = slot.Number - 1;
                return;
            }

            slot = new Slot(hash, id + 1);
        }
    }

    /// <summary>The first token whose text a token before it has.</summary>
    public int? Repeated { get; }

    /// <summary>That token before it.</summary>
    public int RepeatedFirst { get; }

    /// <summary>Whether some token has this text.</summary>
    public bool Contains(ReadOnlySpan<byte> text)
    {
        using MappedFile.Lease bytes = _tokens.BorrowTexts(out _);
        return Find(bytes, text, Hash(text)).Number != 0;
    }

    /// <summary>The text of a token as llama.cpp knows it, for messages.</summary>
    public string Describe(int id)
    {
        const int most = 40;
        using MappedFile.Lease bytes = _tokens.BorrowTexts(out _);
        ReadOnlySpan<byte> text = Text(bytes, id);
        string shown = Encoding.UTF8.GetString(text[..Math.Min(text.Length, most)]);
        return $"'{string.Concat(shown.Select(letter => char.IsControl(letter) ? '\uFFFD' : letter))}'";
    }

    private static ReadOnlySpan<byte> Known(ReadOnlySpan<byte> stored, int id)
    {
        int end = stored.IndexOf((byte)0);
        ReadOnlySpan<byte> known = end < 0 ? stored : stored[..end];
        return known.IsEmpty ? Encoding.ASCII.GetBytes($"[EMPTY_{id}]") : known;
    }

    /// <summary>Keyed anew in every process, as that of strings is: no file can be made whose texts all collide.</summary>
    private static int Hash(ReadOnlySpan<byte> text)
    {
        int pairs = string.GetHashCode(MemoryMarshal.Cast<byte, char>(text));
        return int.IsEvenInteger(text.Length) ? pairs : HashCode.Combine(pairs, text[^1]);
    }

    private ref Slot Find(MappedFile.Lease bytes, ReadOnlySpan<byte> text, int hash)
    {
        int last = _slots.Length - 1;
        int place = hash & last;
        while (_slots[place].Number != 0 && !(_slots[place].Hash == hash && Text(bytes, _slots[place].Number - 1).SequenceEqual(text)))
        {
            place = (place + 1) & last;
        }

        return ref _slots[place];
    }

    private ReadOnlySpan<byte> Text(MappedFile.Lease bytes, int id)
    {
        long offset = _offsets[id];
        return Known(GgufArray.TextAt(bytes, ref offset), id);
    }

    /// <summary>A place for a text; <c>Number</c> is its id + 1, or 0 where the place is free.</summary>
    private readonly record struct Slot(int Hash, int Number);
}
