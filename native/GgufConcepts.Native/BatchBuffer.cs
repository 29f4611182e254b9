using System.Runtime.InteropServices;

namespace GgufConcepts.Native;

/// <summary>The rows of one <c>llama_decode</c> call, in memory of its own that is used again and again.</summary>
/// <remarks>Rows are all tokens or all vectors: llama.cpp silently takes the tokens of a mixed batch.</remarks>
internal sealed unsafe class BatchBuffer : SafeHandle
{
    private const int PositionsPerRow = 4; // M-RoPE's t, y, x, z

    private readonly int _capacity;
    private readonly int _width;
    private readonly bool _multiPosition;
    private int* _tokens;
    private float* _vectors;
    private int* _positions;
    private int* _sequenceCounts;
    private int* _sequences;
    private int** _sequencePointers;
    private sbyte* _outputs;
    private int _rows;
    private bool _ofVectors;

    /// <param name="capacity">Rows it can hold.</param>
    /// <param name="width">Floats in one vector (<c>n_embd_inp</c>).</param>
    /// <param name="multiPosition">Whether vectors need four positions a row.</param>
    public BatchBuffer(int capacity, int width, bool multiPosition)
        : base(0, ownsHandle: true)
    {
        _capacity = capacity;
        _width = width;
        _multiPosition = multiPosition;

        nuint rows = (nuint)capacity;
        nuint vectorBytes = rows * (nuint)width * sizeof(float);
        nuint rowBytes = (nuint)(sizeof(int*) + ((3 + PositionsPerRow) * sizeof(int)) + sizeof(sbyte));
        byte* at = (byte*)NativeMemory.AlignedAlloc(vectorBytes + (rows * rowBytes), 64);
        SetHandle((nint)at);

        _vectors = (float*)Take(ref at, vectorBytes);
        _sequencePointers = (int**)Take(ref at, rows * (nuint)sizeof(int*));
        _positions = (int*)Take(ref at, rows * PositionsPerRow * sizeof(int));
        _tokens = (int*)Take(ref at, rows * sizeof(int));
        _sequenceCounts = (int*)Take(ref at, rows * sizeof(int));
        _sequences = (int*)Take(ref at, rows * sizeof(int));
        _outputs = (sbyte*)at;
        for (int row = 0; row < capacity; row++)
        {
            _sequenceCounts[row] = 1;
            _sequencePointers[row] = _sequences + row;
        }
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Begins a batch of tokens or of vectors.</summary>
    public void Begin(bool ofVectors)
    {
        _rows = 0;
        _ofVectors = ofVectors;
    }

    public void Add(int token, int position, int sequence, bool output)
    {
        _tokens[_rows] = token;
        AddRow(position, sequence, output);
    }

    /// <summary>Adds a vector; what is missing to the input's width is filled with zeros (deepstack models).</summary>
    public void Add(ReadOnlySpan<float> vector, int position, int sequence, bool output)
    {
        Span<float> target = new(_vectors + ((nint)_rows * _width), _width);
        vector.CopyTo(target);
        target[vector.Length..].Clear();
        AddRow(position, sequence, output);
    }

    public LlamaBatch Finish()
    {
        if (_ofVectors && _multiPosition)
        {
            // Laid out t..., y..., x..., z...; p, p, p, 0 is what the token path makes of a text position.
            Span<int> time = new(_positions, _rows);
            time.CopyTo(new Span<int>(_positions + _rows, _rows));
            time.CopyTo(new Span<int>(_positions + (2 * _rows), _rows));
            new Span<int>(_positions + (3 * _rows), _rows).Clear();
        }

        return new LlamaBatch
        {
            n_tokens = _rows,
            token = _ofVectors ? null : _tokens,
            embd = _ofVectors ? _vectors : null,
            pos = _positions,
            n_seq_id = _sequenceCounts,
            seq_id = _sequencePointers,
            logits = _outputs,
        };
    }

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }

    private void AddRow(int position, int sequence, bool output)
    {
        System.Diagnostics.Debug.Assert(_rows < _capacity, "The caller splits to the batch size.");
        _positions[_rows] = position;
        _sequences[_rows] = sequence;
        _outputs[_rows] = output ? (sbyte)1 : (sbyte)0;
        _rows++;
    }

    private static byte* Take(ref byte* at, nuint bytes)
    {
        byte* taken = at;
        at += bytes;
        return taken;
    }
}
