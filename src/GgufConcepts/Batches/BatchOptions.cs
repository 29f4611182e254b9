namespace GgufConcepts.Batches;

/// <summary>What becomes of results that a file holds already.</summary>
public sealed record BatchOptions
{
    /// <summary>Whether jobs that failed are done again. Else their errors stand, as other results do.</summary>
    public bool RetryFailed { get; init; }

    /// <summary>Whether results go whose jobs have changed, in their line or in the settings for all, or are there no
    /// more. Else such a file is refused.</summary>
    public bool RedoChanged { get; init; }

    /// <summary>Whether results stand in the order of the jobs once all are there. Else as they came.</summary>
    public bool InOrder { get; init; }
}
