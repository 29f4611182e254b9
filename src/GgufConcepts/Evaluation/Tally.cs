using System.Diagnostics;
using GgufConcepts.Thinking;

namespace GgufConcepts.Evaluation;

/// <summary>Counts the items of one row as they are answered.</summary>
internal sealed class Tally
{
    private readonly string _part;
    private readonly string _strategy;
    private readonly int _count;
    private readonly IProgress<EvalProgress>? _progress;
    private readonly List<(double Sum, int Thoughts)> _entropies = [];
    private readonly long _begun = Stopwatch.GetTimestamp();
    private double _score;
    private int _items;
    private int _done;
    private int _steps;

    private Tally(string part, string strategy, int count, IProgress<EvalProgress>? progress)
    {
        _part = part;
        _strategy = strategy;
        _count = count;
        _progress = progress;
    }

    /// <summary>Answers every item and makes the row.</summary>
    /// <param name="part">What is asked.</param>
    /// <param name="strategy">What is fed back; empty where nothing is.</param>
    /// <param name="items">The items, at least one.</param>
    /// <param name="answer">Answers one, given its index: its score, 0 to 1, and the steps of its thought. A score of NaN
    /// leaves the item out.</param>
    /// <param name="progress">Told after every item.</param>
    /// <param name="measure">What the score is.</param>
    /// <param name="published">What the paper reports.</param>
    public static EvalRow Count<T>(
        string part,
        string strategy,
        IReadOnlyCollection<T> items,
        Func<T, int, (double Score, IReadOnlyList<ConceptStep> Steps)> answer,
        IProgress<EvalProgress>? progress,
        string measure = EvalRow.Accuracy,
        double? published = null)
    {
        Tally tally = new(part, strategy, items.Count, progress);
        foreach ((int index, T item) in items.Index())
        {
            tally.Add(answer(item, index));
        }

        return tally.Build(measure, published);
    }

    private void Add((double Score, IReadOnlyList<ConceptStep> Steps) answer)
    {
        if (!double.IsNaN(answer.Score))
        {
            _score += answer.Score;
            _items++;
            _steps += answer.Steps.Count;
            for (int i = 0; i < answer.Steps.Count; i++)
            {
                (double sum, int thoughts) = i < _entropies.Count ? _entropies[i] : default;
                _entropies.RemoveRange(i, i < _entropies.Count ? 1 : 0);
                _entropies.Insert(i, (sum + answer.Steps[i].Entropy, thoughts + 1));
            }
        }

        _progress?.Report(new EvalProgress(_part, _strategy, ++_done, _count));
    }

    private EvalRow Build(string measure, double? published) => new()
    {
        Part = _part,
        Strategy = _strategy,
        Measure = measure,
        Value = _items > 0 ? _score / _items : 0,
        Items = _items,
        Interval = measure == EvalRow.Accuracy && _items > 0 ? Wilson.Interval((int)Math.Round(_score), _items) : null,
        Published = published,
        Steps = _entropies.Count > 0 ? (double)_steps / _items : null,
        EntropyByStep = _entropies.Count > 0 ? [.. _entropies.Select(entropy => entropy.Sum / entropy.Thoughts)] : null,
        MillisecondsPerItem = Stopwatch.GetElapsedTime(_begun).TotalMilliseconds / _count,
    };
}
