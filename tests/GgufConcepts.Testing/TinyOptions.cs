using GgufConcepts.Native;

namespace GgufConcepts.Testing;

/// <summary>What may be asked of a tiny model. Equal options give the same file.</summary>
public sealed record TinyOptions
{
    /// <summary>How <c>token_embd.weight</c> is stored; all else is F32.</summary>
    public GgmlType EmbeddingType { get; init; } = GgmlType.F32;

    /// <summary>Seed of the weights.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Transformer blocks.</summary>
    public int Layers { get; init; } = 2;

    /// <summary>Positions the model claims to be trained on.</summary>
    public int ContextLength { get; init; } = 256;

    /// <summary>Unused tokens after the vocabulary, as models have whose matrices were rounded up.</summary>
    public int PaddingTokens { get; init; }

    /// <summary>Files the model is split into.</summary>
    public int Parts { get; init; } = 1;

    /// <summary>A tensor that is left out.</summary>
    public string? MissingTensor { get; init; }

    /// <summary>A tensor whose first number is NaN.</summary>
    public string? NanTensor { get; init; }

    /// <summary>Settings to put in place of the usual ones, to add, or (null) to leave out.</summary>
    public IReadOnlyDictionary<string, object?>? Settings { get; init; }

    /// <summary>Floats in a row of embeddings: 64, or 256 where the storage type's blocks are that long.</summary>
    public int Width => Math.Max(64, GgmlTypes.Layout(EmbeddingType).BlockLength);
}
