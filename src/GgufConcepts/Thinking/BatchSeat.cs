using System.Numerics.Tensors;
using GgufConcepts.Models;

namespace GgufConcepts.Thinking;

/// <summary>A place in a batch: sequences and memory that one thought after another uses.</summary>
internal sealed class BatchSeat(Seat place) : IBatchMember, IDisposable
{
    private ThoughtRun? _run;
    private IEnumerator<Signal>? _signals;
    private CancellationTokenSource? _own; // of the thought's cancellation and the run's
    private CancellationToken _thoughts;

    /// <summary>Its sequences.</summary>
    public Seat Place => place;

    /// <summary>Makes the vectors of whoever sits here; null until one needs them.</summary>
    public InputEmbeddings? Embeddings { get; set; }

    /// <summary>What is left to feed of the prompt.</summary>
    public ReadOnlyMemory<int> Unfed { get; set; }

    /// <summary>Whether the thought that sits here wants hidden states.</summary>
    public bool NeedsHidden { get; private set; }

    /// <summary>Number of the thought that sits here.</summary>
    public int Thought { get; private set; }

    /// <summary>Rows kept free for it.</summary>
    public int Rows { get; private set; }

    /// <summary>Whether a thought sits here.</summary>
    public bool Taken { get; private set; }

    /// <summary>Whether a thought sits here that has not ended.</summary>
    public bool Lives => _signals is not null;

    /// <summary>What the thought waits for.</summary>
    public Wish Wish { get; private set; }

    /// <summary>What happened and nobody was told yet.</summary>
    public List<ThoughtEvent> Happened { get; } = [];

    /// <summary>What went wrong, if it did.</summary>
    public Exception? Problem { get; private set; }

    /// <inheritdoc/>
    public Timeline Timeline => _run!.Timeline;

    /// <summary>Gives the place to a thought and brings it to its prompt.</summary>
    /// <param name="thought">The thought.</param>
    /// <param name="rows">Rows kept free for it.</param>
    /// <param name="make">Makes its run, which may fail.</param>
    /// <param name="cancellation">Stops the whole batch, also within a reading.</param>
    public void Take(QueuedThought thought, int rows, Func<ThoughtRun> make, CancellationToken cancellation)
    {
        (Thought, Rows, Taken, Problem) = (thought.Number, rows, true, null);
        (NeedsHidden, _thoughts) = (thought.Options.Strategy.NeedsHidden, thought.Cancellation);
        try
        {
            _run = make();
            _own = _thoughts.CanBeCanceled
                ? CancellationTokenSource.CreateLinkedTokenSource(_thoughts, cancellation)
                : null;
            _signals = _run.Go(_own?.Token ?? cancellation).GetEnumerator();
        }
        catch (Exception problem) when (problem is not OperationCanceledException)
        {
            End(problem);
            return;
        }

        Advance();
    }

    /// <inheritdoc/>
    public void Advance()
    {
        try
        {
            do
            {
                if (!_signals!.MoveNext())
                {
                    End(null);
                    return;
                }

                Wish = _signals.Current.Wish;
                if (_signals.Current.Event is { } happened)
                {
                    Happened.Add(happened);
                }
            }
            while (Wish == Wish.None);

            if (Wish is Wish.Reading or Wish.Tokens)
            {
                Timeline.Keep(); // its turn may come after other decodes
            }
            else if (Wish == Wish.Row && Timeline.Waiting == RowKind.Vector && !TensorPrimitives.IsFiniteAll(Timeline.Vector))
            {
                // Here, where it ends this thought only: the decoder refuses all rows of a decode.
                throw new ArgumentException("A vector holds NaN or infinity; it would poison its sequence for good.");
            }
        }
        catch (OperationCanceledException) when (_thoughts.IsCancellationRequested)
        {
            EndIfCancelled();
        }
        catch (Exception problem) when (problem is not OperationCanceledException)
        {
            End(problem);
        }
    }

    /// <summary>Ends the thought where it alone was cancelled.</summary>
    public void EndIfCancelled()
    {
        if (Lives && _thoughts.IsCancellationRequested)
        {
            Happened.Add(new ThoughtEnded(StopReason.Cancelled));
            Dispose();
        }
    }

    /// <summary>Makes the place free again.</summary>
    public void Leave()
    {
        Dispose();
        (Taken, Rows, NeedsHidden, Unfed, _thoughts) = (false, 0, false, default, default);
        Happened.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _signals?.Dispose();
        _own?.Dispose();
        (_signals, _run, _own) = (null, null, null);
    }

    private void End(Exception? problem)
    {
        if (problem is not null)
        {
            Problem = problem;
            Happened.Add(new ThoughtEnded(StopReason.Failed));
        }

        Dispose();
    }
}
