using GgufConcepts.Thinking;

namespace GgufConcepts.Batches;

/// <summary>Where a <see cref="BatchEngine"/> takes jobs from and tells what becomes of them. Everything is asked by the one
/// thread that computes.</summary>
public interface IJobFeed
{
    /// <summary>Whether a job is there now.</summary>
    bool HasNext { get; }

    /// <summary>Takes the next job out; does not wait.</summary>
    /// <returns>Null where none is there now.</returns>
    BatchJob? TryTake();

    /// <summary>Waits for a job. Asked only while none runs.</summary>
    /// <param name="cancellation">Stops the waiting.</param>
    /// <returns>False where no more will come.</returns>
    bool Wait(CancellationToken cancellation);

    /// <summary>Something happened in a thought, but for its end.</summary>
    void Happened(BatchJob job, ThoughtEvent happened);

    /// <summary>A job has its result.</summary>
    void Ended(BatchJob job, BatchResult result);

    /// <summary>A job was cancelled and has none.</summary>
    void Dropped(BatchJob job);
}
