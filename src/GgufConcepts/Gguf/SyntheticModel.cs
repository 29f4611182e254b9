using GgufConcepts.Mixing;
using GgufConcepts.Native;

namespace GgufConcepts.Gguf;

/// <summary>Writes models of random weights: they say nothing of sense, and cost what a real model of their shape
/// costs.</summary>
public static class SyntheticModel
{
    private const string ChatTemplate =
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' " +
        "+ '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

    private const int KBlock = 256;            // numbers in a block of the K types
    private const float BiasDeviation = 0.1f;
    private const float LogitDeviation = 6f;   // above sqrt(2 ln 151,936) = 4.9: a few tokens stand out of the many

    /// <summary>The types that the matrices of such a model can be stored in.</summary>
    public static IReadOnlyList<GgmlType> Types { get; } = [GgmlType.Q8_0, GgmlType.Q4_0, GgmlType.Q4_K];

    /// <summary>Writes a model.</summary>
    /// <param name="path">Where; a file of that name is replaced once the new one is whole.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="type">One of <see cref="Types"/>: how matrices are stored. In files of 4 bits the embeddings are Q6_K
    /// (Q8_0 where their rows do not suit it), as llama.cpp keeps them where they are the head too.</param>
    /// <param name="seed">The same seed gives the same file.</param>
    /// <param name="progress">Told how much is written, 0 to 1; on the thread that writes.</param>
    /// <param name="cancellation">Stops between two pieces of a tensor and leaves no file.</param>
    /// <exception cref="ConceptInputException">The shape cannot be stored so, or the file cannot be written
    /// there.</exception>
    public static void Write(
        string path,
        ModelShape shape,
        GgmlType type,
        ulong seed = 0,
        IProgress<float>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(shape);
        CheckType(shape, type);
        GgufWriter writer = new();
        AddSettings(writer, shape, type, new SyntheticVocabulary(shape, new RandomStream(seed)));
        TensorMaker maker = new(writer, shape, type, new SyntheticWeights(seed), progress);
        maker.AddAll();
        writer.Write(path, cancellation);
    }

    private static void CheckType(ModelShape shape, GgmlType type)
    {
        if (!Types.Contains(type))
        {
            throw new ConceptInputException(
                $"A model of random weights is not made in {type}; use {string.Join(", ", Types)}.");
        }

        int block = GgmlTypes.Layout(type).BlockLength;
        if (shape.Width % block != 0 || shape.FeedForward % block != 0)
        {
            throw new ConceptInputException(
                $"{type} needs rows of a multiple of {block}, and {shape.Name} has rows of {shape.Width} and " +
                $"{shape.FeedForward}; use {GgmlType.Q8_0} or {GgmlType.Q4_0}.");
        }
    }

    private static void AddSettings(GgufWriter writer, ModelShape shape, GgmlType type, SyntheticVocabulary vocabulary)
    {
        writer.Add("general.architecture", "qwen2");
        writer.Add("general.type", "model");
        writer.Add("general.name", $"Random weights in the shape {shape.Name}");
        writer.Add("general.file_type", FileType(type));
        writer.Add("general.quantization_version", 2u);
        writer.Add("qwen2.block_count", (uint)shape.Layers);
        writer.Add("qwen2.context_length", 32_768u);
        writer.Add("qwen2.embedding_length", (uint)shape.Width);
        writer.Add("qwen2.feed_forward_length", (uint)shape.FeedForward);
        writer.Add("qwen2.attention.head_count", (uint)shape.Heads);
        writer.Add("qwen2.attention.head_count_kv", (uint)shape.KeyValueHeads);
        writer.Add("qwen2.rope.freq_base", 1e6f);
        writer.Add("qwen2.attention.layer_norm_rms_epsilon", 1e-6f);
        writer.Add("tokenizer.ggml.model", "gpt2");
        writer.Add("tokenizer.ggml.pre", "qwen2");
        writer.AddArray("tokenizer.ggml.tokens", vocabulary.Tokens);
        writer.AddArray<int>("tokenizer.ggml.token_type", vocabulary.Types);
        writer.AddArray("tokenizer.ggml.merges", vocabulary.Merges);
        writer.Add("tokenizer.ggml.bos_token_id", (uint)vocabulary.EndOfTextId);
        writer.Add("tokenizer.ggml.eos_token_id", (uint)vocabulary.ImEndId);
        writer.Add("tokenizer.ggml.padding_token_id", (uint)vocabulary.EndOfTextId);
        writer.Add("tokenizer.ggml.add_bos_token", false);
        writer.Add("tokenizer.chat_template", ChatTemplate);
    }

    /// <summary>What llama.cpp calls such a file (<c>enum llama_ftype</c>, llama.h).</summary>
    private static uint FileType(GgmlType type) => type switch
    {
        GgmlType.Q4_0 => 2,
        GgmlType.Q8_0 => 7,
        _ => 14, // LLAMA_FTYPE_MOSTLY_Q4_K_S
    };

    /// <summary>Adds the tensors in the order of a converted model, and counts what is written of them.</summary>
    private sealed class TensorMaker(
        GgufWriter writer, ModelShape shape, GgmlType type, SyntheticWeights weights, IProgress<float>? progress)
    {
        private int _tensor; // the number of the next one
        private long _done;

        public void AddAll()
        {
            GgmlType embeddings = type == GgmlType.Q8_0 || shape.Width % KBlock != 0 ? GgmlType.Q8_0 : GgmlType.Q6_K;
            AddMatrix("token_embd.weight", embeddings, shape.Width, shape.Tokens, weights.Distinct);
            int keyWidth = shape.Width / shape.Heads * shape.KeyValueHeads;
            for (int layer = 0; layer < shape.Layers; layer++)
            {
                string block = $"blk.{layer}.";
                AddScale($"{block}attn_norm.weight", 1f);
                AddProjection($"{block}attn_q", shape.Width);
                AddProjection($"{block}attn_k", keyWidth);
                AddProjection($"{block}attn_v", keyWidth);
                AddMatrix($"{block}attn_output.weight", type, shape.Width, shape.Width, weights.FromPool);
                AddScale($"{block}ffn_norm.weight", 1f);
                AddMatrix($"{block}ffn_gate.weight", type, shape.Width, shape.FeedForward, weights.FromPool);
                AddMatrix($"{block}ffn_up.weight", type, shape.Width, shape.FeedForward, weights.FromPool);
                AddMatrix($"{block}ffn_down.weight", type, shape.FeedForward, shape.Width, weights.FromPool);
            }

            AddScale("output_norm.weight", LogitDeviation); // rows of the head have length 1
        }

        private void AddProjection(string name, int rows)
        {
            AddMatrix($"{name}.weight", type, shape.Width, rows, weights.FromPool);
            writer.AddTensor($"{name}.bias", GgmlType.F32, [rows], weights.Vector(_tensor++, rows, BiasDeviation));
        }

        private void AddScale(string name, float value) =>
            writer.AddTensor(name, GgmlType.F32, [shape.Width], Enumerable.Repeat(value, shape.Width).ToArray());

        private void AddMatrix(
            string name, GgmlType stored, int width, int rows, Func<int, GgmlType, int, GgufStoredFill> make)
        {
            GgufStoredFill fill = make(_tensor++, stored, width);
            writer.AddStoredTensor(name, stored, [width, rows], (first, bytes, cancellation) =>
            {
                fill(first, bytes, cancellation);
                _done += bytes.Length;
                progress?.Report((float)_done / writer.ByteLength);
            });
        }
    }
}
