using GgufConcepts.Native;

namespace GgufConcepts.Testing;

/// <summary>A tensor of a tiny model.</summary>
internal sealed record TinyTensor(string Name, GgmlType Type, long[] Dimensions, float[] Values);

/// <summary>Random weights. Equal seeds give equal numbers.</summary>
internal sealed class TinyWeights
{
    private readonly TinySizes _sizes;
    private readonly Random _random;
    private readonly List<TinyTensor> _tensors = [];

    private TinyWeights(TinySizes sizes)
    {
        _sizes = sizes;
        _random = new Random(sizes.Options.Seed);
    }

    public static IReadOnlyList<TinyTensor> Make(TinyDesign design, TinySizes sizes)
    {
        TinyWeights weights = new(sizes);
        weights.AddAll(design.Ends, "");
        for (int layer = 0; layer < sizes.Options.Layers; layer++)
        {
            weights.AddAll(design.Blocks[layer % design.Blocks.Count], $"blk.{layer}.");
        }

        return weights._tensors;
    }

    private void AddAll(string names, string prefix)
    {
        foreach (string name in names.Split(' '))
        {
            string plain = name.TrimEnd('+');
            TinyShape shape = TinyTensors.Shape(plain, _sizes);
            string stem = prefix + plain.Split(':')[0];
            Add(stem + shape.Suffix, shape);
            if (plain != name)
            {
                Add(stem + ".bias", new TinyShape([shape.Dimensions[^1]], 0.1));
            }
        }
    }

    private void Add(string name, TinyShape shape)
    {
        float[] values = new float[shape.Dimensions.Aggregate((a, b) => a * b)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(shape.Centre + shape.Spread * Normal());
        }

        TinyOptions options = _sizes.Options;
        if (name == options.NanTensor)
        {
            values[0] = float.NaN;
        }

        if (name != options.MissingTensor)
        {
            GgmlType type = name == "token_embd.weight" ? options.EmbeddingType : GgmlType.F32;
            _tensors.Add(new TinyTensor(name, type, shape.Dimensions, values));
        }
    }

    /// <summary>Box and Muller's method.</summary>
    private double Normal() =>
        Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}
