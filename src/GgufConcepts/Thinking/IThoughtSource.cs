namespace GgufConcepts.Thinking;

/// <summary>Where a batch takes its thoughts from while it runs.</summary>
public interface IThoughtSource
{
    /// <summary>The next thought; it begins as soon as a seat is free and its rows fit. Asked between steps, so it does not
    /// wait.</summary>
    /// <returns>Null where none is there now.</returns>
    BatchThought? TryTake();

    /// <summary>Waits until <see cref="TryTake"/> may have a thought. Asked only while no thought runs.</summary>
    /// <param name="cancellation">Stops the waiting.</param>
    /// <returns>False where no more thoughts will come.</returns>
    bool Wait(CancellationToken cancellation);
}
