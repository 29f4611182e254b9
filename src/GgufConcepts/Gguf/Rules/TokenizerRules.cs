namespace GgufConcepts.Gguf.Rules;

/// <summary>What the file says of its tokens: which tokenizer reads them, their scores and kinds, the special
/// ones.</summary>
internal static class TokenizerRules
{
    public const string Prefix = "tokenizer.ggml.";
    private const int ByteToken = 6;       // enum llama_token_type
    private const int DefaultBpeToken = 11; // begins and ends a text where a BPE vocabulary does not say what does

    private static readonly string[] s_special =
    [
        "bos", "eos", "eot", "eom", "unknown", "seperator", "padding", "mask", "fim_pre", "fim_suf", "fim_mid", "fim_pad",
        "fim_rep", "fim_sep", "prefix", "suffix", "middle",
    ];

    /// <summary>The tokenizers there are, and the ids they take to begin, end and separate texts where the file does not
    /// say; -1 is none.</summary>
    private static readonly Dictionary<string, (int Begin, int End, int Separator)> s_defaults = new()
    {
        ["llama"] = (1, 2, -1),
        ["bert"] = (101, -1, 102),
        ["gpt2"] = (DefaultBpeToken, DefaultBpeToken, -1),
        ["hybriddna"] = (DefaultBpeToken, DefaultBpeToken, -1),
        ["whitespace"] = (DefaultBpeToken, DefaultBpeToken, -1),
        ["t5"] = (-1, 1, -1),
        ["rwkv"] = (-1, -1, -1),
        ["plamo2"] = (1, 2, -1),
        ["gemma4"] = (-1, -1, -1),
    };

    public static void Check(CheckedModel model, Findings findings)
    {
        string? kind = model.Text(Prefix + "model");
        if (kind is null)
        {
            return; // llama.cpp says so
        }

        if (kind is "no_vocab" or "none") // loads, and ends the process over the first text
        {
            findings.Add(model.Find(Prefix + "model")!.Problem($"is '{kind}': the model has no words to be asked in"));
            return;
        }

        if (!s_defaults.TryGetValue(kind, out (int Begin, int End, int Separator) defaults))
        {
            findings.Add(model.Find(Prefix + "model")!.Problem(
                $"is '{kind}'; llama.cpp knows {string.Join(", ", s_defaults.Keys)}"));
            return;
        }

        if (model.Find(Prefix + "tokens") is not { } tokens)
        {
            return; // llama.cpp says so
        }

        CheckLengths(model, findings, tokens.Count);
        CheckKinds(model, findings, kind);
        CheckSpecial(model, findings, tokens.Count);
        CheckAdded(model, findings, tokens.Count, kind, defaults);
        TokenTextRules.Check(model, findings, tokens, kind);
    }

    /// <summary>A score and a kind for each token.</summary>
    private static void CheckLengths(CheckedModel model, Findings findings, long tokens)
    {
        foreach (string name in (string[])["scores", "token_type"])
        {
            if (model.Find(Prefix + name) is { } list && list.Count != tokens)
            {
                findings.Add(list.Problem($"has {list.Count} entries for {tokens} tokens"));
            }
        }

        if (model.Find(Prefix + "scores") is { ElementType: GgufValueType.Float32 } scores
            && Array.FindIndex(scores.AsArray().ToFloats(), double.IsNaN) is >= 0 and int id)
        {
            findings.Add(scores.Problem($"has NaN for token {id}"));
        }
    }

    /// <summary>Pieces of words, as BERT has them, know no tokens of bytes.</summary>
    private static void CheckKinds(CheckedModel model, Findings findings, string kind)
    {
        if (kind == "bert" && model.Find(Prefix + "token_type") is { } types
            && Array.IndexOf(types.AsArray().ToIntegers<int>(), ByteToken) is >= 0 and int id)
        {
            findings.Add(types.Problem($"makes token {id} a byte, and a vocabulary of kind {kind} has none"));
        }
    }

    private static void CheckSpecial(CheckedModel model, Findings findings, long tokens)
    {
        foreach (string name in s_special)
        {
            if (model.Find($"{Prefix}{name}_token_id") is { } entry && entry.AsInteger<long>() is var id && id >= tokens)
            {
                findings.Add(entry.Problem($"is {id}, and the tokens end at {tokens - 1}"));
            }
        }
    }

    /// <summary>Vocabularies of BPE that begin a text with a token where the file does not say.</summary>
    private static readonly string[] s_beginning =
    [
        "llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano", "tekken",
        "chameleon",
    ];

    /// <summary>Vocabularies of BPE that do so whatever the file says.</summary>
    private static readonly string[] s_alwaysBeginning = ["gemma4", "granite-embed-multi-311m"];

    /// <summary>A token that is put before, after or between texts must be there.</summary>
    private static void CheckAdded(
        CheckedModel model, Findings findings, long tokens, string kind, (int Begin, int End, int Separator) defaults)
    {
        string pre = kind == "gemma4" ? kind : model.Text(Prefix + "pre") ?? "";
        bool knowsBegin = pre is not ("glm4" or "chatglm-bpe"); // these have no default
        bool always = IsBpe(kind) && s_alwaysBeginning.Contains(pre);
        bool begins = kind is "llama" or "bert" || (IsBpe(kind) && s_beginning.Contains(pre));
        CheckOne("bos", "bos", knowsBegin ? defaults.Begin : -1, begins);
        CheckOne("eos", "eos", defaults.End, kind is "t5");
        CheckOne("sep", "seperator", defaults.Separator, kind is "bert");

        void CheckOne(string added, string name, int absent, bool byDefault)
        {
            GgufEntry? adds = model.Find($"{Prefix}add_{added}_token");
            long? given = model.Find($"{Prefix}{name}_token_id")?.AsInteger<long>();
            long id = given < tokens ? given.Value : absent;
            bool isAdded = (adds?.AsBool() ?? byDefault) || (always && added == "bos");
            if (isAdded && (id < 0 || id >= tokens))
            {
                findings.Add(adds?.AsBool() == true
                    ? adds.Problem("is true, and there is no such token")
                    : model.Find(Prefix + "model")!.Problem(
                        $"is '{kind}', which adds {Prefix}{name}_token_id to every text, and there is no such token"));
            }
        }
    }

    private static bool IsBpe(string kind) => kind is "gpt2" or "gemma4" or "hybriddna" or "whitespace";
}
