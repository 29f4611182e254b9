using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;

namespace GgufConcepts.Mixing;

/// <summary>Logits seen as blocks of 64, always whole: what is masked or past the end reads as -infinity.</summary>
/// <remarks>Whole, unmasked blocks, nearly all of them, are read in place; the others are copied to the spare
/// block.</remarks>
internal readonly ref struct LogitBlocks
{
    public const int Size = 64;

    private readonly ReadOnlySpan<float> _logits;
    private readonly ReadOnlySpan<ulong> _mask;
    private readonly Span<float> _spare;

    /// <param name="logits">Shape [vocabulary].</param>
    /// <param name="mask">One word per block, or empty.</param>
    /// <param name="spare">Room for one block.</param>
    public LogitBlocks(ReadOnlySpan<float> logits, ReadOnlySpan<ulong> mask, Span<float> spare)
    {
        Debug.Assert(spare.Length == Size && (mask.IsEmpty || mask.Length == CountFor(logits.Length)));
        _logits = logits;
        _mask = mask;
        _spare = spare;
    }

    public ReadOnlySpan<float> Logits => _logits;

    public ReadOnlySpan<ulong> Mask => _mask;

    public int Count => CountFor(_logits.Length);

    public static int CountFor(int vocabularySize) => (vocabularySize + Size - 1) / Size;

    /// <summary>Finds a run of blocks that lie one after another in memory.</summary>
    /// <param name="block">The first of them.</param>
    /// <param name="end">Where the run ends at the latest; above <paramref name="block"/>.</param>
    /// <param name="run">How many blocks there are: 1 where a block had to be copied.</param>
    /// <returns>Their values, 64 a block; valid until the next call.</returns>
    public ref readonly float At(int block, int end, out int run)
    {
        int inPlaceEnd = Math.Min(end, _logits.Length / Size);
        if (!_mask.IsEmpty && block < inPlaceEnd)
        {
            int plain = _mask[block..inPlaceEnd].IndexOfAnyExcept(0UL);
            inPlaceEnd = plain < 0 ? inPlaceEnd : block + plain;
        }

        run = inPlaceEnd - block;
        if (run > 0)
        {
            return ref _logits[block * Size];
        }

        run = 1;
        return ref Copy(block);
    }

    private ref readonly float Copy(int block)
    {
        ReadOnlySpan<float> source = _logits[(block * Size)..Math.Min((block + 1) * Size, _logits.Length)];
        source.CopyTo(_spare);
        _spare[source.Length..].Fill(float.NegativeInfinity);
        for (ulong left = _mask.IsEmpty ? 0 : _mask[block]; left != 0; left &= left - 1)
        {
            _spare[BitOperations.TrailingZeroCount(left)] = float.NegativeInfinity;
        }

        return ref MemoryMarshal.GetReference(_spare);
    }
}
