using GgufConcepts.Decoding;

namespace GgufConcepts.Thinking;

/// <summary>Runs thoughts side by side in one decoder.</summary>
/// <remarks>
/// A decode takes rows of one kind, and llama.cpp builds its compute graph anew whenever the kind or the number of rows
/// changes. So the thoughts go on together in phases: all think, then the reader translates one after another, then all
/// answer; a thought that is done with a phase waits for the others. Only where thoughts wait for a seat does a phase end
/// earlier, once fewer than half of those seated want it: else one long thought would keep the other seats from being
/// used again.
/// </remarks>
internal sealed class BatchRun
{
    private readonly IDecoder _decoder;
    private readonly IReadOnlyList<BatchSeat> _seats;
    private readonly int _rows;
    private readonly IReadOnlyList<ThinkOptions> _options;
    private readonly Opening?[] _openings;
    private readonly Func<int, BatchSeat, Opening, ThoughtRun> _make;
    private readonly Outputs _outputs;
    private readonly CancellationToken _cancellation;
    private readonly BatchStep _step;
    private SharedPrompt _shared = new(0, null);
    private int _next; // the first thought that has had no seat
    private Phase _phase;

    /// <param name="decoder">Has the seats' sequences, and one for what prompts share.</param>
    /// <param name="seats">Free ones.</param>
    /// <param name="rows">Rows that they may hold together; at least the context's.</param>
    /// <param name="options">Of every thought; valid ones.</param>
    /// <param name="make">Makes a thought's run in a seat.</param>
    /// <param name="cancellation">Stops within a step.</param>
    public BatchRun(
        IDecoder decoder,
        IReadOnlyList<BatchSeat> seats,
        int rows,
        IReadOnlyList<ThinkOptions> options,
        Func<int, BatchSeat, Opening, ThoughtRun> make,
        CancellationToken cancellation)
    {
        _decoder = decoder;
        _seats = seats;
        _rows = rows;
        _options = options;
        _openings = new Opening?[options.Count];
        _make = make;
        _cancellation = cancellation;
        _step = new BatchStep(decoder, seats.Count);

        // The same for the whole run: each change of what is asked for would build the graph anew.
        bool hidden = options.Any(thought => thought.Strategy.NeedsHidden);
        _outputs = hidden ? Outputs.Logits | Outputs.Hidden : Outputs.Logits;
    }

    private enum Phase
    {
        Vectors,
        Readings,
        Tokens,
    }

    /// <summary>Runs all thoughts.</summary>
    /// <param name="open">Makes a thought's opening, and may fail.</param>
    /// <param name="shared">Number of the sequence for what prompts share.</param>
    public IEnumerable<BatchEvent> Run(Func<int, Opening> open, int shared)
    {
        try
        {
            for (int sequence = 0; sequence < _decoder.Info.SequenceCount; sequence++)
            {
                _decoder.TryRewind(sequence, 0);
            }

            for (int thought = 0; thought < _openings.Length; thought++)
            {
                if (TryOpen(thought, open) is { } problem)
                {
                    yield return new BatchEvent(thought, new ThoughtEnded(StopReason.Failed)) { Problem = problem };
                }
            }

            int[][] prompts = [.. _openings.OfType<Opening>().Select(opening => opening.Tokens)];
            _shared = SharedPrompt.Feed(_decoder, shared, prompts, _outputs, _cancellation);
            while (true)
            {
                bool seated = TrySeat(shared);
                if (!seated && !_seats.Any(seat => seat.Taken))
                {
                    break; // an empty batch has room for any thought, so none is left
                }

                if (!seated)
                {
                    Go();
                }

                foreach (BatchSeat seat in _seats)
                {
                    foreach (ThoughtEvent happened in seat.Happened)
                    {
                        Exception? problem = happened is ThoughtEnded ? seat.Problem : null;
                        yield return new BatchEvent(seat.Thought, happened) { Problem = problem };
                    }

                    seat.Happened.Clear();
                    if (seat.Taken && !seat.Lives)
                    {
                        _decoder.TryRewind(seat.Place.Writer, 0);
                        _decoder.TryRewind(seat.Place.Checkpoint, 0);
                        seat.Leave();
                    }
                }
            }
        }
        finally
        {
            foreach (BatchSeat seat in _seats)
            {
                seat.Leave();
            }
        }
    }

    private ConceptInputException? TryOpen(int thought, Func<int, Opening> open)
    {
        try
        {
            Opening opening = open(thought);
            Timeline.CheckPrompt(opening.Tokens, _decoder.Info.ContextLength);
            _openings[thought] = opening;
            return null;
        }
        catch (ConceptInputException problem)
        {
            return problem;
        }
    }

    /// <summary>Gives the next thought a seat, if one is free and all rows that the thought may become fit beside those of
    /// the others: so no thought ever finds the cache filled by another.</summary>
    private bool TrySeat(int shared)
    {
        while (_next < _openings.Length && _openings[_next] is null)
        {
            _next++; // it failed before it began
        }

        BatchSeat? seat = _next < _openings.Length ? _seats.FirstOrDefault(seat => !seat.Taken) : null;
        if (seat is null)
        {
            return false;
        }

        int thought = _next;
        Opening opening = _openings[thought]!;
        int rows = opening.MostRows(_options[thought], _decoder.Info.ContextLength) - _shared.Length;
        if (_shared.Length + _seats.Sum(other => (long)other.Rows) + rows > _rows)
        {
            return false;
        }

        _next++;
        seat.Take(thought, rows, () => _make(thought, seat, opening), _cancellation);
        if (seat.Lives)
        {
            FeedPrompt(seat, opening, shared);
            seat.Advance();
        }

        return true;
    }

    private void FeedPrompt(BatchSeat seat, Opening opening, int shared)
    {
        if (_shared.End is { } end)
        {
            seat.Timeline.BeginAs(shared, end);
        }

        ReadOnlySpan<int> rest = opening.Tokens.AsSpan(_shared.Length);
        if (!rest.IsEmpty)
        {
            _decoder.Feed(seat.Place.Writer, rest, _outputs, _cancellation);
            seat.Timeline.Fed(output: 0);
        }
    }

    /// <summary>One step of the phase that it is time for.</summary>
    private void Go()
    {
        _phase = NextPhase();
        if (_phase == Phase.Readings)
        {
            _seats.First(seat => seat.Lives && PhaseOf(seat) == Phase.Readings).Advance();
            return;
        }

        if (_phase == Phase.Tokens && Gather(Wish.Tokens)) // those who come to this phase choose their first token
        {
            _step.Advance();
        }

        if (Gather(Wish.Row))
        {
            _step.Feed(_outputs, _cancellation);
            _step.Advance();
        }
    }

    private bool Gather(Wish wish)
    {
        _step.Clear();
        foreach (BatchSeat seat in _seats)
        {
            if (seat.Lives && seat.Wish == wish && PhaseOf(seat) == _phase)
            {
                _step.Add(seat);
            }
        }

        return _step.Members.Count > 0;
    }

    private Phase NextPhase()
    {
        Span<int> wanted = stackalloc int[3];
        wanted.Clear();
        int living = 0;
        foreach (BatchSeat seat in _seats)
        {
            if (seat.Lives)
            {
                wanted[(int)PhaseOf(seat)]++;
                living++;
            }
        }

        bool others = _next < _openings.Length;
        int now = wanted[(int)_phase];
        return now > 0 && (!others || now * 2 >= living) ? _phase
            : others ? (Phase)wanted.IndexOf(Math.Max(wanted[0], Math.Max(wanted[1], wanted[2])))
            : (Phase)wanted.IndexOfAnyExcept(0);
    }

    private static Phase PhaseOf(BatchSeat seat) =>
        seat.Wish == Wish.Reading ? Phase.Readings
        : seat.Wish == Wish.Row && seat.Timeline.Waiting == RowKind.Vector ? Phase.Vectors
        : Phase.Tokens;
}
