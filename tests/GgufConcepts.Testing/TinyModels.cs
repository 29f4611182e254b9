using System.Collections.Concurrent;
using GgufConcepts.Gguf;

namespace GgufConcepts.Testing;

/// <summary>Random models of a few hundred kilobytes that llama.cpp loads: every test may have one.</summary>
/// <remarks>Written once per process into a temporary folder that goes when the process ends. Any thread.</remarks>
public static class TinyModels
{
    /// <summary>What the models answer to "how do I write a chat".</summary>
    public const string ChatTemplate =
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}" +
        "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

    private const int UnusedToken = 5;  // enum llama_token_type
    private const int ControlToken = 3;
    private const int NormalToken = 1;

    private static readonly TempFolder s_folder = new();
    private static readonly ConcurrentDictionary<(TinyArchitecture, TinyOptions), Lazy<string>> s_paths = new();
    private static int s_count;

    static TinyModels() => AppDomain.CurrentDomain.ProcessExit += (_, _) => s_folder.Dispose();

    /// <summary>The file of a model, written when it is first asked for. Do not change it: others use it too.</summary>
    public static string Path(TinyArchitecture architecture, TinyOptions? options = null)
    {
        options ??= new TinyOptions();
        return s_paths.GetOrAdd((architecture, options), _ => new Lazy<string>(() =>
        {
            string name = $"tiny-{architecture.ToString().ToLowerInvariant()}-{Interlocked.Increment(ref s_count)}.gguf";
            return Write(s_folder.File(name), architecture, options);
        })).Value;
    }

    /// <summary>Writes a model to a place of your own. Returns the path of the first file.</summary>
    public static string Write(string path, TinyArchitecture architecture, TinyOptions? options = null)
    {
        options ??= new TinyOptions();
        string[] tokens =
        [
            .. TinyVocabulary.Tokens,
            .. Enumerable.Range(0, options.PaddingTokens).Select(i => $"[PAD{i}]"),
        ];
        IReadOnlyList<TinyTensor> tensors = TinyWeights.Make(architecture, options, tokens.Length);
        int perPart = (tensors.Count + options.Parts - 1) / options.Parts;
        string first = "";
        for (int part = options.Parts - 1; part >= 0; part--)
        {
            GgufWriter writer = new();
            if (part == 0)
            {
                AddSettings(writer, architecture, options, tokens);
            }

            if (options.Parts > 1)
            {
                writer.Add("split.no", (ushort)part);
                writer.Add("split.count", (ushort)options.Parts);
                writer.Add("split.tensors.count", tensors.Count);
                first = path.Replace(".gguf", $"-{part + 1:D5}-of-{options.Parts:D5}.gguf", StringComparison.Ordinal);
            }
            else
            {
                first = path;
            }

            foreach (TinyTensor tensor in tensors.Skip(part * perPart).Take(perPart))
            {
                writer.AddTensor(tensor.Name, tensor.Type, tensor.Dimensions, tensor.Values);
            }

            writer.Write(first);
        }

        return first;
    }

    private static void AddSettings(
        GgufWriter writer, TinyArchitecture architecture, TinyOptions options, string[] tokens)
    {
        Dictionary<string, object?> settings = Settings(architecture, options, tokens);
        foreach ((string key, object? value) in options.Settings ?? new Dictionary<string, object?>())
        {
            settings[key] = value;
        }

        foreach ((string key, object? value) in settings)
        {
            switch (value)
            {
                case null: break;
                case string text: writer.Add(key, text); break;
                case bool truth: writer.Add(key, truth); break;
                case int number: writer.Add(key, (uint)number); break; // llama.cpp wants uint32 for sizes and ids
                case uint number: writer.Add(key, number); break;
                case ulong number: writer.Add(key, number); break;
                case float number: writer.Add(key, number); break;
                case string[] texts: writer.AddArray(key, texts); break;
                case int[] numbers: writer.AddArray<int>(key, numbers); break;
                case float[] numbers: writer.AddArray<float>(key, numbers); break;
                default: throw new ArgumentException($"{key}: no way to write a {value.GetType().Name}.");
            }
        }
    }

    private static Dictionary<string, object?> Settings(
        TinyArchitecture architecture, TinyOptions options, string[] tokens)
    {
        string name = architecture switch
        {
            TinyArchitecture.Qwen2 or TinyArchitecture.Qwen2Untied => "qwen2",
            TinyArchitecture.Gpt2 => "gpt2",
            TinyArchitecture.Llama => "llama",
            TinyArchitecture.Gemma3 => "gemma3",
            _ => "qwen2vl",
        };
        bool isQwen = name.StartsWith("qwen2", StringComparison.Ordinal);
        bool isGpt2 = architecture == TinyArchitecture.Gpt2;
        Dictionary<string, object?> settings = new()
        {
            ["general.architecture"] = name,
            ["general.name"] = $"Tiny {architecture}",
            [$"{name}.context_length"] = options.ContextLength,
            [$"{name}.embedding_length"] = options.Width,
            [$"{name}.block_count"] = options.Layers,
            [$"{name}.feed_forward_length"] = TinyWeights.FeedForward(options),
            [$"{name}.attention.head_count"] = TinyWeights.Heads,
            [$"{name}.attention.head_count_kv"] = isGpt2 ? TinyWeights.Heads : TinyWeights.KeyValueHeads,
            [$"{name}.attention.layer_norm{(isGpt2 ? "" : "_rms")}_epsilon"] = 1e-5f,
            ["tokenizer.ggml.model"] = "gpt2",
            ["tokenizer.ggml.pre"] = isQwen ? "qwen2" : "gpt-2",
            ["tokenizer.ggml.tokens"] = tokens,
            ["tokenizer.ggml.token_type"] = tokens.Select((_, id) => TokenType(id)).ToArray(),
            ["tokenizer.ggml.merges"] = TinyVocabulary.Merges.ToArray(),
            ["tokenizer.ggml.bos_token_id"] = TinyVocabulary.EndOfTextId,
            ["tokenizer.ggml.eos_token_id"] = isQwen ? TinyVocabulary.ImEndId : TinyVocabulary.EndOfTextId,
            ["tokenizer.ggml.add_bos_token"] = architecture is TinyArchitecture.Llama or TinyArchitecture.Gemma3,
            ["tokenizer.chat_template"] = isQwen ? ChatTemplate : null,
        };
        if (!isGpt2)
        {
            settings[$"{name}.rope.freq_base"] = 10000f;
        }

        if (architecture == TinyArchitecture.Gemma3)
        {
            settings["gemma3.attention.key_length"] = options.Width / TinyWeights.Heads;
            settings["gemma3.attention.value_length"] = options.Width / TinyWeights.Heads;
            settings["gemma3.attention.sliding_window"] = 32;
            settings["gemma3.attention.sliding_window_pattern"] = 2;
        }

        if (architecture == TinyArchitecture.Qwen2VL)
        {
            int pairs = options.Width / TinyWeights.Heads / 2; // rotated pairs of one head: time, height, width, none
            settings["qwen2vl.rope.dimension_sections"] = new[] { pairs / 4, pairs * 3 / 8, pairs * 3 / 8, 0 };
        }

        return settings;
    }

    private static int TokenType(int id) =>
        id >= TinyVocabulary.Tokens.Count ? UnusedToken : id >= TinyVocabulary.EndOfTextId ? ControlToken : NormalToken;
}
