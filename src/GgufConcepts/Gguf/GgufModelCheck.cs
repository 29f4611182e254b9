using System.Text;
using GgufConcepts.Native;

namespace GgufConcepts.Gguf;

/// <summary>Refuses well-formed files whose contents would make llama.cpp end the process, or load and answer
/// NaN.</summary>
/// <remarks>
/// Each rule stands for a file that did so (v0.4.0 and v0.5.0). What llama.cpp itself refuses with an error is left to
/// it.
/// </remarks>
public static class GgufModelCheck
{
    private const int MaxLayers = 512;  // LLAMA_MAX_LAYERS
    private const int MaxTokens = 1 << 24; // our own, sixty times what models have
    private const int MaxExperts = 512; // LLAMA_MAX_EXPERTS of v0.4.0; 1024 in v0.5.0
    private static readonly string[] s_ropeScalings = ["none", "linear", "yarn", "longrope"];

    /// <summary>Checks a model before it is loaded.</summary>
    /// <exception cref="GgufException">It must not be loaded. Names the setting or tensor.</exception>
    public static void Run(GgufModelFile model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (!model.Metadata.TryGetString("general.architecture", out string architecture))
        {
            throw new GgufException(
                $"{model.Paths[0]}: has no general.architecture, so it is no model; use a language model.");
        }

        CheckSizes(model.Metadata, architecture);
        CheckExperts(model.Metadata, architecture);
        CheckNumbers(model.Metadata, architecture);
        CheckHeads(model, architecture);
        CheckVocabulary(model.Metadata);
        foreach (GgufTensor tensor in model.Tensors)
        {
            CheckStorage(tensor);
        }
    }

    private static void CheckSizes(GgufMetadata metadata, string architecture)
    {
        Check(metadata, $"{architecture}.block_count", 1, MaxLayers);
        Check(metadata, $"{architecture}.context_length", 1, int.MaxValue);
        Check(metadata, $"{architecture}.embedding_length", 1, 1 << 20);
    }

    private static void CheckExperts(GgufMetadata metadata, string architecture)
    {
        long experts = Check(metadata, $"{architecture}.expert_count", 0, MaxExperts) ?? 0;
        string used = $"{architecture}.expert_used_count";
        Check(metadata, used, Math.Min(experts, 1), experts);
        if (experts > 0 && metadata.Find(used) is null)
        {
            throw metadata.Find($"{architecture}.expert_count")!.Problem($"is {experts}, and there is no {used}");
        }
    }

    private static void CheckNumbers(GgufMetadata metadata, string architecture)
    {
        foreach (string name in (string[])["layer_norm_epsilon", "layer_norm_rms_epsilon"])
        {
            string key = $"{architecture}.attention.{name}";
            if (metadata.TryGetFloat(key, out double epsilon) && !(epsilon >= 0 && epsilon < 1)) // NaN too
            {
                throw metadata.Find(key)!.Problem($"is {epsilon}; it must be from 0 to 1");
            }
        }

        string freqBase = $"{architecture}.rope.freq_base";
        if (metadata.TryGetFloat(freqBase, out double frequency) && !(frequency > 0 && double.IsFinite(frequency)))
        {
            throw metadata.Find(freqBase)!.Problem($"is {frequency}; it must be above 0");
        }

        string scaling = $"{architecture}.rope.scaling.type";
        if (metadata.TryGetString(scaling, out string kind) && !s_ropeScalings.Contains(kind))
        {
            throw metadata.Find(scaling)!.Problem($"is '{kind}'; llama.cpp knows {string.Join(", ", s_ropeScalings)}");
        }
    }

    /// <summary>Only where all layers have the same heads: models whose layers differ state lists.</summary>
    private static void CheckHeads(GgufModelFile model, string architecture)
    {
        GgufMetadata metadata = model.Metadata;
        long heads = Scalar(metadata, $"{architecture}.attention.head_count") ?? 0;
        long width = Scalar(metadata, $"{architecture}.embedding_length") ?? 0;
        if (heads == 0 || width == 0)
        {
            return;
        }

        string keyLength = $"{architecture}.attention.key_length";
        long headSize = Check(metadata, keyLength, 1, 1 << 16) ?? width / heads;
        long? rotated = Check(metadata, $"{architecture}.rope.dimension_count", 0, headSize);
        if (rotated % 2 == 1)
        {
            throw metadata.Find($"{architecture}.rope.dimension_count")!.Problem($"is {rotated}; it must be even");
        }

        long keyHeads = Scalar(metadata, $"{architecture}.attention.head_count_kv") ?? heads;
        long slidingSize = Scalar(metadata, $"{keyLength}_swa") ?? headSize;
        if (metadata.Find(keyLength) is { } entry && model.Find("blk.0.attn_k.weight") is { } keys
            && keys.RowCount != headSize * keyHeads && keys.RowCount != slidingSize * keyHeads)
        {
            throw entry.Problem($"is {headSize}, which does not fit {keyHeads} heads and {keys}");
        }
    }

    private static void CheckVocabulary(GgufMetadata metadata)
    {
        metadata.TryGetString("tokenizer.chat_template", out _); // throws where it is no text
        metadata.TryGetString("tokenizer.ggml.model", out string kind);
        if (kind is "no_vocab" or "none") // loads, and ends the process over the first text
        {
            throw metadata.Find("tokenizer.ggml.model")!.Problem($"is '{kind}': the model has no words to be asked in");
        }

        if (!metadata.TryGetArray("tokenizer.ggml.tokens", out GgufArray tokens))
        {
            return; // llama.cpp says so
        }

        if (tokens.Count > MaxTokens)
        {
            throw metadata.Find("tokenizer.ggml.tokens")!.Problem($"has {tokens.Count} tokens; the most is {MaxTokens}");
        }

        TokenTexts texts = new(tokens);
        if (texts.Repeated is { } repeated)
        {
            throw metadata.Find("tokenizer.ggml.tokens")!.Problem($"has token {repeated} twice");
        }

        if (kind == "llama" && Enumerable.Range(0, 256).Where(IsMissing).ToArray() is { Length: > 0 } missing)
        {
            // SentencePiece spells unknown characters in bytes; a text that needs one of these ends the process.
            throw metadata.Find("tokenizer.ggml.tokens")!.Problem($"has no token for the byte {missing[0]} (<0x{missing[0]:X2}>)");
        }

        bool addsBegin = metadata.TryGetBool("tokenizer.ggml.add_bos_token", out bool adds) && adds;
        bool hasBegin = metadata.TryGetInteger("tokenizer.ggml.bos_token_id", out uint begin)
            ? begin < tokens.Count
            : kind is "llama" or "gpt2"; // which have one by default
        if (addsBegin && !hasBegin)
        {
            throw metadata.Find("tokenizer.ggml.add_bos_token")!.Problem("is true, and there is no such token");
        }

        bool IsMissing(int value) =>
            !texts.Contains(Encoding.ASCII.GetBytes($"<0x{value:X2}>")) && !texts.Contains([(byte)value]);
    }

    private static void CheckStorage(GgufTensor tensor)
    {
        bool isMatrix = tensor.Name is "token_embd.weight" or "output.weight"
            || (tensor.Name.Contains(".attn_", StringComparison.Ordinal) && tensor.Dimensions.Count > 1);
        bool isVector = tensor.Dimensions.Count == 1
            && (tensor.Name.EndsWith("norm.weight", StringComparison.Ordinal)
                || tensor.Name.EndsWith(".bias", StringComparison.Ordinal));
        if ((isMatrix && !GgmlTypes.CanDequantize(tensor.Type)) || (isVector && tensor.Type != GgmlType.F32))
        {
            throw new GgufException(
                $"{tensor.Path}, byte {tensor.Offset}: {tensor.Name} is stored as {tensor.Type}, with which llama.cpp cannot " +
                "compute; convert or download the model again.");
        }
    }

    /// <summary>The number under a key, which must be in a range; null where there is none, or one for each
    /// layer.</summary>
    private static long? Check(GgufMetadata metadata, string key, long least, long most)
    {
        long? value = Scalar(metadata, key);
        return value is null || (value >= least && value <= most)
            ? value
            : throw metadata.Find(key)!.Problem($"is {value}; it must be from {least} to {most}");
    }

    private static long? Scalar(GgufMetadata metadata, string key) =>
        metadata.Find(key) is { } entry && entry.Type != GgufValueType.Array ? entry.AsInteger<long>() : null;
}
