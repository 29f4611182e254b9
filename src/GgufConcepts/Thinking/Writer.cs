using System.Runtime.InteropServices;
using GgufConcepts.Models;
using GgufConcepts.Strategies;

namespace GgufConcepts.Thinking;

/// <summary>The writer's hand: asks the strategy what comes next and makes the row of it. Allocates nothing a step.</summary>
internal sealed class Writer : IBatchMember
{
    private readonly Timeline _timeline;
    private readonly IStrategyRun _rule;
    private readonly InputEmbeddings? _embeddings;
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
        Next = new NextInput(context.VectorWidth);
    }

    /// <summary>Its sequence.</summary>
    public Timeline Timeline => _timeline;

    /// <summary>What the last <see cref="Choose"/> decided.</summary>
    public NextInput Next { get; }

    /// <summary>The vectors fed and not yet read, shape [<see cref="PendingCount"/>, width].</summary>
    public ReadOnlySpan<float> Pending => CollectionsMarshal.AsSpan(_pending);

    /// <summary>How many vectors are pending.</summary>
    public int PendingCount => _pending.Count / _timeline.VectorWidth;

    /// <summary>Lets the strategy decide on the next input.</summary>
    public void Choose() => _rule.Choose(new StepInput(_timeline.Logits, _timeline.Hidden), Next);

    /// <summary>Makes the decision the row that waits: in a thought of vectors even a single token as its row, so that
    /// batches stay of one kind.</summary>
    public void Put()
    {
        if (_embeddings is null)
        {
            _timeline.Put(Next.Token);
            return;
        }

        Span<float> vector = _timeline.PutVector();
        if (Next.FeedsVector)
        {
            Next.Vector.CopyTo(vector);
        }
        else if (Next.Kind == InputKind.Concept)
        {
            _embeddings.Mix(Next.Concept.Ids, Next.Concept.Weights, vector);
        }
        else
        {
            _embeddings.Row(Next.Token, vector);
        }

        if (_keepsPending)
        {
            _pending.AddRange(vector);
        }
    }

    /// <summary>Decides, and makes the decision the row that waits.</summary>
    public void Advance()
    {
        Choose();
        Put();
    }

    /// <summary>Feeds the decision, alone.</summary>
    public void Feed(CancellationToken cancellation)
    {
        Put();
        _timeline.FeedWaiting(cancellation);
    }

    /// <summary>Takes the first vectors off: they were read.</summary>
    public void ForgetPending(int count) => _pending.RemoveRange(0, count * _timeline.VectorWidth);
}
