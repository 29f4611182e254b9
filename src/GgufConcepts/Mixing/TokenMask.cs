namespace GgufConcepts.Mixing;

/// <summary>The tokens that may never enter a mixture: control tokens, and rows that only pad the matrix.</summary>
/// <remarks>Immutable, so any number of threads may read it. Masked tokens still count in the softmax normaliser and in
/// the entropy: a model that wants to stop must not look certain of something else.</remarks>
public sealed class TokenMask
{
    private readonly ulong[] _words; // bit i of word w is token 64 w + i: one word per block of the kernels

    /// <summary>Makes a mask of some tokens.</summary>
    /// <param name="size">The vocabulary size, 1 or more.</param>
    /// <param name="ids">The masked tokens, each 0 to <paramref name="size"/> - 1; repeats are harmless.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is below 1, or an id is outside the
    /// vocabulary.</exception>
    public TokenMask(int size, params ReadOnlySpan<int> ids)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        Size = size;
        _words = new ulong[(size + 63) / 64];
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)size)
            {
                throw new ArgumentOutOfRangeException(nameof(ids), id, $"Token {id} is not in a vocabulary of {size}.");
            }

            Count += Contains(id) ? 0 : 1;
            _words[id >> 6] |= 1UL << (id & 63);
        }
    }

    /// <summary>The vocabulary size.</summary>
    public int Size { get; }

    /// <summary>How many tokens are masked.</summary>
    public int Count { get; }

    /// <summary>A mask of no token.</summary>
    /// <param name="size">The vocabulary size, 1 or more.</param>
    public static TokenMask None(int size) => new(size);

    /// <summary>Whether a token is masked.</summary>
    /// <param name="id">The token, 0 to <see cref="Size"/> - 1.</param>
    public bool Contains(int id)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)Size, nameof(id));
        return (_words[id >> 6] >> (id & 63) & 1) != 0;
    }

    /// <summary>The bits, 64 tokens a word; empty where nothing is masked.</summary>
    internal ReadOnlySpan<ulong> Words => Count == 0 ? [] : _words;
}
