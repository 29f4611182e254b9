using System.Globalization;
using GgufConcepts.Gguf;

namespace GgufConcepts.Models;

/// <summary>What a model takes of a graphics card's memory, by layer, from the sizes in its file.</summary>
/// <param name="LayerBytes">Weights of each transformer block in order, and of the output last.</param>
/// <param name="CacheBytes">Keys and values of each block, for all positions.</param>
/// <param name="ComputeBytes">What a decode needs besides, wherever the layers lie.</param>
internal sealed record GpuFootprint(IReadOnlyList<long> LayerBytes, long CacheBytes, long ComputeBytes)
{
    private const int Sequences = 2; // a writer and a reader, in one context that holds both
    private const int BatchRows = 512;
    private const int WidestAtOnce = 6; // buffers of a decode's widest kind; llama.cpp reserves 5.1 for the shape of Qwen2.5 1.5B
    private const int BytesOfHalf = 2, BytesOfFloat = 4;

    /// <summary>Weights and cache of the last layers.</summary>
    public long BytesOf(int layers) =>
        LayerBytes.Skip(LayerBytes.Count - layers).Sum() + (CacheBytes * Math.Max(0, layers - 1)); // the output has none

    /// <summary>Measures a model.</summary>
    /// <param name="file">Its file.</param>
    /// <param name="context">Positions of a sequence.</param>
    public static GpuFootprint Of(GgufModelFile file, int context)
    {
        file.Metadata.TryGetString("general.architecture", out string architecture);
        int blocks = Math.Clamp(Number(file, $"{architecture}.block_count", 0), 0, file.Tensors.Count);
        long[] layers = new long[blocks + 1];
        foreach (GgufTensor tensor in file.Tensors)
        {
            // The table of tokens stays with the processor; where it is the output too, the cards get a copy.
            if (tensor.Name != "token_embd.weight" || file.Find("output.weight") is null)
            {
                layers[Math.Min(LayerOf(tensor.Name) ?? blocks, blocks)] += tensor.ByteLength;
            }
        }

        int width = Number(file, $"{architecture}.embedding_length", 0);
        int heads = Math.Max(1, Number(file, $"{architecture}.attention.head_count", 1));
        int keyHeads = Number(file, $"{architecture}.attention.head_count_kv", heads); // an array where layers differ: then all heads
        int keyWidth = Number(file, $"{architecture}.attention.key_length", width / heads);
        int valueWidth = Number(file, $"{architecture}.attention.value_length", width / heads);
        long vocabulary = file.Find("token_embd.weight")?.RowCount ?? 0; // logits of every row are reserved
        return new GpuFootprint(
            layers,
            (long)Sequences * context * keyHeads * (keyWidth + valueWidth) * (file.IsFloat32 ? BytesOfFloat : BytesOfHalf),
            (long)BatchRows * BytesOfFloat * (vocabulary
                + ((long)WidestAtOnce * Math.Max(width, Number(file, $"{architecture}.feed_forward_length", 4 * width)))));
    }

    /// <summary>Keys and values of one position, in all blocks.</summary>
    public static long CacheBytesPerPosition(GgufModelFile file)
    {
        GpuFootprint one = Of(file, context: 1);
        return one.CacheBytes / Sequences * (one.LayerBytes.Count - 1);
    }

    private static int? LayerOf(string tensor) =>
        tensor.Split('.') is ["blk", string number, ..] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int layer)
            ? layer
            : null;

    private static int Number(GgufModelFile file, string key, int otherwise) =>
        file.Metadata.Find(key) is { Type: not GgufValueType.Array } && file.Metadata.TryGetInteger(key, out int value) ? value : otherwise;
}
