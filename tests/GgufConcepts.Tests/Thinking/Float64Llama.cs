using GgufConcepts.Gguf;
using GgufConcepts.Native;

namespace GgufConcepts.Tests.Thinking;

/// <summary>The llama architecture in plain loops over doubles, written from its description alone: what others must
/// give.</summary>
/// <remarks>RMSNorm, rotary positions on neighbouring pairs, grouped queries, SwiGLU. Rows go in one by one, so a
/// mixture of
/// embeddings can be fed as well as a token's. F32 weights only. Nothing is shared with the library but the reading of
/// bytes.</remarks>
internal sealed class Float64Llama
{
    private readonly Dictionary<string, double[]> _weights = [];
    private readonly List<(double[][] Keys, double[][] Values)> _cache = []; // [position] -> [layer][kv width]
    private readonly int _layers;
    private readonly int _heads;
    private readonly int _keyHeads;
    private readonly int _headWidth;
    private readonly double _epsilon;
    private readonly double _ropeBase;

    public Float64Llama(string path)
    {
        using GgufModelFile file = GgufModelFile.Open(path);
        int Integer(string key) =>
            file.Metadata.TryGetInteger($"llama.{key}", out int value) ? value : throw new KeyNotFoundException(key);
        Width = Integer("embedding_length");
        _layers = Integer("block_count");
        _heads = Integer("attention.head_count");
        _keyHeads = Integer("attention.head_count_kv");
        _headWidth = Width / _heads;
        _epsilon = file.Metadata.TryGetFloat("llama.attention.layer_norm_rms_epsilon", out double epsilon) ? epsilon : 1e-5;
        _ropeBase = file.Metadata.TryGetFloat("llama.rope.freq_base", out double ropeBase) ? ropeBase : 10000;
        foreach (GgufTensor tensor in file.Tensors)
        {
            Assert.Equal(GgmlType.F32, tensor.Type);
            double[] all = new double[tensor.ElementCount];
            float[] row = new float[tensor.Width];
            for (int i = 0; i < tensor.RowCount; i++)
            {
                tensor.CopyRow(i, row);
                Array.ConvertAll(row, value => (double)value).CopyTo(all, i * row.Length);
            }

            _weights[tensor.Name] = all;
        }

        _weights.TryAdd("output.weight", _weights["token_embd.weight"]);
        VocabularySize = _weights["token_embd.weight"].Length / Width;
    }

    public int Width { get; }

    public int VocabularySize { get; }

    /// <summary>The embedding row of a token.</summary>
    public ReadOnlySpan<double> Row(int token) => _weights["token_embd.weight"].AsSpan(token * Width, Width);

    /// <summary>Appends one row; gives the state after the final norm and the logits.</summary>
    public (double[] Hidden, double[] Logits) Feed(ReadOnlySpan<double> row)
    {
        int position = _cache.Count;
        _cache.Add((new double[_layers][], new double[_layers][]));
        double[] x = row.ToArray();
        for (int layer = 0; layer < _layers; layer++)
        {
            string block = $"blk.{layer}.";
            double[] normed = Norm(x, $"{block}attn_norm.weight");
            double[] query = Rotate(Product($"{block}attn_q.weight", normed), position);
            _cache[position].Keys[layer] = Rotate(Product($"{block}attn_k.weight", normed), position);
            _cache[position].Values[layer] = Product($"{block}attn_v.weight", normed);
            Add(x, Product($"{block}attn_output.weight", Attend(query, layer)));

            normed = Norm(x, $"{block}ffn_norm.weight");
            double[] gate = Product($"{block}ffn_gate.weight", normed);
            double[] up = Product($"{block}ffn_up.weight", normed);
            Add(x, Product($"{block}ffn_down.weight", [.. gate.Zip(up, (g, u) => g / (1 + Math.Exp(-g)) * u)]));
        }

        double[] hidden = Norm(x, "output_norm.weight");
        return (hidden, Product("output.weight", hidden));
    }

    private double[] Attend(double[] query, int layer)
    {
        double[] result = new double[Width];
        for (int head = 0; head < _heads; head++)
        {
            int keyHead = head / (_heads / _keyHeads);
            double[] scores = [.. _cache.Select(at => Dot(query, head, at.Keys[layer], keyHead) / Math.Sqrt(_headWidth))];
            double[] shares = Softmax(scores);
            for (int at = 0; at < shares.Length; at++)
            {
                for (int i = 0; i < _headWidth; i++)
                {
                    result[(head * _headWidth) + i] += shares[at] * _cache[at].Values[layer][(keyHead * _headWidth) + i];
                }
            }
        }

        return result;
    }

    private double Dot(double[] query, int head, double[] key, int keyHead)
    {
        double sum = 0;
        for (int i = 0; i < _headWidth; i++)
        {
            sum += query[(head * _headWidth) + i] * key[(keyHead * _headWidth) + i];
        }

        return sum;
    }

    /// <summary>Turns each pair of neighbours by an angle that grows with the position.</summary>
    private double[] Rotate(double[] vector, int position)
    {
        double[] turned = new double[vector.Length];
        for (int i = 0; i < vector.Length; i += 2)
        {
            double angle = position * Math.Pow(_ropeBase, -(double)(i % _headWidth) / _headWidth);
            turned[i] = (vector[i] * Math.Cos(angle)) - (vector[i + 1] * Math.Sin(angle));
            turned[i + 1] = (vector[i] * Math.Sin(angle)) + (vector[i + 1] * Math.Cos(angle));
        }

        return turned;
    }

    private double[] Norm(double[] x, string weight)
    {
        double rms = Math.Sqrt(x.Sum(value => value * value) / x.Length + _epsilon);
        return [.. x.Zip(_weights[weight], (value, w) => value / rms * w)];
    }

    /// <summary>A matrix stored row by row, one row an output, times a vector.</summary>
    private double[] Product(string matrix, double[] x)
    {
        double[] weights = _weights[matrix];
        double[] y = new double[weights.Length / x.Length];
        for (int i = 0; i < y.Length; i++)
        {
            for (int j = 0; j < x.Length; j++)
            {
                y[i] += weights[(i * x.Length) + j] * x[j];
            }
        }

        return y;
    }

    public static double[] Softmax(double[] logits)
    {
        double most = logits.Max();
        double[] weights = [.. logits.Select(logit => Math.Exp(logit - most))];
        double sum = weights.Sum();
        return [.. weights.Select(weight => weight / sum)];
    }

    private static void Add(double[] x, double[] y)
    {
        for (int i = 0; i < x.Length; i++)
        {
            x[i] += y[i];
        }
    }
}
