using System.Collections.Concurrent;
using GgufConcepts.Gguf;

namespace GgufConcepts.Testing;

/// <summary>Random models of a few hundred kilobytes that llama.cpp loads: every test may have one.</summary>
/// <remarks>Written once per process into a temporary folder that goes when the process ends. Any thread.</remarks>
public static class TinyModels
{
    /// <summary>What the models answer to "how do I write a chat".</summary>
    public const string ChatTemplate =
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' " +
        "+ '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

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
            int number = Interlocked.Increment(ref s_count);
            return Write(s_folder.File($"tiny-{architecture}-{number}.gguf"), architecture, options);
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
        TinyDesign design = TinyDesigns.Of(architecture);
        TinySizes sizes = new(options, design.KeyValueHeads, tokens.Length);
        IReadOnlyList<TinyTensor> tensors = TinyWeights.Make(design, sizes);
        int perPart = (tensors.Count + options.Parts - 1) / options.Parts;
        string first = "";
        for (int part = options.Parts - 1; part >= 0; part--)
        {
            GgufWriter writer = new();
            if (part == 0)
            {
                TinySettings.Add(writer, architecture, design, sizes, tokens);
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
}
