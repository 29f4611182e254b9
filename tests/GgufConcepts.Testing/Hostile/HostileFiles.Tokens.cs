namespace GgufConcepts.Testing.Hostile;

/// <summary>Vocabularies that llama.cpp cannot use, or cannot survive.</summary>
public static partial class HostileFiles
{
    private const int UnusualToken = 300; // a word among the tiny tokens
    private static readonly string[] s_tokens = [.. TinyVocabulary.Tokens];

    private static IEnumerable<HostileFile> Vocabularies() =>
    [
        Token("no words", "tokenizer.ggml.model is 'no_vocab'", ("model", "no_vocab")),
        Token("no words, by another name", "tokenizer.ggml.model is 'none'", ("model", "none")),
        Token(
            "unknown tokenizer",
            "tokenizer.ggml.model is 'gpt3'; llama.cpp knows llama, bert, gpt2",
            ("model", "gpt3")),
        Token("tokenizer without a name", "tokenizer.ggml.model is ''", ("model", "")),
        Token("unknown splitter", null, ("pre", "qwen2000")),
        .. ((string[])
        [
            "bos", "eos", "eot", "eom", "unknown", "seperator", "padding", "mask", "fim_pre", "fim_suf", "fim_mid", "fim_pad",
            "fim_rep", "fim_sep", "prefix", "suffix", "middle",
        ]).Select(name => Token(
            $"{name} behind the last token",
            $"{name}_token_id is {s_tokens.Length}, and the tokens end at {s_tokens.Length - 1}",
            ($"{name}_token_id", s_tokens.Length))),
        Token("bos of 2^32 - 1", "bos_token_id is 4294967295", ("bos_token_id", uint.MaxValue)),
        Token("begins with no token", "add_bos_token is true, and there is no such token",
            ("add_bos_token", true), ("pre", "glm4"), ("bos_token_id", null)),
        Token("separates with no token", "add_sep_token is true, and there is no such token", ("add_sep_token", true)),
        Token("ends with no token", "add_eos_token is true, and there is no such token",
            ("add_eos_token", true), ("model", "gemma4"), ("eos_token_id", null)),
        Token("begins with no token, unasked", "adds tokenizer.ggml.bos_token_id to every text",
            ("model", "gemma4"), ("bos_token_id", null), ("add_bos_token", null)),
        Token("begins and ends, as asked", null, ("add_bos_token", true), ("add_eos_token", true)),
        Token("bytes among pieces of words", "makes token 0 a byte, and a vocabulary of kind bert has none",
            ("model", "bert"), ("token_type", Repeat(6))),
        Token("pieces of words", null, ("model", "bert")),
        Token("RWKV without its bytes", "has no token for the byte 1 (\\x01)", ("model", "rwkv")),
        Token("RWKV with its bytes", null, ("model", "rwkv"), ("tokens", Bytes(value => $"\\x{value:x2}"))),
        Token("PLaMo-2 with a byte of minus 1", "has token 255 for a byte whose two digits are none, <0x-1>",
            ("model", "plamo2"), ("tokens", Bytes(value => value == 255 ? "<0x-1>" : $"<0x{value:X2}>"))),
        Token("SentencePiece without its bytes", "has no token for the byte", ("model", "llama")),
        Token("SentencePiece with its bytes", null, ("model", "llama"), ("tokens", Bytes(value => $"<0x{value:X2}>"))),
        Token("SentencePiece without one byte", "has no token for the byte 233 (<0xE9>)",
            ("model", "llama"), ("tokens", Bytes(value => value == 0xE9 ? "spelt" : $"<0x{value:X2}>"))),
    ];

    private static IEnumerable<HostileFile> TokenLists() =>
    [
        Token("no tokens", "tokens has 0 tokens; a model has from 1", ("tokens", Array.Empty<string>()),
            ("token_type", Array.Empty<int>()), ("bos_token_id", null), ("eos_token_id", null)),
        Token(
            "one token",
            "has 1 tokens, and token_embd.weight has",
            ("tokens", new string[] { "a" }),
            ("token_type", new int[] { 1 }),
            ("bos_token_id", 0), ("eos_token_id", 0)),
        Token(
            "a token too many",
            "tokens, and token_embd.weight has",
            ("tokens", (string[])[.. s_tokens, "one more"]),
            ("token_type", null)),
        Token(
            "a token too few",
            "tokens, and token_embd.weight has",
            ("tokens", s_tokens[..^1]),
            ("token_type", null),
            ("eos_token_id", 0)),
        Token("a token twice", "has token 20 twice", ("tokens", Put(20, s_tokens[10]))),
        Token("a token twice up to a zero", "has token 20 twice", ("tokens", Put(20, s_tokens[10] + "\0x"))),
        Token(
            "a token that is named as an empty one",
            "has token 21 twice",
            ("tokens", Put(20, "", Put(21, "[EMPTY_20]")))),
        Token("524,289 tokens", "tokens has 524289 tokens; a model has from 1 to 524288", ("tokens", Empty(524_289))),
        Token("1,048,577 merges", "merges has 1048577 entries; the most is 1048576", ("merges", Empty(1_048_577))),
        Token("3 Mi texts that nobody reads", null, ("of_no_use", Empty(3_000_000))),
        Token("two empty tokens", null, ("tokens", Put(UnusualToken, "", Put(UnusualToken + 1, "")))),
        Token("a token of 65,537 bytes", "entry 300 of 65537 bytes; the most is 65536",
            ("tokens", Put(UnusualToken, new string('a', 65_537)))),
        Token("a token of 65,536 bytes", null, ("tokens", Put(UnusualToken, new string('a', 65_536)))),
        Token("a token that takes gigabytes to spell", "entry 300 whose letters stand for no bytes",
            ("tokens", Put(UnusualToken, new string('日', 20_000)))),
        .. ((int[])[46_341, 50_000, 65_536]).Select(count => Token( // squares beyond 32 bits
            $"a token of {count} spaces",
            "entry 300 whose letters stand for no bytes",
            ("tokens", Put(UnusualToken, new string(' ', count))))),
        Token("a token of letters that stand for no bytes", null, ("tokens", Put(UnusualToken, "日本 and spaces"))),
        Token("too few scores", $"scores has 3 entries for {s_tokens.Length} tokens", ("scores", new float[3])),
        Token(
            "too many scores", $"scores has {s_tokens.Length + 1} entries", ("scores", new float[s_tokens.Length + 1])),
        Token("no scores", "scores has 0 entries", ("scores", Array.Empty<float>())),
        Token(
            "a score of NaN",
            "scores has NaN for token 0",
            ("scores", Enumerable.Repeat(float.NaN, s_tokens.Length).ToArray())),
        Token("endless scores", null, ("scores", Enumerable.Repeat(float.PositiveInfinity, s_tokens.Length).ToArray())),
        Token(
            "too few kinds",
            $"token_type has 3 entries for {s_tokens.Length} tokens",
            ("token_type", new int[] { 1, 1, 1 })),
        Token("kinds that do not exist", null, ("token_type", Repeat(int.MinValue))),
        Token("all tokens are control", null, ("token_type", Repeat(3))),
        Token("all tokens are unused", null, ("token_type", Repeat(5))),
        Token("all tokens are bytes", null, ("token_type", Repeat(6))),
        Token("no merges in the list", null, ("merges", Array.Empty<string>())),
        Token("merges of nothing", null, ("merges", new string[] { "", " ", "  ", "a", "a b c", "a b", "a b" })),
        Token(
            "a merge of 65,537 bytes",
            "merges has an entry 0 of 65537 bytes",
            ("merges", new string[] { new('a', 65_537) })),
    ];

    private static HostileFile Token(string name, string? refusal, params (string Name, object? Value)[] settings) =>
        HostileFile.Of(name, refusal, Plain, [.. settings.Select(setting => (Tokenizer + setting.Name, setting.Value))]);

    private static string[] Empty(int count) => [.. Enumerable.Repeat("", count)];

    private static int[] Repeat(int kind) => [.. Enumerable.Repeat(kind, s_tokens.Length)];

    private static string[] Put(int id, string text, string[]? others = null)
    {
        string[] tokens = [.. others ?? s_tokens];
        tokens[id] = text;
        return tokens;
    }

    /// <summary>The words, after 256 tokens of other texts than GPT-2's.</summary>
    private static string[] Bytes(Func<int, string> text) =>
        [.. Enumerable.Range(0, 256).Select(text), .. s_tokens.Skip(256)];
}
