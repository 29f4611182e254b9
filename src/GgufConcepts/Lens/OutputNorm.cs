using GgufConcepts.Gguf;

namespace GgufConcepts.Lens;

/// <summary>A model's final norm: by the root of the mean square, or by mean and variance.</summary>
internal sealed class OutputNorm
{
    private readonly float[]? _weight;
    private readonly float[]? _bias;
    private readonly bool _centres;
    private readonly double _epsilon;

    private OutputNorm(float[]? weight, float[]? bias, bool centres, double epsilon)
    {
        _weight = weight;
        _bias = bias;
        _centres = centres;
        _epsilon = epsilon;
    }

    /// <summary>Reads <c>output_norm</c>; which kind it is the file's epsilon says.</summary>
    public static OutputNorm Read(GgufModelFile file, string architecture, int width)
    {
        string key = $"{architecture}.attention.layer_norm";
        bool byRoot = file.Metadata.TryGetFloat($"{key}_rms_epsilon", out double epsilon);
        bool centres = !byRoot && file.Metadata.TryGetFloat($"{key}_epsilon", out epsilon);
        string name = file.Find("output_norm.weight") is null ? "token_embd_norm" : "output_norm"; // LFM2 calls it so
        float[]? weight = Vector(file, $"{name}.weight", width);
        float[]? bias = Vector(file, $"{name}.bias", width);
        return byRoot || centres
            ? new OutputNorm(weight, bias, centres, epsilon)
            : throw new ConceptInputException(
                $"{file.Paths[0]} says no {key}_rms_epsilon and no {key}_epsilon: a lens cannot tell its final norm. " +
                "Use a model of another architecture.");
    }

    /// <summary>A vector of the file, or null where it has none of that name.</summary>
    public static float[]? Vector(GgufModelFile file, string name, int length)
    {
        if (file.Find(name) is not { } tensor)
        {
            return null;
        }

        if (tensor.ElementCount != length)
        {
            throw new ConceptInputException($"{tensor} in {tensor.Path} should hold {length} numbers; use another file of the model.");
        }

        float[] vector = new float[length];
        tensor.CopyRow(0, vector);
        return vector;
    }

    /// <summary>Normalises a state; sums in double.</summary>
    /// <param name="state">Shape [width].</param>
    /// <param name="normed">Receives the result, shape [width].</param>
    public void Apply(ReadOnlySpan<float> state, Span<float> normed)
    {
        double sum = 0, squares = 0;
        foreach (float x in state)
        {
            sum += x;
        }

        double mean = _centres ? sum / state.Length : 0;
        foreach (float x in state)
        {
            squares += (x - mean) * (x - mean);
        }

        double inverse = 1 / Math.Sqrt((squares / state.Length) + _epsilon);
        for (int i = 0; i < state.Length; i++)
        {
            double x = (state[i] - mean) * inverse;
            normed[i] = (float)((x * (_weight is null ? 1 : _weight[i])) + (_bias is null ? 0 : _bias[i]));
        }
    }

    /// <summary>The same by the textbook's formulas, without rounding to floats.</summary>
    internal double[] ApplyReference(ReadOnlySpan<float> state)
    {
        double[] x = [.. state.ToArray().Select(value => (double)value)];
        double mean = _centres ? x.Average() : 0;
        double spread = Math.Sqrt(x.Average(value => Math.Pow(value - mean, 2)) + _epsilon);
        return [.. x.Select((value, i) => ((value - mean) / spread * (_weight?[i] ?? 1)) + (_bias?[i] ?? 0))];
    }
}
