namespace GgufConcepts.Thinking;

/// <summary>One of the thoughts of a batch.</summary>
/// <param name="Prompt">The text to continue.</param>
/// <param name="Options">Its own strategy, limits, seed, reader and answer; null for the defaults.</param>
public sealed record BatchThought(string Prompt, ThinkOptions? Options = null)
{
    /// <summary>Ends this thought within a step, with <see cref="StopReason.Cancelled"/>; the others go on.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Several thoughts about one prompt, which differ in what they draw.</summary>
    /// <param name="prompt">The text to continue.</param>
    /// <param name="count">How many; 1 or more.</param>
    /// <param name="options">Of all of them; the seed is the first one's, the next has the next number.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1.</exception>
    public static IReadOnlyList<BatchThought> Samples(string prompt, int count, ThinkOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        options ??= new ThinkOptions();
        return
        [
            .. Enumerable.Range(0, count).Select(
                i => new BatchThought(prompt, options with { Seed = unchecked(options.Seed + (ulong)i) })),
        ];
    }
}

/// <summary>Something that happened in one of the thoughts of a batch.</summary>
/// <param name="Thought">Number of the thought, from 0.</param>
/// <param name="Happened">What; in the order in which the same thought alone would tell it.</param>
public sealed record BatchEvent(int Thought, ThoughtEvent Happened)
{
    /// <summary>What went wrong, where this is the end of a thought with <see cref="StopReason.Failed"/>; else
    /// null.</summary>
    public Exception? Problem { get; init; }
}
