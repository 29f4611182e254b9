using System.Runtime.InteropServices;

namespace GgufConcepts.Native;

/// <summary>The states after each of a model's layers, copied out while llama.cpp computes a batch.</summary>
/// <remarks>
/// llama.cpp names them <c>l_out-0</c>, <c>l_out-1</c> and so on (<c>src/models</c>), one row of floats for each row of
/// the batch; the last layer is computed for the rows that are outputs, and only those. Whether every model's layers
/// are
/// such is not taken for granted: see <see cref="Problem"/>. One caller at a time, as its context.
/// </remarks>
internal sealed class LayerCapture
{
    private readonly int _width;
    private readonly float[][] _states; // a layer: [rows, width]
    private readonly int[] _rows;

    internal LayerCapture(int layers, int width)
    {
        _width = width;
        _states = [.. Enumerable.Repeat(Array.Empty<float>(), layers)];
        _rows = new int[layers];
    }

    /// <summary>Layers of the model.</summary>
    public int LayerCount => _states.Length;

    /// <summary>Rows of the batch that was captured last; 0 where nothing was asked for.</summary>
    public int BatchRows { get; private set; }

    /// <summary>What came that is no such state, if anything did.</summary>
    public string? Problem { get; private set; }

    /// <summary>Forgets what there is, and says how many rows the next batch has; 0 to capture nothing of it.</summary>
    public void Expect(int batchRows)
    {
        BatchRows = batchRows;
        Problem = null;
        Array.Clear(_rows);
    }

    /// <summary>Rows that came of a layer.</summary>
    public int RowCount(int layer) => _rows[layer];

    /// <summary>A row of a layer, shape [embedding width]; valid until the next <see cref="Expect"/>.</summary>
    public ReadOnlySpan<float> Row(int layer, int row) => _states[layer].AsSpan(row * _width, _width);

    /// <summary>Says whether a tensor shall be shown when it is computed, or takes its numbers.</summary>
    /// <returns>The answer; true to go on computing. Throws nothing: what goes wrong is the
    /// <see cref="Problem"/>.</returns>
    internal bool Evaluate(nint tensor, bool ask)
    {
        try
        {
            int layer = BatchRows > 0 ? LayerOf(tensor) : -1;
            if (!ask && layer >= 0)
            {
                Take(tensor, layer);
            }

            return !ask || layer >= 0;
        }
        catch (Exception problem)
        {
            Problem ??= problem.Message;
            return !ask;
        }
    }

    private unsafe int LayerOf(nint tensor)
    {
        ReadOnlySpan<byte> prefix = "l_out-"u8;
        ReadOnlySpan<byte> name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(GgmlNative.ggml_get_name(tensor));
        return name.StartsWith(prefix) && int.TryParse(name[prefix.Length..], out int layer) && (uint)layer < (uint)LayerCount
            ? layer
            : -1;
    }

    private unsafe void Take(nint tensor, int layer)
    {
        long rows = GgmlNative.ggml_nrows(tensor);
        long numbers = GgmlNative.ggml_nelements(tensor);
        if (rows < 1 || rows > BatchRows - _rows[layer] || numbers != rows * _width
            || GgmlNative.ggml_element_size(tensor) != sizeof(float) // a state is never stored as whole numbers
            || !GgmlNative.ggml_is_contiguous(tensor))
        {
            Problem ??= $"layer {layer} leaves {numbers} numbers in {rows} rows, not floats of width {_width} for " +
                $"{BatchRows} rows";
            return;
        }

        if (_states[layer].Length < BatchRows * _width)
        {
            _states[layer] = new float[BatchRows * _width];
        }

        // Not read in place: a graphics card's memory is none of ours.
        fixed (float* target = &_states[layer][_rows[layer] * _width])
        {
            GgmlNative.ggml_backend_tensor_get(tensor, target, 0, (nuint)(numbers * sizeof(float)));
        }

        _rows[layer] += (int)rows;
    }
}
