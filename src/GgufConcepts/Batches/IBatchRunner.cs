namespace GgufConcepts.Batches;

/// <summary>Runs numbered jobs somewhere and gives numbered results.</summary>
public interface IBatchRunner
{
    /// <summary>Runs jobs.</summary>
    /// <param name="jobs">Read one after another, as they are wanted, on any thread but one at a time.</param>
    /// <param name="cancellation">Stops soon. Results that are there by then are still given.</param>
    /// <returns>A result for each, in the order in which they end. One that cannot be told from one given before may come
    /// twice.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    IAsyncEnumerable<BatchResult> RunAsync(IEnumerable<BatchJob> jobs, CancellationToken cancellation = default);
}
