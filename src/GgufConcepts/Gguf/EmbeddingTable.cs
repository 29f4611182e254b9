using GgufConcepts.Mixing;
using GgufConcepts.Native;

namespace GgufConcepts.Gguf;

/// <summary>The rows of <c>token_embd.weight</c>: the vector a model reads in a token's place.</summary>
/// <remarks>
/// Rows stay as stored and are dequantised one by one, exactly as llama.cpp's CPU code does. Any thread; no managed
/// memory is taken per row. Belongs to the <see cref="GgufModelFile"/>: once that is closed, reading throws.
/// </remarks>
public sealed class EmbeddingTable
{
    private const string TensorName = "token_embd.weight";

    private readonly GgufTensor _tensor;
    private readonly Lazy<RowLengths> _lengths;

    /// <summary>Finds the table in a model's files.</summary>
    /// <exception cref="GgufException">There is none, or llama.cpp cannot read it.</exception>
    public EmbeddingTable(GgufModelFile model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (FindProblem(model) is { } problem)
        {
            throw problem;
        }

        _tensor = model.Find(TensorName)!;
        Width = (int)_tensor.Width;
        RowCount = (int)_tensor.RowCount;
        _lengths = new Lazy<RowLengths>(() => RowLengths.Measure(this), LazyThreadSafetyMode.PublicationOnly);
    }

    /// <summary>How many rows; may exceed the tokens of the vocabulary, since some models pad.</summary>
    public int RowCount { get; }

    /// <summary>Floats in a row.</summary>
    public int Width { get; }

    /// <summary>How rows are stored.</summary>
    public GgmlType Type => _tensor.Type;

    /// <summary>How long rows are. The first use reads the table once.</summary>
    /// <exception cref="ObjectDisposedException">The file was closed before the first use.</exception>
    internal RowLengths Lengths => _lengths.Value;

    /// <summary>Why a model has no table that can be used; null where it has one. Needs no native library.</summary>
    internal static GgufException? FindProblem(GgufModelFile model)
    {
        if (model.Find(TensorName) is not { } tensor)
        {
            return new GgufException(model.Tensors.Count == 0
                ? $"{model.Paths[0]}: holds a vocabulary but no weights; use the model itself."
                : $"{model.Paths[0]}: holds no {TensorName}, so there are no vectors to mix; use a language model.");
        }

        if (tensor.Dimensions.Skip(2).Any(dimension => dimension != 1) || tensor.RowCount > int.MaxValue
            || tensor.Width > 1 << 20)
        {
            return new GgufException(
                $"{tensor.Path}, byte {tensor.Offset}: {tensor} is no table of embeddings; " +
                "download the model again.");
        }

        return GgmlTypes.HoldsWeights(tensor.Type) ? null : new GgufException(
            $"{tensor.Path}, byte {tensor.Offset}: {TensorName} is stored as {tensor.Type}, which cannot be " +
            "read as numbers; use another quantisation of the model.");
    }

    /// <summary>Reads the row of a token.</summary>
    /// <param name="id">The token, 0 to <see cref="RowCount"/>, exclusive.</param>
    /// <param name="destination">Receives the row, shape [<see cref="Width"/>].</param>
    /// <exception cref="ArgumentException">No such row, or the wrong length.</exception>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public void CopyRow(int id, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)RowCount, nameof(id));
        _tensor.CopyRow(id, destination);
    }

    /// <inheritdoc cref="GgufTensor.Borrow"/>
    internal MappedFile.Lease Borrow(out StoredRows rows) => _tensor.Borrow(out rows);
}
