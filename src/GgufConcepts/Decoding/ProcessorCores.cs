namespace GgufConcepts.Decoding;

/// <summary>How many threads to compute with: hardware threads of one core only wait for each other's memory.</summary>
internal static class ProcessorCores
{
    /// <summary>Physical cores this process may use; hardware threads where the system does not tell them apart.</summary>
    public static int Count { get; } = Math.Max(1, Math.Min(PhysicalCores() ?? int.MaxValue, Environment.ProcessorCount));

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
