namespace GgufConcepts.Evaluation;

/// <summary>The tasks by name.</summary>
public static class EvalCatalog
{
    /// <summary>Every task.</summary>
    public static IReadOnlyList<EvalTask> Tasks { get; } = [new MnnsTask(), new ReachTask(), new AtlasTask()];

    /// <summary>Finds a task.</summary>
    /// <exception cref="ConceptInputException">No task has that name; the message lists those there are.</exception>
    public static EvalTask Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Tasks.FirstOrDefault(task => task.Name == name)
            ?? throw new ConceptInputException(
                $"No task '{name}'; use one of {string.Join(", ", Tasks.Select(task => task.Name))}.");
    }
}
