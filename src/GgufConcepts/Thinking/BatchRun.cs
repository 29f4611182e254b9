using GgufConcepts.Decoding;

namespace GgufConcepts.Thinking;

/// <summary>Runs thoughts side by side in one decoder.</summary>
/// <remarks>
/// A decode takes rows of one kind, and llama.cpp builds its compute graph anew whenever the kind or the number of rows
/// changes. So the thoughts go on together in phases: all think, then the reader translates one after another, then all
/// answer; a thought that is done with a phase waits for the others. Only where thoughts wait for a seat does a phase end
/// earlier, once fewer than half of those seated want it: else one long thought would keep the other seats from being
/// used again. And where more thoughts come all the time, no phase keeps the others waiting for longer than some steps.
/// </remarks>
internal sealed class BatchRun
{
    private const int SliceRows = 128; // of a prompt, while others go on: a decode of as many rows takes some steps' time

    private const int Patience = 32; // steps that a phase waits for another, where more thoughts may come
    private const int ReadingSteps = 16; // as which one reading counts

    private readonly IDecoder _decoder;
    private readonly IReadOnlyList<BatchSeat> _seats;
    private readonly int _rows;
    private readonly ThoughtQueue _queue;
    private readonly Func<QueuedThought, BatchSeat, ThoughtRun> _make;
    private readonly CancellationToken _cancellation;
    private readonly BatchStep _step;
    private SharedPrompt _shared = new(0, null);
    private readonly int[] _waited = new int[3]; // steps of other phases since one was wanted, by phase
    private Phase _phase;

    /// <param name="decoder">Has the seats' sequences, and one for what prompts share.</param>
    /// <param name="seats">Free ones.</param>
    /// <param name="rows">Rows that they may hold together; at least the context's.</param>
    /// <param name="queue">The thoughts.</param>
    /// <param name="make">Makes a thought's run in a seat.</param>
    /// <param name="cancellation">Stops within a step.</param>
    public BatchRun(
        IDecoder decoder,
        IReadOnlyList<BatchSeat> seats,
        int rows,
        ThoughtQueue queue,
        Func<QueuedThought, BatchSeat, ThoughtRun> make,
        CancellationToken cancellation)
    {
        _decoder = decoder;
        _seats = seats;
        _rows = rows;
        _queue = queue;
        _make = make;
        _cancellation = cancellation;
        _step = new BatchStep(decoder, seats.Count);
    }

    private enum Phase
    {
        Vectors,
        Readings,
        Tokens,
    }

    private Outputs Outputs => _queue.NeedsHidden || _seats.Any(seat => seat.NeedsHidden)
        ? Outputs.Logits | Outputs.Hidden
        : Outputs.Logits;

    /// <summary>Runs until no thought is seated and none waits.</summary>
    /// <param name="shared">Number of the sequence for what prompts share.</param>
    /// <param name="prompts">The tokens of all prompts, where all are known.</param>
    public IEnumerable<BatchEvent> Run(int shared, IReadOnlyList<int[]> prompts)
    {
        try
        {
            for (int sequence = 0; sequence < _decoder.Info.SequenceCount; sequence++)
            {
                _decoder.TryRewind(sequence, 0);
            }

            foreach (BatchEvent end in _queue.TakeEnds())
            {
                yield return end;
            }

            _shared = SharedPrompt.Feed(_decoder, shared, prompts, Outputs, _cancellation);
            while (true)
            {
                bool seated = TrySeat(shared);
                foreach (BatchEvent end in _queue.TakeEnds())
                {
                    yield return end;
                }

                if (!seated && !_seats.Any(seat => seat.Taken))
                {
                    if (_queue.WaitForOpening(_cancellation))
                    {
                        continue;
                    }

                    break; // an empty batch has room for any thought, so none is left
                }

                if (!seated)
                {
                    FeedSlice();
                    Go();
                }

                foreach (BatchSeat seat in _seats)
                {
                    seat.EndIfCancelled();
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

    /// <summary>Gives the next thought a seat, if one is free and all rows that the thought may become fit beside those of
    /// the others: so no thought ever finds the cache filled by another.</summary>
    private bool TrySeat(int shared)
    {
        if (_seats.FirstOrDefault(seat => !seat.Taken) is not { } seat || _queue.Next is not { } next)
        {
            return false;
        }

        int rows = next.Opening.MostRows(next.Options, _decoder.Info.ContextLength) - _shared.Length;
        if (_shared.Length + _seats.Sum(other => (long)other.Rows) + rows > _rows)
        {
            return false;
        }

        QueuedThought thought = _queue.Take();
        seat.Take(thought, rows, () => _make(thought, seat), _cancellation);
        seat.EndIfCancelled(); // while it waited
        if (seat.Lives)
        {
            seat.Unfed = thought.Opening.Tokens.AsMemory(_shared.Length);
            if (_shared.End is { } end)
            {
                seat.Timeline.BeginAs(shared, end);
            }

            if (seat.Unfed.Length <= SliceRows || !_seats.Any(other => other != seat && other.Lives))
            {
                Feed(seat, seat.Unfed.Length);
            }
        }

        return true;
    }

    /// <summary>Feeds a part of a prompt that is long, so that those who think already do not wait for all of it.</summary>
    private void FeedSlice()
    {
        if (_seats.FirstOrDefault(seat => seat is { Lives: true, Wish: Wish.Prompt }) is { } seat)
        {
            Feed(seat, Math.Min(SliceRows, seat.Unfed.Length));
        }
    }

    private void Feed(BatchSeat seat, int count)
    {
        ReadOnlySpan<int> rows = seat.Unfed.Span[..count];
        seat.Unfed = seat.Unfed[count..];
        if (!rows.IsEmpty)
        {
            _decoder.Feed(seat.Place.Writer, rows, seat.Unfed.IsEmpty ? Outputs : Outputs.None, _cancellation);
        }

        if (seat.Unfed.IsEmpty)
        {
            if (!rows.IsEmpty)
            {
                seat.Timeline.Fed(output: 0);
            }

            seat.Advance();
        }
    }

    /// <summary>One step of the phase that it is time for.</summary>
    private void Go()
    {
        if (!_seats.Any(Thinks))
        {
            return; // all that are seated wait for the rest of a prompt
        }

        _phase = NextPhase();
        if (_phase == Phase.Readings)
        {
            _seats.First(seat => Thinks(seat) && PhaseOf(seat) == Phase.Readings).Advance();
            return;
        }

        if (_phase == Phase.Tokens && Gather(Wish.Tokens)) // those who come to this phase choose their first token
        {
            _step.Advance();
        }

        if (Gather(Wish.Row))
        {
            _step.Feed(Outputs, _cancellation);
            _step.Advance();
        }
    }

    private bool Gather(Wish wish)
    {
        _step.Clear();
        foreach (BatchSeat seat in _seats)
        {
            if (Thinks(seat) && seat.Wish == wish && PhaseOf(seat) == _phase)
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
            if (Thinks(seat))
            {
                wanted[(int)PhaseOf(seat)]++;
                living++;
            }
        }

        if (_queue.Grows && FindImpatient(wanted) is { } impatient)
        {
            return impatient;
        }

        bool others = _queue.Waits;
        int now = wanted[(int)_phase];
        return now > 0 && (!others || now * 2 >= living) ? _phase
            : others ? (Phase)wanted.IndexOf(Math.Max(wanted[0], Math.Max(wanted[1], wanted[2])))
            : (Phase)wanted.IndexOfAnyExcept(0);
    }

    /// <summary>The phase that was wanted for too long while there was another.</summary>
    private Phase? FindImpatient(ReadOnlySpan<int> wanted)
    {
        int longest = 0;
        for (int i = 0; i < _waited.Length; i++)
        {
            bool waits = wanted[i] > 0 && i != (int)_phase;
            _waited[i] = waits ? _waited[i] + (_phase == Phase.Readings ? ReadingSteps : 1) : 0;
            longest = _waited[i] > _waited[longest] ? i : longest;
        }

        return _waited[longest] > Patience ? (Phase)longest : null;
    }

    private static bool Thinks(BatchSeat seat) => seat.Lives && seat.Wish != Wish.Prompt;

    private static Phase PhaseOf(BatchSeat seat) =>
        seat.Wish == Wish.Reading ? Phase.Readings
        : seat.Wish == Wish.Row && seat.Timeline.Waiting == RowKind.Vector ? Phase.Vectors
        : Phase.Tokens;
}
