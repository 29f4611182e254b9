namespace GgufConcepts.Testing.Hostile;

/// <summary>Settings that are missing, of another type than llama.cpp reads, or out of range.</summary>
public static partial class HostileFiles
{
    private const string Tokenizer = "tokenizer.ggml.";
    private const TinyArchitecture Plain = TinyArchitecture.Qwen2; // 2 layers, width 64, 4 heads of 16, 2 of keys

    /// <summary>Every setting of the plain model that others refer to; what is missing llama.cpp names, or does
    /// without.</summary>
    private static IEnumerable<HostileFile> MissingSettings() =>
    [
        HostileFile.Of("no architecture", NoModel, Plain, ("general.architecture", null)),
        .. ((string[])
        [
            "general.name", "qwen2.context_length", "qwen2.embedding_length", "qwen2.block_count", "qwen2.feed_forward_length",
            "qwen2.attention.head_count", "qwen2.attention.head_count_kv", "qwen2.attention.layer_norm_rms_epsilon",
            "qwen2.rope.freq_base", Tokenizer + "model", Tokenizer + "pre", Tokenizer + "tokens", Tokenizer + "token_type",
            Tokenizer + "merges", Tokenizer + "bos_token_id", Tokenizer + "eos_token_id", Tokenizer + "add_bos_token",
            "tokenizer.chat_template",
        ]).Select(key => HostileFile.Of($"no {key}", null, Plain, (key, null))),
    ];

    /// <summary>llama.cpp takes no other type, not even a wider number.</summary>
    private static IEnumerable<HostileFile> MistypedSettings() =>
    [
        Mistyped("general.architecture", 1, "a text"),
        Mistyped("general.name", 1, "a text"),
        Mistyped("general.file_type", "7", "a number of type UInt32"),
        Mistyped("qwen2.context_length", 256L, "a number of type UInt32"),
        Mistyped("qwen2.context_length", 256f, "a number of type UInt32"),
        Mistyped("qwen2.embedding_length", 64L, "a number of type UInt32"),
        Mistyped("qwen2.block_count", (ushort)2, "a number of type UInt32"),
        Mistyped("qwen2.block_count", "2", "a number of type UInt32"),
        Mistyped("qwen2.feed_forward_length", 128L, "a number of type UInt32, or a list of them"),
        Mistyped("qwen2.feed_forward_length", new float[] { 128, 128 }, "a number of type UInt32, or a list of them"),
        Mistyped("qwen2.attention.head_count", 4f, "a number of type UInt32, or a list of them"),
        Mistyped("qwen2.attention.head_count", new string[] { "4", "4" }, "a number of type UInt32, or a list of them"),
        Mistyped("qwen2.attention.head_count_kv", true, "a number of type UInt32, or a list of them"),
        Mistyped("qwen2.attention.key_length", (sbyte)16, "a number of type UInt32"),
        Mistyped("qwen2.attention.layer_norm_rms_epsilon", 1e-5, "a number of type Float32"),
        Mistyped("qwen2.attention.layer_norm_rms_epsilon", 1, "a number of type Float32"),
        Mistyped("qwen2.attention.causal", 1, "true or false"),
        Mistyped("qwen2.expert_count", 0L, "a number of type UInt32"),
        Mistyped("qwen2.rope.freq_base", 10_000, "a number of type Float32"),
        Mistyped("qwen2.rope.freq_base", 10_000.0, "a number of type Float32"),
        Mistyped("qwen2.rope.dimension_count", 16f, "a number of type UInt32"),
        Mistyped("qwen2.rope.dimension_sections", 4, "a list of Int32 or UInt32"),
        Mistyped("qwen2.rope.scaling.type", 1, "a text"),
        Mistyped("qwen2.rope.scaling.factor", "2", "a number of type Float32"),
        Mistyped("split.count", 1, "a number of type UInt16"),
        Mistyped("tokenizer.chat_template", 1, "a text"),
        Mistyped("tokenizer.chat_template", new string[] { "{{ a }}" }, "a text"),
        Mistyped(Tokenizer + "model", 1, "a text"),
        Mistyped(Tokenizer + "pre", false, "a text"),
        Mistyped(Tokenizer + "tokens", "a", "a list of texts"),
        Mistyped(Tokenizer + "tokens", new int[] { 1, 2 }, "a list of texts"),
        Mistyped(Tokenizer + "token_type", new float[] { 1, 2 }, "a list of Int32"),
        Mistyped(Tokenizer + "token_type", 1, "a list of Int32"),
        Mistyped(Tokenizer + "scores", new double[] { 1, 2 }, "a list of Float32 or Int32"),
        Mistyped(Tokenizer + "merges", new int[] { 1, 2 }, "a list of texts"),
        Mistyped(Tokenizer + "bos_token_id", 1L, "a number of type UInt32"),
        Mistyped(Tokenizer + "eos_token_id", "1", "a number of type UInt32"),
        Mistyped(Tokenizer + "eot_token_id", 1f, "a number of type UInt32"),
        Mistyped(Tokenizer + "unknown_token_id", true, "a number of type UInt32"),
        Mistyped(Tokenizer + "padding_token_id", 1L, "a number of type UInt32"),
        Mistyped(Tokenizer + "add_bos_token", 1, "true or false"),
        Mistyped(Tokenizer + "add_eos_token", "true", "true or false"),
        Mistyped(Tokenizer + "add_space_prefix", 0, "true or false"),
        Mistyped(Tokenizer + "precompiled_charsmap", "a", "a list of Int8 or UInt8"),
        Mistyped(Tokenizer + "suppress_tokens", new float[] { 1 }, "a list of Int32"),
        HostileFile.Of(
            "a type that nobody reads", null, Plain, ("qwen2.of_no_use", 1.5), ("general.author", new byte[] { 1 })),
    ];

    /// <summary>Texts that C reads as others, or that are none.</summary>
    private static IEnumerable<HostileFile> Texts() =>
    [
        HostileFile.Of(
            "architecture that goes on behind a zero",
            "holds a zero byte",
            Plain,
            ("general.architecture", "qwen2\0x")),
        HostileFile.Of(
            "tokenizer that goes on behind a zero",
            "model holds a zero byte",
            Plain,
            (Tokenizer + "model", "gpt2\0none")),
        HostileFile.Of(
            "template with a zero", "chat_template holds a zero byte", Plain, ("tokenizer.chat_template", "a\0b")),
        HostileFile.Of("architecture of no UTF-8", "general.architecture is not valid UTF-8",
            OneSetting.Text("general.architecture").Write(8u).Text(s_noUtf8)),
        HostileFile.Of("unknown architecture", null, Plain, ("general.architecture", "qwen2000")),
        HostileFile.Of("empty architecture", null, Plain, ("general.architecture", "")),
        HostileFile.Of(
            "architecture of 1,025 letters", "general.architecture has 1025", Plain, ("general.architecture", new string('a', 1025))),
        HostileFile.Of(
            "architecture of 16 MiB", "general.architecture has 16777216", Plain, ("general.architecture", new string('a', 16 << 20))),
        HostileFile.Of(
            "splitter of 1,025 letters",
            "pre has 1025 bytes; the most is 1024",
            Plain,
            (Tokenizer + "pre", new string('a', 1025))),
        HostileFile.Of("template of 16 MiB", null, Plain, ("tokenizer.chat_template", new string('{', 16 << 20))),
        HostileFile.Of("architecture of another model", null, Plain, ("general.architecture", "gpt2")),
        HostileFile.Of("template of a megabyte", null, Plain, ("tokenizer.chat_template", new string('{', 1 << 20))),
        HostileFile.Of(
            "template that asks for code", null, Plain, ("tokenizer.chat_template", "{{ ''.__class__.__mro__ }}")),
    ];

    private static IEnumerable<HostileFile> Sizes() =>
    [
        Own("block_count", 0, "is 0; it must be from 1 to 512"),
        Own("block_count", 513, "is 513"),
        Own("block_count", uint.MaxValue, "is 4294967295"),
        Own("block_count", 1, null),
        Own("block_count", 3, null),
        Own("context_length", 0, "is 0"),
        Own("context_length", 1u << 31, "is 2147483648"),
        Own("context_length", uint.MaxValue, "is 4294967295"),
        Own("context_length", 1, null),
        Own("embedding_length", 0, "is 0"),
        Own("embedding_length", uint.MaxValue, "is 4294967295"),
        Own("embedding_length", 128, null),
        Own("feed_forward_length", 0, null),
        Own("feed_forward_length", uint.MaxValue, null),
        Own("feed_forward_length", new int[] { 128 }, null),
        Own("nextn_predict_layers", 3, "is 3; it must be from 0 to 2"),
        Own("attention.layer_norm_rms_epsilon", 0f, "is 0; it must be above 0 and below 1"),
        Own("attention.layer_norm_rms_epsilon", -1e-6f, "it must be above 0 and below 1"),
        Own("attention.layer_norm_rms_epsilon", 1f, "is 1; it must be above 0 and below 1"),
        Own("attention.layer_norm_rms_epsilon", float.NaN, "is NaN"),
        Own("attention.layer_norm_rms_epsilon", float.PositiveInfinity, "it must be finite"),
        Own("logit_scale", float.NaN, "is NaN; it must be finite"),
    ];

    private static IEnumerable<HostileFile> Experts() =>
    [
        Own("expert_count", 513, "is 513; it must be from 0 to 512"),
        Own("expert_count", 8, "is 8, and there is no qwen2.expert_used_count"),
        Own("expert_used_count", 1, "is 1; it must be from 0 to 0"),
        Expert("expert_used_count", 0, "is 0; it must be from 1 to 4"),
        Expert("expert_used_count", 5, "is 5; it must be from 1 to 4"),
        Expert("expert_used_count", new int[] { 2, 5 }, "is 5"),
        Expert("expert_used_count", new int[] { 0, 0 }, "is 0"),
        Expert("expert_used_count", new int[] { 2, 0 }, "puts 0 experts to work in layer 1 and 2 in the first"),
        Expert("expert_used_count", new int[] { 0, 2 }, "puts 0 experts to work in layer 0"),
        Expert("expert_used_count", new int[] { 1, 2 }, "puts 2 experts to work in layer 1 and 1 in the first"),
        Expert("expert_used_count", new int[] { 4, 1 }, "puts 1 experts to work in layer 1 and 4 in the first"),
        Expert("expert_used_count", new int[] { 1, 1 }, null),
        Expert("expert_group_count", 3, "is 3, into which 4 experts cannot be divided"),
        Expert("expert_group_count", 4, "is 4, into which 4 experts cannot be divided"),
        Expert("expert_group_count", 2, "leaves 0 of 2 groups"),
        Expert("expert_used_count", Array.Empty<int>(), null),
        Expert("block_count", 0, "is 0; it must be from 1 to 512"),
        Expert("expert_count", 2, null),
        Expert("expert_feed_forward_length", 0, null),
    ];

    private static IEnumerable<HostileFile> Heads() =>
    [
        Own("attention.head_count", 0, "makes layer 0 no heads of queries, yet there is"),
        Changed(TinyArchitecture.Olmo2, "olmo2.attention.head_count", 0, "makes layer 0 no heads of queries, yet there is"),
        Changed(TinyArchitecture.Olmo2, "olmo2.attention.head_count", new int[] { 0, 4 }, "makes layer 0 no heads of queries"),
        Changed(TinyArchitecture.Gpt2, "gpt2.attention.head_count", 0, "makes layer 0 no heads of queries, yet there is"),
        Changed(TinyArchitecture.Mamba, "mamba.attention.head_count", 0, null),
        Own("attention.head_count", 3, "is 3, by which the width, 64, cannot be divided"),
        Own("attention.head_count", uint.MaxValue, "is 4294967295; it must be from 0 to 65536"),
        Own("attention.head_count", new int[] { 4, -4 }, "is -4"),
        Own("attention.head_count", new int[] { 4 }, null),
        Own("attention.head_count", 8, null),
        Own("attention.head_count_kv", 3, "is 3, among which 4 heads of queries cannot be divided"),
        Own("attention.head_count_kv", 8, "is 8, among which 4 heads"),
        Own("attention.head_count_kv", new int[] { 2, 3 }, "is 3, among which 4 heads"),
        Own(
            "attention.head_count_kv",
            new int[] { 2, 4 },
            "makes 4 heads of 16 numbers, which do not fit blk.1.attn_k.weight"),
        Own("attention.head_count_kv", new int[] { 2, 2 }, null),
        Own("attention.head_count_kv", new int[] { 2, 0 }, "makes layer 1 no heads of keys, yet there is"),
        Own("attention.head_count", new int[] { 4, 0 }, "makes layer 1 no heads of queries, yet there is"),
        Own("attention.head_count", new int[] { 4, 8 }, null), // llama.cpp takes the first layer's there
        Fused(TinyArchitecture.Gpt2, "gpt2.attention.head_count_kv", [4, 0], "makes layer 1 4 heads of queries and 0 of keys"),
        Fused(TinyArchitecture.Gpt2, "gpt2.attention.head_count_kv", [0, 4], "makes layer 0 4 heads of queries and 0 of keys"),
        Fused(TinyArchitecture.Gpt2, "gpt2.attention.head_count_kv", [4, 2], "makes layer 1 4 heads of queries and 2 of keys"),
        Fused(TinyArchitecture.Gpt2, "gpt2.attention.head_count", [4, 8], "makes layer 1 8 heads of queries and 4 of keys"),
        Fused(TinyArchitecture.Gpt2, "gpt2.attention.head_count", [4, 0], "makes layer 1 0 heads of queries and 4 of keys"),
        Fused(TinyArchitecture.GptNeoX, "gptneox.attention.head_count_kv", [4, 1], "makes layer 1 4 heads of queries and 1 of keys"),
        Fused(TinyArchitecture.Falcon, "falcon.attention.head_count_kv", [2, 0], "makes layer 1 4 heads of queries and 0 of keys"),
        Fused(TinyArchitecture.Phi, "phi3.attention.head_count_kv", [2, 4], "makes layer 1 4 heads of queries and 4 of keys"),
        Own("attention.head_count_kv", 0, null),
        Own("attention.head_count_kv", 1, null),
        Own("attention.key_length", 0, "is 0; it must be from 1 to 65536"),
        Own("attention.key_length", 24, "makes 2 heads of 24 numbers, which do not fit blk.0.attn_k.weight"),
        Own("attention.key_length", uint.MaxValue, "is 4294967295"),
        Own("attention.value_length", 0, "is 0; it must be from 1 to 65536"),
        Own("attention.value_length", 8, "makes keys of 16 and values of 8; qwen2 wants them alike"),
        Own("attention.sliding_window", 0, null),
        Own("attention.sliding_window", uint.MaxValue, null),
        Own("attention.causal", false, null),
    ];

    private static IEnumerable<HostileFile> Positions() =>
    [
        Own("rope.freq_base", 0f, "is 0; it must be above 0 and finite"),
        Own("rope.freq_base", -10_000f, "is -10000; it must be above 0"),
        Own("rope.freq_base", float.NaN, "is NaN"),
        Own("rope.freq_base", float.PositiveInfinity, "it must be finite"),
        Own("rope.freq_base", 1e-45f, null), // endless angles from the second token on
        Own("rope.dimension_count", 18, "is 18; it must be from 2 to 16"),
        Changed(TinyArchitecture.GptNeoX, "gptneox.rope.dimension_count", 0, "is 0; it must be from 2 to 16"),
        Changed(TinyArchitecture.Mamba, "mamba.rope.dimension_count", 0, null),
        Own("rope.dimension_count", 7, "is 7; it must be even"),
        Own("rope.dimension_count", 8, "is 8; qwen2 rotates whole keys, which are of 16"),
        Own("rope.scaling.type", "twisted", "is 'twisted'; llama.cpp knows none, linear, yarn, longrope"),
        Own("rope.scaling.type", "", "is ''; llama.cpp knows"),
        Own("rope.scaling.type", "yarn", null),
        Own("rope.scaling.factor", -2f, "is -2; it must not be negative"),
        Own("rope.scaling.factor", float.NaN, "is NaN; it must be finite"),
        Own("rope.scaling.factor", 0f, null),
        Own("rope.scaling.original_context_length", 0, null),
        Delta("rope.dimension_sections", new int[] { 0, 0, 0, 8 }, "is [0, 0, 0, 8]; one of the first three must be above 0"),
        Delta("rope.dimension_sections", new int[] { 100, 100, 100, 100 }, "is [100, 100, 100, 100]; no section is negative"),
        Delta("rope.dimension_sections", new int[] { -5, 3, 3, 3 }, "is [-5, 3, 3, 3]; no section is negative"),
    ];

    private static IEnumerable<HostileFile> LayerKinds() =>
    [
        Delta("full_attention_interval", 0, "is 0; it must be from 1 to 512"),
        Delta("full_attention_interval", 1, null),
        Delta("ssm.inner_size", 128, "is 128, and 4 heads of 16 take 64"),
        Delta("ssm.group_count", 0, null),
        Changed(TinyArchitecture.Mamba2, "mamba2.ssm.group_count", 0, "is 0; it must be from 1"),
        Changed(TinyArchitecture.GraniteHybrid, "granitehybrid.ssm.group_count", 0, "is 0; it must be from 1"),
        Own("wkv.head_size", 0, "is 0; it must be from 1"),
        Own("experts_per_group", 0, "is 0; it must be from 1"),
        Window("attention.sliding_window_pattern", 1, "gives the sliding window to no layer"),
        Window("attention.sliding_window_pattern", 3, null),
        Window("attention.sliding_window_pattern", 0, null),
    ];

    private static HostileFile Delta(string name, object value, string? refusal) =>
        Changed(TinyArchitecture.Qwen35, "qwen35." + name, value, refusal);

    private static HostileFile Window(string name, object value, string? refusal) =>
        Changed(TinyArchitecture.Gemma3, "gemma3." + name, value, refusal);

    /// <summary>Heads by layer, where queries, keys and values are one matrix.</summary>
    private static HostileFile Fused(TinyArchitecture architecture, string key, int[] heads, string refusal) =>
        Changed(architecture, key, heads, refusal + ", which do not fit blk.");

    private static HostileFile Mistyped(string key, object value, string wanted) => HostileFile.Of(
        $"{key} as {value.GetType().Name}", $"{key} is of type {GgufType(value)} where {wanted} belongs", Plain, (key, value));

    private static HostileFile Own(string name, object value, string? refusal) => Changed(Plain, "qwen2." + name, value, refusal);

    private static HostileFile Expert(string name, object value, string? refusal) =>
        Changed(TinyArchitecture.Qwen3Moe, "qwen3moe." + name, value, refusal);

    private static HostileFile Changed(TinyArchitecture architecture, string key, object value, string? refusal)
    {
        string shown = value is int[] numbers ? $"[{string.Join(", ", numbers)}]" : FormattableString.Invariant($"{value}");
        string? message = refusal is null || refusal.StartsWith("it must", StringComparison.Ordinal) ? refusal : $"{key} {refusal}";
        return HostileFile.Of($"{key} = {shown}", message, architecture, (key, value));
    }

    private static string GgufType(object value) => value switch
    {
        float[] => "Float32[]",
        double[] => "Float64[]",
        int[] => "Int32[]",
        string[] => "String[]",
        string => "String",
        bool => "Bool",
        int => "UInt32", // as tiny models write it
        float => "Float32",
        double => "Float64",
        sbyte => "Int8",
        ushort => "UInt16",
        _ => "Int64",
    };
}
