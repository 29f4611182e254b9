namespace GgufConcepts.Testing;

/// <summary>What the tiny model of an architecture is made of, and what is to be expected of it.</summary>
/// <param name="Name">The architecture as files name it.</param>
/// <param name="Ends">Tensors outside the blocks, by their names in <see cref="TinyTensors"/>; + adds a bias.</param>
/// <param name="Blocks">Tensors of a block; where there are several kinds of block, they take turns.</param>
public sealed record TinyDesign(string Name, string Ends, params IReadOnlyList<string> Blocks)
{
    /// <summary>A setting that makes of an architecture one that behaves differently.</summary>
    public string? Variant { get; init; }

    /// <summary>Norms subtract the mean first: layer norm.</summary>
    public bool CentresNorms { get; init; }

    /// <summary>Heads of keys and values, fewer than there are of queries in most.</summary>
    public int KeyValueHeads { get; init; } = 2;

    /// <summary>Prompts begin with a token that says so.</summary>
    public bool AddsBeginOfText { get; init; }

    /// <summary>What the graph does to a token's row and not to a fed vector, of 64 numbers: a factor.</summary>
    public float InputScale { get; init; } = 1;

    /// <summary>Keeps a recurrent state, which cannot be cut short.</summary>
    public bool IsRecurrent { get; init; }

    /// <summary>A decode leaves hidden states or logits, not both.</summary>
    public bool LacksLogitsBesideHidden { get; init; }

    /// <summary>Divides logits by a number, or caps them.</summary>
    public bool ScalesLogits { get; init; }

    /// <summary>Logits are dot products of the last hidden state with the rows of embeddings.</summary>
    public bool HeadIsTable => !ScalesLogits && !Ends.Split(' ').Contains("output");

    /// <summary>Speaks ChatML.</summary>
    public bool IsQwen => Name.StartsWith("qwen", StringComparison.Ordinal);

    /// <summary>Settings that only this architecture has or that differ from the usual ones; names without the
    /// architecture before them.</summary>
    internal Func<TinySizes, Dictionary<string, object?>> Settings { get; init; } = _ => [];
}
