namespace GgufConcepts.Evaluation;

/// <summary>What came out of one part of a task with one strategy.</summary>
public sealed record EvalRow
{
    /// <summary>The usual measure: the share of items answered right.</summary>
    public const string Accuracy = "accuracy";

    /// <summary>What was asked.</summary>
    public required string Part { get; init; }

    /// <summary>What was fed back, such as <c>soft top 4</c>; empty where nothing was thought.</summary>
    public required string Strategy { get; init; }

    /// <summary>What <see cref="Value"/> is: <see cref="Accuracy"/>, or <c>total variation</c>, where less is
    /// better.</summary>
    public required string Measure { get; init; }

    /// <summary>The mean over all items, 0 to 1.</summary>
    public required double Value { get; init; }

    /// <summary>How many items.</summary>
    public required int Items { get; init; }

    /// <summary>The 95% interval of an accuracy, after Wilson; null for other measures.</summary>
    public Interval? Interval { get; init; }

    /// <summary>What the task's paper reports for such a model and strategy, 0 to 1; null where it reports
    /// none.</summary>
    public double? Published { get; init; }

    /// <summary>Steps of a thought, on average; null where nothing was thought.</summary>
    public double? Steps { get; init; }

    /// <summary>Mean entropy of each step, in nats, over the thoughts that got that far.</summary>
    public IReadOnlyList<double>? EntropyByStep { get; init; }

    /// <summary>Time of one item, in milliseconds, on average.</summary>
    public required double MillisecondsPerItem { get; init; }
}
