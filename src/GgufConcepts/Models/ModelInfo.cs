namespace GgufConcepts.Models;

/// <summary>What a loaded model is.</summary>
/// <param name="Name">Its own name (<c>general.name</c>), or the file's.</param>
/// <param name="Path">The file, or the first of a split set.</param>
/// <param name="Architecture">llama.cpp's name of the architecture, such as <c>qwen2</c>.</param>
/// <param name="Description">llama.cpp's description: size and quantisation.</param>
/// <param name="EmbeddingLength">Numbers in one embedding row.</param>
/// <param name="VocabularySize">Tokens.</param>
/// <param name="LayerCount">Transformer blocks.</param>
/// <param name="TrainedContext">Positions it was trained on.</param>
/// <param name="ContextLength">Positions a sequence can hold here.</param>
/// <param name="ParameterCount">Numbers in all tensors.</param>
/// <param name="SizeBytes">Bytes of all tensors.</param>
public sealed record ModelInfo(
    string Name,
    string Path,
    string Architecture,
    string Description,
    int EmbeddingLength,
    int VocabularySize,
    int LayerCount,
    int TrainedContext,
    int ContextLength,
    long ParameterCount,
    long SizeBytes);
