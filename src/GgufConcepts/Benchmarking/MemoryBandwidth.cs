using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace GgufConcepts.Benchmarking;

/// <summary>How fast this machine's threads read memory: what a decode, which reads every weight once, cannot beat.</summary>
/// <remarks>A buffer as large as the weights, so that caches help it as much as them; each thread reads a part of
/// its own.</remarks>
internal sealed class MemoryBandwidth
{
    private const int LeastBytes = 1 << 20;
    private const int MostBytes = 1 << 30;
    private const long ReadBytes = 256L << 20; // a small buffer is read again and again, as small weights are

    private const int FloatsPerLine = 64 / sizeof(float);
    private const int Ahead = 1024; // floats

    private readonly float[][] _parts; // [threads][floats]
    private readonly int _rounds;
    private float _seen; // so that reading is not left out

    public MemoryBandwidth(long bytes, int threads)
    {
        long each = Math.Clamp(bytes, LeastBytes, MostBytes) / threads / sizeof(float);
        _parts = new float[threads][];
        _rounds = (int)Math.Max(1, ReadBytes / (each * threads * sizeof(float)));
        for (int i = 0; i < threads; i++)
        {
            _parts[i] = GC.AllocateUninitializedArray<float>((int)each);
            _parts[i].AsSpan().Fill(1f); // a page that was never written has no memory behind it
        }
    }

    /// <summary>Reads the buffer.</summary>
    /// <returns>Bytes a second.</returns>
    public double Measure()
    {
        using Barrier start = new(_parts.Length);
        (long Begin, long End)[] times = new (long, long)[_parts.Length];
        Thread[] threads = [.. Enumerable.Range(1, _parts.Length - 1).Select(i => new Thread(() => Read(i)))];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        Read(0);
        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        double seconds = Stopwatch.GetElapsedTime(times.Min(time => time.Begin), times.Max(time => time.End)).TotalSeconds;
        return _rounds * _parts.Sum(part => (double)part.Length * sizeof(float)) / seconds;

        void Read(int i)
        {
            start.SignalAndWait();
            long begin = Stopwatch.GetTimestamp();
            float sum = 0;
            for (int round = 0; round < _rounds; round++)
            {
                sum += Sum(_parts[i]);
            }

            times[i] = (begin, Stopwatch.GetTimestamp());
            Volatile.Write(ref _seen, sum);
        }
    }

    /// <summary>Sums a part in four chains: additions wait for memory, not for each other. Lines are asked for well ahead,
    /// without which a core reads a fifth less than llama.cpp's kernels make it read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe float Sum(float[] part)
    {
        int stride = 4 * Vector<float>.Count;
        Vector<float> a = default, b = default, c = default, d = default;
        fixed (float* start = part)
        {
            for (int i = 0; i <= part.Length - stride; i += stride)
            {
                for (int line = 0; line < stride && Sse.IsSupported; line += FloatsPerLine)
                {
                    Sse.Prefetch0(start + i + Ahead + line); // never a fault, even past the end
                }

                a += Vector.Load(start + i);
                b += Vector.Load(start + i + Vector<float>.Count);
                c += Vector.Load(start + i + (2 * Vector<float>.Count));
                d += Vector.Load(start + i + (3 * Vector<float>.Count));
            }
        }

        return Vector.Sum(a + b + c + d);
    }
}
