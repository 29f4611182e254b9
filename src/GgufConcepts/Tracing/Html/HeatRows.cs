namespace GgufConcepts.Tracing.Html;

/// <summary>The tokens that matter in a thought, in the order they came up, and their weights by step.</summary>
internal sealed class HeatRows
{
    /// <summary>Tokens that get a row of their own, at most.</summary>
    public const int Most = 40;

    /// <summary>A token that never weighs this much has no row.</summary>
    public const float Telling = 0.01f;

    private const int Levels = 16;

    private HeatRows(IReadOnlyList<HeatRow> rows, int others, double[] rest) => (Rows, Others, Rest) = (rows, others, rest);

    /// <summary>The rows.</summary>
    public IReadOnlyList<HeatRow> Rows { get; }

    /// <summary>How many tokens have no row.</summary>
    public int Others { get; }

    /// <summary>What those weigh together, by step.</summary>
    public double[] Rest { get; }

    /// <summary>Chooses the rows: the tokens with the most weight over all steps, by the step they first told
    /// in.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="columns">Its first steps, as many as are drawn.</param>
    public static HeatRows Choose(Trace trace, int columns)
    {
        Dictionary<(int, string), HeatRow> all = [];
        for (int column = 0; column < columns; column++)
        {
            foreach (TraceToken token in trace.Steps[column].Tokens)
            {
                if (!all.TryGetValue((token.Id, token.Text), out HeatRow? row))
                {
                    all.Add((token.Id, token.Text), row = new HeatRow(token.Id, token.Text, new float?[columns]));
                }

                row.Add(column, token.Probability);
            }
        }

        HeatRow[] chosen = [.. all.Values.Where(row => row.Largest >= Telling).OrderByDescending(row => row.Mass).Take(Most)
            .OrderBy(row => row.FirstTelling).ThenByDescending(row => row.Weights[row.FirstTelling])];
        HashSet<HeatRow> shown = [.. chosen];
        double[] rest = new double[columns];
        foreach (HeatRow row in all.Values.Where(row => !shown.Contains(row)))
        {
            for (int column = 0; column < columns; column++)
            {
                rest[column] += row.Weights[column] ?? 0;
            }
        }

        return new HeatRows(chosen, all.Count - chosen.Length, rest);
    }

    /// <summary>The class of a weight's colour; null where it is too small to have one. Grows with the root of the
    /// weight, so that small ones differ too.</summary>
    public static string? ColorOf(double weight) => weight >= 0.001
        ? $"w{Math.Clamp((int)Math.Ceiling(Math.Sqrt(weight) * Levels), 1, Levels)}"
        : null;
}

/// <summary>A token's weights, one a step, null where it is not in the step's mixture.</summary>
internal sealed record HeatRow(int Id, string Text, float?[] Weights)
{
    /// <summary>Sum of the weights.</summary>
    public double Mass { get; private set; }

    /// <summary>The largest weight.</summary>
    public float Largest { get; private set; }

    /// <summary>The step in which it first weighed enough to tell.</summary>
    public int FirstTelling { get; private set; } = int.MaxValue;

    /// <summary>Adds a weight; a step that lists a token twice has both.</summary>
    public void Add(int column, float weight)
    {
        float sum = (Weights[column] ?? 0) + weight;
        Weights[column] = sum;
        Mass += weight;
        Largest = Math.Max(Largest, sum);
        if (sum >= HeatRows.Telling)
        {
            FirstTelling = Math.Min(FirstTelling, column);
        }
    }

    public bool Equals(HeatRow? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => Id;
}
