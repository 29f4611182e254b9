using GgufConcepts.Testing;

namespace GgufConcepts.Fuzz.Targets;

/// <summary>Tiny models whose vocabularies are of the kinds that the others have not.</summary>
internal static class OtherVocabularies
{
    private const int Normal = 1, Unknown = 2, Control = 3, Byte = 6; // enum llama_token_type
    private static readonly string[] s_special = ["<unk>", "<s>", "</s>"];

    /// <summary>Their files.</summary>
    public static IEnumerable<string> Paths =>
    [
        Path("llama", [.. s_special, .. Bytes], "\u2581"),
        Path("t5", [.. s_special, .. Bytes], "\u2581"),
        Path("bert", ["[UNK]", "[CLS]", "[SEP]", "[PAD]"], "\u2581"),
        Path("rwkv", ["<s>", .. Enumerable.Range(1, 255).Select(value => $"\\x{value:x2}")], "\\x20"),
    ];

    private static IEnumerable<string> Bytes => Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>");

    /// <summary>A model with a vocabulary that begins with these tokens and goes on with words, as many as the tiny models
    /// have.</summary>
    private static string Path(string kind, string[] first, string space)
    {
        string[] letters = [.. Enumerable.Range('a', 26).Select(letter => $"{(char)letter}")];
        string[] words = [.. TinyVocabulary.Words.Select(word => word.Replace(" ", space, StringComparison.Ordinal))];
        string[] tokens = [.. first.Concat([space, .. letters, .. words]).Distinct()];
        tokens = [.. tokens, .. Enumerable.Range(0, TinyVocabulary.Tokens.Count).Select(i => $"{space}x{i}")];
        tokens = tokens[..TinyVocabulary.Tokens.Count];
        return TinyModels.Path(TinyArchitecture.Llama, new TinyOptions
        {
            Settings = new Dictionary<string, object?>
            {
                ["tokenizer.ggml.model"] = kind,
                ["tokenizer.ggml.pre"] = null,
                ["tokenizer.ggml.merges"] = null,
                ["tokenizer.ggml.tokens"] = tokens,
                ["tokenizer.ggml.scores"] = tokens.Select((token, id) => -(float)id).ToArray(),
                ["tokenizer.ggml.token_type"] = tokens.Select((token, id) => TypeOf(token, id, first.Length)).ToArray(),
                ["tokenizer.ggml.bos_token_id"] = kind == "rwkv" ? 0 : 1,
                ["tokenizer.ggml.eos_token_id"] = kind == "rwkv" ? 0 : 2,
                ["tokenizer.ggml.unknown_token_id"] = 0,
            },
        });
    }

    private static int TypeOf(string token, int id, int special) =>
        token.StartsWith("<0x", StringComparison.Ordinal) ? Byte
        : id == 0 ? Unknown
        : id < Math.Min(special, 4) && token[0] is '<' or '[' ? Control
        : Normal;
}
