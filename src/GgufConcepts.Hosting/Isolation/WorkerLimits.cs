namespace GgufConcepts.Hosting.Isolation;

/// <summary>What a model's process may take before it is ended.</summary>
/// <param name="Loading">Time to load the model.</param>
/// <param name="Stall">Time without a sign of life while it thinks.</param>
/// <param name="Asking">Time for an answer that is no thought.</param>
/// <param name="MemoryBytes">Memory of its own; null for any.</param>
internal sealed record WorkerLimits(TimeSpan Loading, TimeSpan Stall, TimeSpan Asking, long? MemoryBytes)
{
    /// <summary>A sentence about the limit on memory, for what may have gone wrong over it; empty without one.</summary>
    public static string Describe(long? memoryBytes) => memoryBytes is { } bytes
        ? $" Its process may take {bytes >> 20} MiB of memory, which may be too little."
        : "";
}
