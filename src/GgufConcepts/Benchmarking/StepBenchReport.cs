using System.Text.Json.Serialization;
using GgufConcepts.Models;

namespace GgufConcepts.Benchmarking;

/// <summary>What one strategy's steps cost beside token steps.</summary>
/// <param name="Strategy">Its name, with the settings that were given.</param>
/// <param name="Batch">Thoughts that took a step in one decode.</param>
/// <param name="TokenStepMs">A token step: a decode, and the likeliest token. Median, in milliseconds.</param>
/// <param name="ConceptStepMs">A step of the strategy, from logits to logits. Median, in milliseconds.</param>
/// <param name="Ratio">The second over the first: the median over pairs of blocks.</param>
/// <param name="RatioLow">Lower end of its interval, 95% or more.</param>
/// <param name="RatioHigh">Upper end.</param>
/// <param name="MixerMicroseconds">What a step of the strategy takes outside the decode. Median.</param>
/// <param name="StepsPerSecond">Concept steps of all thoughts together.</param>
/// <param name="TokensPerSecond">Token steps of all sequences together.</param>
/// <param name="BandwidthEfficiency">Bytes of weights a second that the concept steps read, as a share of the bandwidth
/// measured between them; above 1 where caches hold the weights. Null where a graphics card computes.</param>
/// <param name="GraphReuse">The share of concept steps that used the compute graph of the step before.</param>
/// <param name="AllocatedBytes">Managed memory a concept step takes, all threads together.</param>
/// <param name="ProcessorShare">Of the processor time that the threads could have used, what they got. Null where a
/// graphics card computes.</param>
public sealed record StepBenchRow(
    string Strategy,
    int Batch,
    double TokenStepMs,
    double ConceptStepMs,
    double Ratio,
    double RatioLow,
    double RatioHigh,
    double MixerMicroseconds,
    double StepsPerSecond,
    double TokensPerSecond,
    double? BandwidthEfficiency,
    double GraphReuse,
    double AllocatedBytes,
    double? ProcessorShare)
{
    private const double LeastShare = 0.9;
    private const double WidestInterval = 0.04;

    /// <summary>Why the numbers are not to be trusted; null where nothing speaks against them.</summary>
    [JsonPropertyOrder(1)]
    public string? Doubt =>
        ProcessorShare is < LeastShare ? $"other programs took {1 - ProcessorShare:P0} of the processor time"
        : RatioHigh - RatioLow > WidestInterval * Ratio ? "the blocks differ too much; measure more of them, on a quieter machine"
        : null;
}

/// <summary>What a <see cref="StepBench"/> found.</summary>
/// <param name="Model">The model.</param>
/// <param name="Threads">Threads that compute.</param>
/// <param name="WeightBytes">Bytes of weights that a token's decode reads.</param>
/// <param name="BytesPerSecond">The bandwidth of that many threads, reading as many bytes. Median.</param>
/// <param name="Rows">A row for every strategy and batch size.</param>
public sealed record StepBenchReport(
    ModelInfo Model, int Threads, long WeightBytes, double BytesPerSecond, IReadOnlyList<StepBenchRow> Rows);
