using System.Runtime.InteropServices;
using GgufConcepts.Models;
using GgufConcepts.Strategies;

namespace GgufConcepts.Thinking;

/// <summary>The writer's hand: asks the strategy what comes next and feeds it. Allocates nothing a step.</summary>
internal sealed class Writer
{
    private readonly Timeline _timeline;
    private readonly IStrategyRun _rule;
    private readonly InputEmbeddings? _embeddings;
    private readonly float[] _vector;
    private readonly bool _keepsPending;
    private readonly List<float> _pending = [];

    /// <param name="timeline">The writer's sequence.</param>
    /// <param name="strategy">The rule.</param>
    /// <param name="context">What the rule may know.</param>
    /// <param name="embeddings">Makes vectors; null for a strategy that feeds none.</param>
    /// <param name="keepsPending">Whether vectors are kept for a reader.</param>
    public Writer(
        Timeline timeline, IStrategy strategy, StrategyContext context, InputEmbeddings? embeddings, bool keepsPending = true)
    {
        _keepsPending = keepsPending;
        _timeline = timeline;
        _rule = strategy.Start(context);
        _embeddings = embeddings;
        _vector = new float[context.VectorWidth];
        Next = new NextInput(context.VectorWidth);
    }

    /// <summary>What the last <see cref="Choose"/> decided.</summary>
    public NextInput Next { get; }

    /// <summary>The vectors fed and not yet read, shape [<see cref="PendingCount"/>, width].</summary>
    public ReadOnlySpan<float> Pending => CollectionsMarshal.AsSpan(_pending);

    /// <summary>How many vectors are pending.</summary>
    public int PendingCount => _pending.Count / _vector.Length;

    /// <summary>Lets the strategy decide on the next input.</summary>
    public void Choose() => _rule.Choose(new StepInput(_timeline.Logits, _timeline.Hidden), Next);

    /// <summary>Feeds the decision: in a thought of vectors even a single token as its row, so that batches stay of
    /// one kind.</summary>
    public void Feed(CancellationToken cancellation)
    {
        if (_embeddings is null)
        {
            _timeline.Feed([Next.Token], cancellation);
            return;
        }

        ReadOnlySpan<float> vector = Next.FeedsVector ? Next.Vector : Make();
        _timeline.Feed(vector, cancellation);
        if (_keepsPending)
        {
            _pending.AddRange(vector);
        }
    }

    private float[] Make()
    {
        if (Next.Kind == InputKind.Concept)
        {
            _embeddings!.Mix(Next.Concept.Ids, Next.Concept.Weights, _vector);
        }
        else
        {
            _embeddings!.Row(Next.Token, _vector);
        }

        return _vector;
    }

    /// <summary>Takes the first vectors off: they were read.</summary>
    public void ForgetPending(int count) => _pending.RemoveRange(0, count * _vector.Length);
}
