using System.Text.Json.Nodes;

namespace GgufConcepts.Evaluation.Questions;

/// <summary>How one strategy did on the questions of a file.</summary>
public sealed record StrategySummary
{
    /// <summary>The strategy, as it was asked for.</summary>
    public required string Strategy { get; init; }

    /// <summary>Every setting its questions were thought about with, defaults filled in.</summary>
    public required JsonObject Settings { get; init; }

    /// <summary>Questions asked, each once.</summary>
    public required int Items { get; init; }

    /// <summary>Questions answered right.</summary>
    public required int Right { get; init; }

    /// <summary>pass@1: the share answered right; 0 where nothing was asked.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Its 95% interval; null where nothing was asked.</summary>
    public Interval? Interval { get; init; }

    /// <summary>Answers in which none could be found, by reason; they count as wrong.</summary>
    public required IReadOnlyDictionary<string, int> Failures { get; init; }

    /// <summary>Steps of a thought, on average.</summary>
    public required double Steps { get; init; }

    /// <summary>Tokens of an answer, on average.</summary>
    public required double AnswerTokens { get; init; }

    /// <summary>Wall time of one question, in milliseconds, on average.</summary>
    public required double MillisecondsPerItem { get; init; }

    /// <summary>The comparison with plain decoding; null for that itself, and where it was not asked for.</summary>
    public PairedComparison? Paired { get; init; }

    /// <summary>Counts results.</summary>
    /// <param name="set">The questions.</param>
    /// <param name="options">What they were asked with.</param>
    /// <param name="results">Results of <see cref="QuestionRun"/>, in any order.</param>
    /// <returns>One for every strategy, in the order of the options. Compared with the first rule named
    /// <c>token</c>.</returns>
    public static IReadOnlyList<StrategySummary> Of(QuestionSet set, QuestionOptions options, IEnumerable<QuestionResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(options);
        ILookup<string, QuestionResult> all = results.ToLookup(result => result.Strategy);
        EvalStrategy? control = options.Strategies.FirstOrDefault(strategy => strategy.Rule is Strategies.TokenDecoding);
        Dictionary<int, bool> controlled =
            control is null ? [] : all[control.Label].ToDictionary(result => result.Line, result => result.Right);
        return [.. options.Strategies.Select(strategy => Of(
            strategy,
            options.Think(strategy, set.Form).Settings,
            [.. all[strategy.Label]],
            control is null || strategy == control ? null : PairedComparison.Of(control.Label, controlled, all[strategy.Label])))];
    }

    private static StrategySummary Of(EvalStrategy strategy, JsonObject settings, QuestionResult[] results, PairedComparison? paired)
    {
        int right = results.Count(result => result.Right);
        return new StrategySummary
        {
            Strategy = strategy.Label,
            Settings = settings,
            Items = results.Length,
            Right = right,
            Accuracy = results.Length > 0 ? (double)right / results.Length : 0,
            Interval = results.Length > 0 ? Wilson.Interval(right, results.Length) : null,
            Failures = new SortedDictionary<string, int>(results
                .Where(result => result.Failure is not null)
                .CountBy(result => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(result.Failure!.Value.ToString()))
                .ToDictionary(), StringComparer.Ordinal),
            Steps = Mean(result => result.Steps),
            AnswerTokens = Mean(result => result.AnswerTokens),
            MillisecondsPerItem = Mean(result => result.Milliseconds),
            Paired = paired,
        };

        double Mean(Func<QuestionResult, double> of) => results.Length > 0 ? results.Average(of) : 0;
    }
}

/// <summary>One strategy against another on the same questions: McNemar's exact test.</summary>
/// <param name="Control">The other strategy.</param>
/// <param name="Items">Questions that both were asked.</param>
/// <param name="Gained">Right with this one alone.</param>
/// <param name="Lost">Right with the other alone.</param>
/// <param name="P">Two-sided p-value of <see cref="McNemar.Exact"/>.</param>
public sealed record PairedComparison(string Control, int Items, int Gained, int Lost, double P)
{
    internal static PairedComparison Of(string control, Dictionary<int, bool> controlled, IEnumerable<QuestionResult> results)
    {
        QuestionResult[] pairs = [.. results.Where(result => controlled.ContainsKey(result.Line))];
        int gained = pairs.Count(result => result.Right && !controlled[result.Line]);
        int lost = pairs.Count(result => !result.Right && controlled[result.Line]);
        return new PairedComparison(control, pairs.Length, gained, lost, McNemar.Exact(gained, lost));
    }
}
