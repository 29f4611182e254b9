namespace GgufConcepts.Benchmarking;

/// <summary>Adds up pairs of blocks to a row of the report.</summary>
/// <param name="options">How many steps a block has.</param>
/// <param name="batch">Sequences that take a step together.</param>
/// <param name="threads">Threads that compute; null where a graphics card does.</param>
internal sealed class StepTally(StepBenchOptions options, int batch, int? threads)
{
    private readonly List<double> _tokenMs = [];
    private readonly List<double> _conceptMs = [];
    private readonly List<double> _outsideMs = [];
    private readonly List<double> _ratios = [];
    private long _reuses;
    private long _bytes;
    private double _processorMs;
    private double _availableMs;

    public void Add(StepBlock tokens, StepBlock concepts)
    {
        _tokenMs.Add(tokens.StepMs);
        _conceptMs.Add(concepts.StepMs);
        _outsideMs.Add(concepts.OutsideMs);
        _ratios.Add(concepts.StepMs / tokens.StepMs);
        _reuses += concepts.GraphReuses;
        _bytes += concepts.AllocatedBytes;
        _processorMs += tokens.ProcessorMs; // its threads wait for each other busily: they use all they get
        _availableMs += ((threads ?? 0) * tokens.DecodeMs) + (tokens.TotalMs - tokens.DecodeMs);
    }

    public StepBenchRow ToRow(string label, long weightBytes, double bytesPerSecond)
    {
        MedianInterval ratio = MedianInterval.Of([.. _ratios]);
        double steps = _ratios.Count * (double)options.Steps, conceptMs = Median(_conceptMs), tokenMs = Median(_tokenMs);
        return new StepBenchRow(
            label,
            batch,
            tokenMs,
            conceptMs,
            ratio.Median,
            ratio.Low,
            ratio.High,
            Median(_outsideMs) * 1e3,
            batch * 1e3 / conceptMs,
            batch * 1e3 / tokenMs,
            threads is null ? null : weightBytes * 1e3 / conceptMs / bytesPerSecond,
            _reuses / steps,
            _bytes / steps,
            threads is null ? null : Math.Min(1, _processorMs / _availableMs));
    }

    private static double Median(List<double> values) => MedianInterval.MedianOf([.. values.Order()]);
}
