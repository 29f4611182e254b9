namespace GgufConcepts.Thinking;

/// <summary>Where a batch takes its thoughts from while it runs.</summary>
public interface IThoughtSource
{
    /// <summary>Whether a thought is there now. Asked between steps.</summary>
    bool HasNext { get; }

    /// <summary>Takes the next thought out; asked only when a seat is free, between steps, so it does not wait.</summary>
    /// <returns>Null where none is there now.</returns>
    BatchThought? TryTake();

    /// <summary>Waits until <see cref="TryTake"/> may have a thought. Asked only while no thought runs.</summary>
    /// <param name="cancellation">Stops the waiting.</param>
    /// <returns>False where no more thoughts will come.</returns>
    bool Wait(CancellationToken cancellation);
}
