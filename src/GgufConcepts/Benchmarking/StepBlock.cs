using System.Diagnostics;

namespace GgufConcepts.Benchmarking;

/// <summary>Takes blocks of steps and keeps the times of the last one.</summary>
internal sealed class StepBlock(StepField field, IStepper stepper, int steps)
{
    private readonly double[] _milliseconds = new double[steps];
    private readonly double[] _outside = new double[steps];

    /// <summary>A step, from logits to logits: median.</summary>
    public double StepMs => Median(_milliseconds);

    /// <summary>What a step takes outside the decode: median.</summary>
    public double OutsideMs => Median(_outside);

    /// <summary>Time of all steps together.</summary>
    public double TotalMs => _milliseconds.Sum();

    /// <summary>Time of all steps together that was spent in the decode.</summary>
    public double DecodeMs => TotalMs - _outside.Sum();

    /// <summary>Steps that used the compute graph of the one before.</summary>
    public int GraphReuses { get; private set; }

    /// <summary>Managed memory taken, all threads together.</summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>Processor time used, all threads together.</summary>
    public double ProcessorMs { get; private set; }

    /// <summary>Takes a block of steps from the end of the prompt on.</summary>
    public void Run(CancellationToken cancellation)
    {
        field.Begin(stepper, cancellation);
        stepper.Step(cancellation); // builds the compute graph
        double processor = Environment.CpuUsage.TotalTime.TotalMilliseconds;
        int reuses = field.GraphReuses;
        long bytes = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < steps; i++)
        {
            long start = Stopwatch.GetTimestamp(), decode = field.Decoder.Ticks;
            stepper.Step(cancellation);
            long ticks = Stopwatch.GetTimestamp() - start;
            _milliseconds[i] = Milliseconds(ticks);
            _outside[i] = Milliseconds(ticks - (field.Decoder.Ticks - decode));
        }

        AllocatedBytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        GraphReuses = field.GraphReuses - reuses;
        ProcessorMs = Environment.CpuUsage.TotalTime.TotalMilliseconds - processor;
    }

    private static double Milliseconds(long ticks) => ticks * 1e3 / Stopwatch.Frequency;

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return MedianInterval.MedianOf(sorted);
    }
}
