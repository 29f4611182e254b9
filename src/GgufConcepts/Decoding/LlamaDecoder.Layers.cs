using GgufConcepts.Native;

namespace GgufConcepts.Decoding;

/// <summary>The states between the layers, for a decoder made with <see
/// cref="DecoderOptions.CaptureLayers"/>.</summary>
public sealed partial class LlamaDecoder
{
    /// <summary>Layers whose states can be read; 0 for a decoder that does not capture them.</summary>
    public int LayerCount => _context.Layers?.LayerCount ?? 0;

    /// <summary>State after a layer, before the final norm, of an output of the last call; copied out, and valid until
    /// the
    /// next call.</summary>
    /// <param name="layer">0 to <see cref="LayerCount"/>, exclusive.</param>
    /// <param name="output">0 to <see cref="CheckedDecoder.OutputCount"/>, exclusive.</param>
    /// <returns>Shape [<see cref="DecoderInfo.VectorWidth"/>]; empty where llama.cpp showed no such state, which
    /// <see cref="LayerProblem"/> explains.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No such layer or output.</exception>
    public ReadOnlySpan<float> Layer(int layer, int output = 0)
    {
        CheckOpen();
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, LayerCount);
        ArgumentOutOfRangeException.ThrowIfNegative(output);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(output, OutputCount);
        LayerCapture layers = _context.Layers!;
        int rows = layers.RowCount(layer);
        return rows == layers.BatchRows ? layers.Row(layer, FirstOutputRow + output)
            : rows == OutputCount ? layers.Row(layer, output) // the last layer is computed for outputs only
            : default;
    }

    /// <summary>Why the states of the last call's outputs are not all here; null where they are.</summary>
    public string? LayerProblem
    {
        get
        {
            CheckOpen();
            if (OutputCount == 0 || _context.Layers is not { } layers)
            {
                return "the last call left no outputs, or the decoder captures no layers";
            }

            int missing = Enumerable.Range(0, LayerCount).FirstOrDefault(
                layer => layers.RowCount(layer) != layers.BatchRows && layers.RowCount(layer) != OutputCount, -1);
            return layers.Problem ?? (missing >= 0
                ? $"llama.cpp shows {layers.RowCount(missing)} of {layers.BatchRows} states (l_out-{missing}) after layer {missing}"
                : null);
        }
    }
}
