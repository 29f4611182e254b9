namespace GgufConcepts.Decoding;

/// <summary>How many threads to compute with.</summary>
/// <remarks>
/// A decode is bound by reading the weights, and its threads wait for each other, spinning, some hundred times a step.
/// Hardware threads of one core only share that core's memory path; and a thread with little to read mostly spins,
/// which on
/// a busy machine costs more than all the work.
/// </remarks>
internal static class ComputeThreads
{
    private const long WeightBytesEach = 8L << 20;

    private static readonly int s_cores =
        Math.Max(1, Math.Min(PhysicalCores() ?? int.MaxValue, Environment.ProcessorCount));

    /// <summary>One a physical core, but none with less than 8 MiB of weights to read a step.</summary>
    public static int DefaultFor(long modelBytes) => (int)Math.Clamp(modelBytes / WeightBytesEach, 1, s_cores);

    private static int? PhysicalCores()
    {
        const string Folder = "/sys/devices/system/cpu"; // Linux
        try
        {
            int cores = Directory.EnumerateDirectories(Folder, "cpu*")
                .Select(cpu => Path.Combine(cpu, "topology", "thread_siblings_list"))
                .Where(File.Exists)
                .Select(File.ReadAllText)
                .Distinct()
                .Count();
            return cores > 0 ? cores : null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null; // another system, or one that does not say
        }
    }
}
