using System.Diagnostics;
using GgufConcepts.Decoding;

namespace GgufConcepts.Benchmarking;

/// <summary>A decoder that keeps the time spent in it: what is left of a step is our own.</summary>
internal sealed class TimedDecoder(IDecoder decoder) : IDecoder
{
    /// <summary>Time spent in decodes, in ticks of the <see cref="Stopwatch"/>.</summary>
    public long Ticks { get; private set; }

    public DecoderInfo Info => decoder.Info;

    public int OutputCount => decoder.OutputCount;

    public void Feed(int sequence, ReadOnlySpan<int> tokens, Outputs outputs, CancellationToken cancellation = default)
    {
        long start = Stopwatch.GetTimestamp();
        decoder.Feed(sequence, tokens, outputs, cancellation);
        Ticks += Stopwatch.GetTimestamp() - start;
    }

    public void Feed(int sequence, ReadOnlySpan<float> vectors, Outputs outputs, CancellationToken cancellation = default)
    {
        long start = Stopwatch.GetTimestamp();
        decoder.Feed(sequence, vectors, outputs, cancellation);
        Ticks += Stopwatch.GetTimestamp() - start;
    }

    public void Step(
        ReadOnlySpan<int> sequences, ReadOnlySpan<int> tokens, Outputs outputs, CancellationToken cancellation = default)
    {
        long start = Stopwatch.GetTimestamp();
        decoder.Step(sequences, tokens, outputs, cancellation);
        Ticks += Stopwatch.GetTimestamp() - start;
    }

    public void Step(
        ReadOnlySpan<int> sequences, ReadOnlySpan<float> vectors, Outputs outputs, CancellationToken cancellation = default)
    {
        long start = Stopwatch.GetTimestamp();
        decoder.Step(sequences, vectors, outputs, cancellation);
        Ticks += Stopwatch.GetTimestamp() - start;
    }

    public ReadOnlySpan<float> Logits(int output = 0) => decoder.Logits(output);

    public ReadOnlySpan<float> Hidden(int output = 0) => decoder.Hidden(output);

    public int Position(int sequence) => decoder.Position(sequence);

    public bool TryRewind(int sequence, int position) => decoder.TryRewind(sequence, position);

    public void Fork(int from, int to) => decoder.Fork(from, to);

    public void Dispose() => decoder.Dispose();
}
