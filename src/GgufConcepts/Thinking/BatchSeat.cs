using System.Numerics.Tensors;
using GgufConcepts.Models;

namespace GgufConcepts.Thinking;

/// <summary>A place in a batch: sequences and memory that one thought after another uses.</summary>
internal sealed class BatchSeat(Seat place) : IBatchMember, IDisposable
{
    private ThoughtRun? _run;
    private IEnumerator<Signal>? _signals;

    /// <summary>Its sequences.</summary>
    public Seat Place => place;

    /// <summary>Makes the vectors of whoever sits here; null until one needs them.</summary>
    public InputEmbeddings? Embeddings { get; set; }

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
    /// <param name="thought">Its number.</param>
    /// <param name="rows">Rows kept free for it.</param>
    /// <param name="make">Makes its run, which may fail.</param>
    /// <param name="cancellation">Stops within its readings.</param>
    public void Take(int thought, int rows, Func<ThoughtRun> make, CancellationToken cancellation)
    {
        (Thought, Rows, Taken, Problem) = (thought, rows, true, null);
        try
        {
            _run = make();
            _signals = _run.Go(cancellation).GetEnumerator();
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
        catch (Exception problem) when (problem is not OperationCanceledException)
        {
            End(problem);
        }
    }

    /// <summary>Makes the place free again.</summary>
    public void Leave()
    {
        Dispose();
        (Taken, Rows) = (false, 0);
        Happened.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _signals?.Dispose();
        (_signals, _run) = (null, null);
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
