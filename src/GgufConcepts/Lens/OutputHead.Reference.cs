namespace GgufConcepts.Lens;

internal sealed partial class OutputHead
{
    /// <summary>The logits of one state: plain loops, sums in double.</summary>
    internal double[] LogitsReference(ReadOnlySpan<float> state)
    {
        double[] normed = _norm.ApplyReference(state);
        double[] logits = new double[VocabularySize];
        float[] row = new float[Width];
        for (int id = 0; id < logits.Length; id++)
        {
            _rows.CopyRow(id, row);
            double sum = _bias is null ? 0 : _bias[id];
            for (int i = 0; i < Width; i++)
            {
                sum += normed[i] * row[i];
            }

            sum *= _scale;
            logits[id] = _cap > 0f ? _cap * Math.Tanh(sum / _cap) : sum;
        }

        return logits;
    }
}
