using GgufConcepts.Gguf;
using GgufConcepts.Native;
using GgufConcepts.Testing;

namespace GgufConcepts.Fuzz.Targets;

/// <summary>Model files to begin with, made by the writer, and what they are changed with.</summary>
internal static class GgufSeeds
{
    private const int TinyLength = 1 << 15;

    /// <summary>Keys that the reader, the check and the rest of the program look for.</summary>
    public static IReadOnlyList<string> Keys { get; } =
    [
        "general.architecture", "general.alignment", "general.name", "general.file_type", "split.no", "split.count",
        "split.tensors.count", "tokenizer.chat_template", .. TokenizerKeys.Select(key => $"tokenizer.ggml.{key}"),
        .. SizeKeys.Select(key => $"llama.{key}"), "general.architecture\0x",
    ];

    /// <summary>Texts that they are compared with.</summary>
    public static IReadOnlyList<string> Texts { get; } =
    [
        "", "llama", "qwen2", "gpt2", "bert", "t5", "none", "no_vocab", "linear", "yarn", "longrope", "token_embd.weight", "output.weight",
        "blk.0.attn_k.weight", "blk.0.attn_norm.weight", "output_norm.bias", "<s>", "a\0b", "\ufffd", "<0x00>", "[EMPTY_1]", "GGUF",
    ];

    /// <summary>Kinds of vocabularies that there are models of.</summary>
    public static IReadOnlyList<string> Tokenizers { get; } = ["llama", "gpt2", "bert"];

    private static string[] TokenizerKeys =>
    [
        "model", "pre", "tokens", "scores", "token_type", "merges", "bos_token_id", "eos_token_id", "unknown_token_id",
        "padding_token_id", "add_bos_token", "add_eos_token", "add_space_prefix", "token_type_count",
    ];

    private static string[] SizeKeys =>
    [
        "context_length", "embedding_length", "block_count", "feed_forward_length", "vocab_size", "attention.head_count",
        "attention.head_count_kv", "attention.key_length", "attention.value_length", "attention.layer_norm_epsilon",
        "attention.layer_norm_rms_epsilon", "attention.sliding_window", "rope.dimension_count", "rope.freq_base",
        "rope.scaling.type", "rope.scaling.factor", "expert_count", "expert_used_count",
    ];

    /// <summary>Makes them.</summary>
    /// <param name="path">A file that may be written.</param>
    public static IEnumerable<byte[]> Make(string path)
    {
        yield return Written(path, new GgufWriter());
        foreach (string tokenizer in Tokenizers)
        {
            yield return Written(path, Model(tokenizer));
        }

        foreach (GgmlType type in Enum.GetValues<GgmlType>())
        {
            yield return Written(path, OneTensor(type));
        }

        WritePart(path, number: 0);
        yield return File.ReadAllBytes(path);
        yield return Written(path, Everything());
        foreach (TinyArchitecture architecture in (TinyArchitecture[])[TinyArchitecture.Llama, TinyArchitecture.Qwen3Moe, TinyArchitecture.Mamba])
        {
            yield return File.ReadAllBytes(TinyModels.Path(architecture)).AsSpan(0, TinyLength).ToArray(); // cut short: the head is whole
        }
    }

    /// <summary>Writes one of the two parts of a model.</summary>
    public static void WritePart(string path, ushort number)
    {
        GgufWriter writer = OneTensor(GgmlType.F32, $"part{number}");
        writer.Add("split.no", number);
        writer.Add("split.count", (ushort)2);
        writer.Add("split.tensors.count", 2);
        writer.Write(path);
    }

    /// <summary>A model of one layer, four numbers wide, with as few tokens as its kind may have.</summary>
    public static GgufWriter Model(string tokenizer)
    {
        const int Width = 4;
        GgufWriter writer = new();
        string[] tokens =
        [
            "<unk>", "<s>", "</s>", "a", "b", "ab",
            .. tokenizer == "llama" ? Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>") : [],
        ];
        writer.Add("general.architecture", "llama");
        writer.Add("llama.context_length", 64u);
        writer.Add("llama.embedding_length", (uint)Width);
        writer.Add("llama.block_count", 1u);
        writer.Add("llama.feed_forward_length", (uint)Width);
        writer.Add("llama.attention.head_count", 2u);
        writer.Add("llama.attention.head_count_kv", 1u);
        writer.Add("llama.attention.key_length", 2u);
        writer.Add("llama.attention.value_length", 2u);
        writer.Add("llama.rope.dimension_count", 2u);
        writer.Add("llama.rope.freq_base", 10000f);
        writer.Add("llama.rope.scaling.type", "linear");
        writer.Add("llama.attention.layer_norm_rms_epsilon", 1e-5f);
        writer.Add("tokenizer.ggml.model", tokenizer);
        writer.AddArray("tokenizer.ggml.tokens", tokens);
        writer.AddArray<float>("tokenizer.ggml.scores", new float[tokens.Length]);
        writer.AddArray<int>("tokenizer.ggml.token_type", [.. tokens.Select((_, id) => id < 3 ? 3 : 1)]);
        writer.AddArray("tokenizer.ggml.merges", ["a b"]);
        writer.Add("tokenizer.ggml.bos_token_id", 1u);
        writer.Add("tokenizer.ggml.eos_token_id", 2u);
        writer.Add("tokenizer.ggml.seperator_token_id", 2u); // of BERT's; the misspelling is the format's
        writer.Add("tokenizer.ggml.add_bos_token", true);
        AddTensor(writer, "token_embd.weight", Width, tokens.Length);
        AddTensor(writer, "output_norm.weight", Width);
        AddTensor(writer, "blk.0.attn_norm.weight", Width);
        AddTensor(writer, "blk.0.attn_q.weight", Width, 4);
        AddTensor(writer, "blk.0.attn_k.weight", Width, 2);
        AddTensor(writer, "blk.0.attn_v.weight", Width, 2);
        AddTensor(writer, "blk.0.attn_output.weight", 4, Width);
        AddTensor(writer, "blk.0.ffn_norm.weight", Width);
        AddTensor(writer, "blk.0.ffn_gate.weight", Width, Width);
        AddTensor(writer, "blk.0.ffn_up.weight", Width, Width);
        AddTensor(writer, "blk.0.ffn_down.weight", Width, Width);
        return writer;
    }

    private static byte[] Written(string path, GgufWriter writer)
    {
        writer.Write(path);
        return File.ReadAllBytes(path);
    }

    private static GgufWriter OneTensor(GgmlType type, string name = "token_embd.weight")
    {
        GgufWriter writer = new();
        (int width, int bytes) = GgmlTypes.Layout(type);
        writer.AddStoredTensor(name, type, [width, 2], new byte[2 * bytes]);
        return writer;
    }

    /// <summary>A setting of every type.</summary>
    private static GgufWriter Everything()
    {
        GgufWriter writer = new();
        writer.Add("u8", (byte)1);
        writer.Add("i8", (sbyte)-1);
        writer.Add("u16", (ushort)1);
        writer.Add("i16", (short)-1);
        writer.Add("u32", 1u);
        writer.Add("i32", -1);
        writer.Add("f32", 1f);
        writer.Add("bool", true);
        writer.Add("u64", ulong.MaxValue);
        writer.Add("i64", long.MinValue);
        writer.Add("f64", 1.0);
        writer.AddArray<byte>("u8s", [1, 2]);
        writer.AddArray<ulong>("u64s", [1, ulong.MaxValue]);
        writer.AddArray<long>("i64s", [1, -1]);
        writer.AddArray<double>("f64s", [1, double.NaN]);
        writer.AddArray<bool>("bools", [true, false]);
        writer.Add("general.alignment", 64u);
        AddTensor(writer, "w", 2, 2, 2, 2);
        return writer;
    }

    private static void AddTensor(GgufWriter writer, string name, params long[] dimensions) =>
        writer.AddTensor(name, GgmlType.F32, dimensions, new float[dimensions.Aggregate(1L, (all, each) => all * each)]);
}
