using GgufConcepts.Decoding;
using GgufConcepts.Models;

namespace GgufConcepts.Reading;

/// <summary>Puts vectors into words, and says how far the words follow from them.</summary>
/// <param name="decoder">Has the reader's sequences, from <paramref name="sequence"/> on.</param>
/// <param name="tokenizer">The model's.</param>
/// <param name="embeddings">Makes the mean of all rows.</param>
/// <param name="sequence">Number of the first of the reader's <see cref="SequenceCount"/> sequences.</param>
internal sealed class Reader(IDecoder decoder, Tokenizer tokenizer, InputEmbeddings embeddings, int sequence)
{
    /// <summary>Sequences a reader needs: one for its prompt, the others for ways on from there.</summary>
    public const int SequenceCount = 1 + ReaderTimeline.Branches;

    private readonly ReaderTimeline _timeline = new(decoder, tokenizer, sequence);

    private int Width => decoder.Info.VectorWidth;

    /// <summary>The most vectors one reading has room for, leaving as many tokens as it may write.</summary>
    /// <exception cref="ConceptInputException">There is no room, or the prompt needs markers the model has not.</exception>
    public int Capacity(ReadOptions options)
    {
        (int[] before, int[] after) = Frame(options);
        int frame = before.Length + after.Length + options.MaxTokens;
        int capacity = decoder.Info.ContextLength - frame;
        return capacity < 1
            ? throw new ConceptInputException(
                $"A reading of {options.MaxTokens} tokens and its prompt of {before.Length + after.Length} leave no room for " +
                $"vectors: the context holds {decoder.Info.ContextLength}. Use a shorter reading, a larger context, or none (on the command line --no-read).")
            {
                Field = "reader.maxTokens",
            }
            : options.Repeat > capacity
            ? throw new ConceptInputException(
                $"{options.Repeat} copies of a vector are too many for one reading; at most {capacity} fit.") { Field = "reader.repeat" }
            : capacity;
    }

    /// <summary>Reads.</summary>
    /// <param name="vectors">Shape [count, vector width], no more than <see cref="Capacity"/>.</param>
    /// <param name="options">The prompt, its limits, what is asked beside the words.</param>
    /// <param name="seed">Of all that is drawn or shuffled.</param>
    /// <param name="room">Rows that the reader's sequences may take together.</param>
    /// <param name="cancellation">Stops within a token.</param>
    public CloseReading Read(
        ReadOnlySpan<float> vectors, ReadOptions options, ulong seed, int room, CancellationToken cancellation)
    {
        Begin(vectors, options, cancellation);
        int[] words = _timeline.TakeLikeliest(options.MaxTokens, cancellation);
        List<(int[] First, int Count)> groups = Draw(options, seed, room, cancellation);
        CloseReading reading = new(Text(words), words)
        {
            Readings = options.Readings == 0 ? null
                : [.. groups.Select(group => new ReadingGroup(Text(group.First), group.Count, Share(group.Count), null))],
        };
        if (!options.Faithfulness && !options.Controls)
        {
            return reading;
        }

        Faithfulness?[] measured = Measure([words, .. groups.Select(group => group.First)], vectors, options, cancellation);
        return reading with
        {
            Faithfulness = measured[0],
            Readings = reading.Readings is { } all
                ? [.. all.Select((group, i) => group with { Faithfulness = measured[i + 1] })]
                : null,
            Controls = options.Controls ? ReadControls(words, vectors, options, seed, cancellation) : null,
        };

        double Share(int count) => (double)count / options.Readings;
    }

    private string Text(int[] words) => tokenizer.Decode(words).Trim();

    /// <summary>Draws readings and puts those together that say the same; the most frequent first.</summary>
    private List<(int[] First, int Count)> Draw(ReadOptions options, ulong seed, int room, CancellationToken cancellation)
    {
        int atOnce = Math.Clamp(
            (room - decoder.Position(sequence)) / options.MaxTokens, 1, ReaderTimeline.Branches); // they share the prompt
        return
        [
            .. _timeline.Draw(options.Readings, atOnce, options.MaxTokens, options.Draw, seed, cancellation)
                .GroupBy(words => SameWords.Normalise(Text(words)))
                .Select(alike => (alike.First(), alike.Count()))
                .OrderByDescending(group => group.Item2), // stable: ties in the order they were first drawn
        ];
    }

    /// <summary>How far each of several readings follows from the vectors that the timeline stands at; null for one
    /// without words. Leaves the timeline at their baseline.</summary>
    private Faithfulness?[] Measure(
        int[][] readings, ReadOnlySpan<float> vectors, ReadOptions options, CancellationToken cancellation)
    {
        double[][] with = Score(readings);
        (string name, float[] baseline) = Baseline(vectors);
        Begin(baseline, options, cancellation);
        double[][] without = Score(readings);
        return [.. readings.Select((words, i) => words.Length == 0 ? null : Faithfulness.Of(
            name, [.. words.Select(id => (id, tokenizer.Text(id)))], with[i], without[i]))];

        double[][] Score(int[][] readings) => [.. readings.Select(words => _timeline.Score(words, cancellation))];
    }

    private List<ControlReading> ReadControls(
        int[] words, ReadOnlySpan<float> vectors, ReadOptions options, ulong seed, CancellationToken cancellation)
    {
        List<(string Name, float[] Vectors)> controls =
        [
            ("mean", Baseline(vectors).Vectors), ("shuffled", ReadingVectors.Shuffle(vectors, Width, seed)),
        ];
        if (options.Other is { } other)
        {
            controls.Add(("other", ReadingVectors.Take(other.Vectors.Span, vectors.Length)));
        }

        List<ControlReading> readings = [];
        foreach ((string name, float[] control) in controls)
        {
            Begin(control, options, cancellation);
            double probability = Math.Exp(_timeline.Score(words, cancellation).Sum());
            int[] own = _timeline.TakeLikeliest(options.MaxTokens, cancellation);
            readings.Add(new ControlReading(name, probability, Text(own), Measure([own], control, options, cancellation)[0]));
        }

        return readings;
    }

    /// <summary>What stands in the vectors' place: their mean, or where that is what they are, the mean of all
    /// rows.</summary>
    private (string Name, float[] Vectors) Baseline(ReadOnlySpan<float> vectors) => ReadingVectors.AreAlike(vectors, Width)
        ? ("meanRow", ReadingVectors.Take(embeddings.MeanRow(tokenizer.NeverMixed), vectors.Length))
        : ("mean", ReadingVectors.Mean(vectors, Width));

    private void Begin(ReadOnlySpan<float> vectors, ReadOptions options, CancellationToken cancellation)
    {
        (int[] before, int[] after) = Frame(options);
        _timeline.Begin(before, ReadingVectors.Repeat(vectors, Width, options.Repeat), after, cancellation);
    }

    private (int[] Before, int[] After) Frame(ReadOptions options)
    {
        if (ReadTemplate.Find(options.Prompt) is { } template && template.Markers.Any(marker => tokenizer.FindMarker(marker) < 0))
        {
            throw new ConceptInputException(
                $"The reading prompt '{template.Name}' needs the tokens {string.Join(" and ", template.Markers)}, which this model " +
                $"does not have; use another of {ReadTemplate.Names}, or a text with the model's own markers and " +
                $"{ReadOptions.VectorsSlot}.")
            {
                Field = "reader.prompt",
            };
        }

        string[] parts = options.Text.Split(ReadOptions.VectorsSlot);
        return (
            tokenizer.EncodePrompt(parts[0], markers: true),
            parts[1].Length == 0 ? [] : tokenizer.EncodeContinuation(parts[1], markers: true));
    }
}
