using GgufConcepts.Thinking;

namespace GgufConcepts.Nats;

/// <summary>How a worker works.</summary>
/// <param name="Model">The name whose jobs it takes: <see cref="Batches.BatchModel.NameOf"/>.</param>
public sealed record NatsWorkerOptions(string Model)
{
    /// <summary>Jobs that run at once.</summary>
    /// <value>1 to <see cref="ConceptBatch.Largest"/>; the default is 8.</value>
    public int Parallel { get; init; } = 8;

    /// <summary>How long the server hears nothing of a job before it gives it to another worker. A worker tells of its jobs
    /// three times as often.</summary>
    /// <value>1 second to 1 hour; the default is 30 seconds. All workers of a model should have the same: that of the one that
    /// started last counts.</value>
    public TimeSpan AckWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Times that a job is begun before it is given up.</summary>
    /// <value>1 to 100; the default is 5.</value>
    public int MaxTries { get; init; } = 5;

    /// <summary>Whether what happens in thoughts is told on <see cref="NatsNames.StepsSubject"/>.</summary>
    /// <value>The default is true.</value>
    public bool TellsSteps { get; init; } = true;

    /// <summary>Lists every rule these values break, in words a user can act on.</summary>
    public IReadOnlyList<string> FindProblems()
    {
        List<string> problems = NatsNames.FindProblem(Model) is { } problem ? [problem] : [];
        if (Parallel is < 1 or > ConceptBatch.Largest)
        {
            problems.Add($"Thoughts at once are {Parallel}; use 1 to {ConceptBatch.Largest}.");
        }

        if (AckWait < TimeSpan.FromSeconds(1) || AckWait > TimeSpan.FromHours(1))
        {
            problems.Add($"The wait for a sign of life is {AckWait}; use 1 second to 1 hour.");
        }

        if (MaxTries is < 1 or > 100)
        {
            problems.Add($"Tries are {MaxTries}; use 1 to 100.");
        }

        return problems;
    }
}
