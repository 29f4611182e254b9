namespace GgufConcepts.Testing;

/// <summary>The sizes of a tiny model, by the names of what they count.</summary>
internal sealed record TinySizes(TinyOptions Options, int KeyValueHeads, int Vocabulary)
{
    /// <summary>Query heads.</summary>
    public const int Heads = 4;

    /// <summary>Experts of a block, of which half work on a token.</summary>
    public const int Experts = 4;

    /// <summary>Rows that a convolution over time looks at.</summary>
    public const int Kernel = 4;

    /// <summary>Numbers a channel of a recurrent layer remembers.</summary>
    public const int State = 16;

    /// <summary>Rank of Mamba's step sizes; heads of the recurrent layers that have some.</summary>
    public const int Steps = 4;

    /// <summary>Heads of keys in a delta net.</summary>
    public const int Groups = 2;

    public int Width => Options.Width;

    public int HeadSize => Width / Heads;

    /// <summary>Keys of all heads; values are as many.</summary>
    public int Keys => HeadSize * KeyValueHeads;

    /// <summary>Numbers in the inner layer of a block.</summary>
    public int Inner => 2 * Width;

    /// <summary>Channels of a Mamba layer; llama.cpp wants twice the width.</summary>
    public int Channels => 2 * Width;
}
