namespace GgufConcepts.Gguf;

/// <summary>The sizes of a model of the Qwen2 family: what a file of random weights is made to.</summary>
/// <param name="Name">What it is called by.</param>
/// <param name="Description">What it is good for, in one sentence.</param>
/// <param name="Layers">Transformer blocks.</param>
/// <param name="Width">Numbers in an embedding row.</param>
/// <param name="FeedForward">Numbers in the middle of a block.</param>
/// <param name="Heads">Attention heads; they share the width.</param>
/// <param name="KeyValueHeads">Heads of keys and values; a divisor of <paramref name="Heads"/>.</param>
/// <param name="Tokens">Rows of the embedding matrix, which is the head too.</param>
/// <param name="Merges">Tokens that are joined from two others. The 256 bytes and three markers come beside them, and
/// unused tokens after them, as in the real vocabulary.</param>
public sealed record ModelShape(
    string Name,
    string Description,
    int Layers,
    int Width,
    int FeedForward,
    int Heads,
    int KeyValueHeads,
    int Tokens,
    int Merges)
{
    private const int QwenTokens = 151_936;
    private const int QwenMerges = 151_387;

    /// <summary>Shapes that can be named.</summary>
    public static IReadOnlyList<ModelShape> All { get; } =
    [
        new("qwen2.5-1.5b", "The sizes of Qwen2.5-1.5B.", 28, 1536, 8960, 12, 2, QwenTokens, QwenMerges),
        new("qwen2.5-0.5b", "The sizes of Qwen2.5-0.5B.", 24, 896, 4864, 14, 2, QwenTokens, QwenMerges),
        new(
            "narrow",
            "As deep as Qwen2.5-1.5B and a sixth as wide, with 32,000 tokens: a step takes a few milliseconds on a CPU.",
            28, 256, 512, 4, 2, 32_000, 31_700),
    ];

    /// <summary>The shape of a name.</summary>
    /// <exception cref="ConceptInputException">There is none; the message lists them.</exception>
    public static ModelShape Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return All.FirstOrDefault(shape => shape.Name == name)
            ?? throw new ConceptInputException(
                $"There is no shape '{name}'; use one of {string.Join(", ", All.Select(shape => shape.Name))}.");
    }
}
