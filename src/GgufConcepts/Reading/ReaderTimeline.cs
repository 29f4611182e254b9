using GgufConcepts.Decoding;
using GgufConcepts.Mixing;
using GgufConcepts.Models;

namespace GgufConcepts.Reading;

/// <summary>A prompt with vectors in its middle, fed once, and several ways on from there.</summary>
/// <param name="decoder">Has <paramref name="sequence"/> for the prompt, and <see cref="Branches"/> more after it.</param>
/// <param name="tokenizer">The model's.</param>
/// <param name="sequence">Number of the first of these sequences.</param>
internal sealed class ReaderTimeline(IDecoder decoder, Tokenizer tokenizer, int sequence)
{
    /// <summary>Readings that grow side by side, one decode a token for all of them.</summary>
    public const int Branches = 8;

    private const double LeastLog = -745; // e to this is the smallest double above 0

    private readonly ConceptMixer _mixer = new(TokenMask.None(decoder.Info.VocabularySize));
    private readonly ConceptToken _drawn = new();
    private readonly float[] _first = new float[decoder.Info.VocabularySize]; // what may come after the prompt

    private delegate int Choice(ReadOnlySpan<float> logits, int reading);

    /// <summary>Forgets what was there and feeds a prompt.</summary>
    /// <param name="before">Tokens before the vectors.</param>
    /// <param name="vectors">Shape [count, vector width].</param>
    /// <param name="after">Tokens after them.</param>
    /// <param name="cancellation">Stops within it.</param>
    public void Begin(
        ReadOnlySpan<int> before, ReadOnlySpan<float> vectors, ReadOnlySpan<int> after, CancellationToken cancellation)
    {
        decoder.TryRewind(sequence, 0);
        if (before.Length > 0)
        {
            decoder.Feed(sequence, before, Outputs.None, cancellation);
        }

        decoder.Feed(sequence, vectors, after.Length > 0 ? Outputs.None : Outputs.Logits, cancellation);
        if (after.Length > 0)
        {
            decoder.Feed(sequence, after, Outputs.Logits, cancellation);
        }

        decoder.Logits().CopyTo(_first);
    }

    /// <summary>The way on that takes the likeliest token each time.</summary>
    public int[] TakeLikeliest(int most, CancellationToken cancellation) =>
        Continue(1, 1, most, (logits, _) => _mixer.ArgMax(logits), cancellation)[0];

    /// <summary>Ways on with drawn tokens, each with a random stream of its own.</summary>
    /// <param name="count">How many.</param>
    /// <param name="atOnce">How many of them may grow side by side, 1 to <see cref="Branches"/>.</param>
    /// <param name="most">Most tokens of each.</param>
    /// <param name="mix">Temperature and filters.</param>
    /// <param name="seed">The same seed gives the same readings.</param>
    /// <param name="cancellation">Stops within a token.</param>
    public IReadOnlyList<int[]> Draw(
        int count, int atOnce, int most, MixOptions mix, ulong seed, CancellationToken cancellation)
    {
        RandomStream seeds = new(seed);
        RandomStream[] streams = new RandomStream[count];
        for (int i = 0; i < count; i++)
        {
            streams[i] = new RandomStream(seeds.NextUInt64());
        }

        return Continue(
            count, atOnce, most, (logits, i) => _mixer.Sample(logits, mix, ref streams[i], _drawn), cancellation);
    }

    /// <summary>ln P of every token of a way on, given the prompt and the tokens before it; one pass.</summary>
    public double[] Score(ReadOnlySpan<int> tokens, CancellationToken cancellation)
    {
        double[] scores = new double[tokens.Length];
        if (tokens.IsEmpty)
        {
            return scores;
        }

        scores[0] = Log(_first, tokens[0]);
        decoder.Fork(sequence, sequence + 1);
        for (int at = 1; at < tokens.Length;)
        {
            int count = Math.Min(decoder.Info.BatchSize, tokens.Length - at);
            decoder.Feed(sequence + 1, tokens.Slice(at - 1, count), Outputs.Logits | Outputs.EveryRow, cancellation);
            for (int row = 0; row < count; row++, at++)
            {
                scores[at] = Log(decoder.Logits(row), tokens[at]);
            }
        }

        decoder.TryRewind(sequence + 1, 0);
        return scores;
    }

    private double Log(ReadOnlySpan<float> logits, int token) => Math.Max(LeastLog, _mixer.LogProbability(logits, token));

    private int[][] Continue(int count, int atOnce, int most, Choice choose, CancellationToken cancellation)
    {
        List<int>[] readings = [.. Enumerable.Range(0, count).Select(_ => new List<int>())];
        for (int start = 0; start < count; start += atOnce)
        {
            List<int> growing = [.. Enumerable.Range(start, Math.Min(atOnce, count - start)).Where(i => Grow(i, _first))];
            growing.ForEach(i => decoder.Fork(sequence, Branch(i)));
            while (growing.Count > 0)
            {
                decoder.Step(
                    [.. growing.Select(Branch)], [.. growing.Select(i => readings[i][^1])], Outputs.Logits, cancellation);
                for (int row = growing.Count - 1; row >= 0; row--) // from the last, since those that end are taken out
                {
                    if (!Grow(growing[row], decoder.Logits(row)))
                    {
                        decoder.TryRewind(Branch(growing[row]), 0);
                        growing.RemoveAt(row);
                    }
                }
            }

            int Branch(int reading) => sequence + 1 + reading - start;
        }

        return [.. readings.Select(reading => reading.ToArray())];

        bool Grow(int reading, ReadOnlySpan<float> logits)
        {
            int token = choose(logits, reading);
            bool ends = tokenizer.IsEndOfText(token)
                || (readings[reading].Count > 0 && tokenizer.Text(token).Contains('\n'));
            if (!ends)
            {
                readings[reading].Add(token);
            }

            return !ends && readings[reading].Count < most;
        }
    }
}
