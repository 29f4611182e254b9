namespace GgufConcepts.Decoding;

/// <summary>The sizes of a decoder.</summary>
public sealed record DecoderOptions
{
    /// <summary>Rows one sequence can hold.</summary>
    /// <value>1 to 1,048,576; the default is 512.</value>
    public int ContextLength { get; init; } = 512;

    /// <summary>Rows all sequences together can hold; rows that a fork shares count once.</summary>
    /// <value>At least <see cref="ContextLength"/>; null, the default, means that for every sequence.</value>
    public int? TotalLength { get; init; }

    /// <summary>Sequences that exist side by side.</summary>
    /// <value>1 to 256 (llama.cpp's limit); the default is 1.</value>
    public int Sequences { get; init; } = 1;

    /// <summary>Most rows of one decode.</summary>
    /// <value>1 to 8,192; the default is 512.</value>
    public int BatchSize { get; init; } = 512;

    /// <summary>Threads that compute.</summary>
    /// <value>1 to 512; null, the default, means one a physical core, fewer for a small model.</value>
    public int? Threads { get; init; }

    /// <summary>Whether attention is computed in 32-bit floats throughout.</summary>
    /// <value>Otherwise keys, values and parts of the sums are rounded to 16 bits, 5e-4 relative in every layer, which
    /// is
    /// faster and takes half the memory. The default is false.</value>
    public bool ExactAttention { get; init; }

    /// <summary>Whether the state after each layer can be read (<see cref="LlamaDecoder.Layer"/>).</summary>
    /// <value>Costs time at every layer of a call that leaves outputs. The default is false.</value>
    public bool CaptureLayers { get; init; }

    /// <summary>Rows of one decode of one sequence, no more than a context.</summary>
    public int RowsPerBatch => Math.Min(BatchSize, ContextLength);

    /// <summary>Cells of the key/value cache. At least one a sequence: with fewer, llama.cpp ends the process
    /// (llama-context.cpp, output_reserve).</summary>
    public int Cells => Math.Max(TotalLength ?? (ContextLength * Sequences), Sequences);

    /// <summary>Lists every rule these values break, in words a user can act on.</summary>
    public IReadOnlyList<string> FindProblems()
    {
        List<string> problems = [];
        Check(nameof(ContextLength), ContextLength, 1, 1 << 20);
        Check(nameof(Sequences), Sequences, 1, 256);
        Check(nameof(BatchSize), BatchSize, 1, 8192);
        Check(nameof(Threads), Threads ?? 1, 1, 512);
        long total = TotalLength ?? ((long)ContextLength * Sequences);
        if (problems.Count == 0 && (total < ContextLength || total > int.MaxValue))
        {
            problems.Add($"{Sequences} sequences of {ContextLength} rows in {total} are too few or too many rows.");
        }

        return problems;

        void Check(string name, int value, int least, int most)
        {
            if (value < least || value > most)
            {
                problems.Add($"{name} is {value}; use {least} to {most}.");
            }
        }
    }
}
