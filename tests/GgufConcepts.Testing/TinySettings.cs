using GgufConcepts.Gguf;

namespace GgufConcepts.Testing;

/// <summary>The settings of a tiny model: those all have, those of its design, those that were asked for.</summary>
internal static class TinySettings
{
    private const int UnusedToken = 5;  // enum llama_token_type
    private const int ControlToken = 3;
    private const int NormalToken = 1;

    public static void Add(
        GgufWriter writer, TinyArchitecture architecture, TinyDesign design, TinySizes sizes, string[] tokens)
    {
        Dictionary<string, object?> settings = Usual(architecture, design, sizes, tokens);
        foreach ((string key, object? value) in design.Settings(sizes))
        {
            settings[$"{design.Name}.{key}"] = value;
        }

        foreach ((string key, object? value) in sizes.Options.Settings ?? new Dictionary<string, object?>())
        {
            settings[key] = value;
        }

        foreach ((string key, object? value) in settings)
        {
            Add(writer, key, value);
        }
    }

    private static void Add(GgufWriter writer, string key, object? value)
    {
        switch (value)
        {
            case null: break;
            case string text: writer.Add(key, text); break;
            case bool truth: writer.Add(key, truth); break;
            case int number: writer.Add(key, (uint)number); break; // llama.cpp wants uint32 for sizes and ids
            case uint number: writer.Add(key, number); break;
            case ushort number: writer.Add(key, number); break;
            case sbyte number: writer.Add(key, number); break;
            case long number: writer.Add(key, number); break;
            case double number: writer.Add(key, number); break;
            case ulong number: writer.Add(key, number); break;
            case float number: writer.Add(key, number); break;
            case string[] texts: writer.AddArray(key, texts); break;
            case int[] numbers: writer.AddArray<int>(key, numbers); break;
            case float[] numbers: writer.AddArray<float>(key, numbers); break;
            case double[] numbers: writer.AddArray<double>(key, numbers); break;
            case byte[] numbers: writer.AddArray<byte>(key, numbers); break;
            default: throw new ArgumentException($"{key}: no way to write a {value.GetType().Name}.");
        }
    }

    private static Dictionary<string, object?> Usual(
        TinyArchitecture architecture, TinyDesign design, TinySizes sizes, string[] tokens)
    {
        string name = design.Name;
        Dictionary<string, object?> settings = new()
        {
            ["general.architecture"] = name,
            ["general.name"] = $"Tiny {architecture}",
            [$"{name}.context_length"] = sizes.Options.ContextLength,
            [$"{name}.embedding_length"] = sizes.Width,
            [$"{name}.block_count"] = sizes.Options.Layers,
            [$"{name}.feed_forward_length"] = sizes.Inner,
            [$"{name}.attention.head_count"] = TinySizes.Heads,
            [$"{name}.attention.head_count_kv"] = sizes.KeyValueHeads,
            [$"{name}.attention.layer_norm{(design.CentresNorms ? "" : "_rms")}_epsilon"] = 1e-5f,
            ["tokenizer.ggml.model"] = "gpt2",
            ["tokenizer.ggml.pre"] = design.IsQwen ? "qwen2" : "gpt-2",
            ["tokenizer.ggml.tokens"] = tokens,
            ["tokenizer.ggml.token_type"] = tokens.Select((_, id) => TokenType(id)).ToArray(),
            ["tokenizer.ggml.merges"] = TinyVocabulary.Merges.ToArray(),
            ["tokenizer.ggml.bos_token_id"] = TinyVocabulary.EndOfTextId,
            ["tokenizer.ggml.eos_token_id"] = design.IsQwen ? TinyVocabulary.ImEndId : TinyVocabulary.EndOfTextId,
            ["tokenizer.ggml.add_bos_token"] = design.AddsBeginOfText,
            ["tokenizer.chat_template"] = design.IsQwen ? TinyModels.ChatTemplate : null,
            [$"{name}.rope.freq_base"] = 10000f,
        };
        if (architecture == TinyArchitecture.Bert)
        {
            settings["tokenizer.ggml.token_type_count"] = 2; // sentences a text may be made of
        }

        return settings;
    }

    private static int TokenType(int id) =>
        id >= TinyVocabulary.Tokens.Count ? UnusedToken : id >= TinyVocabulary.EndOfTextId ? ControlToken : NormalToken;
}
