using GgufConcepts.Decoding;
using GgufConcepts.Models;
using GgufConcepts.Strategies;

namespace GgufConcepts.Thinking;

/// <summary>Puts vectors into words: a prompt of tokens with the vectors in its middle, continued token by
/// token.</summary>
internal sealed class Reader(IDecoder decoder, Tokenizer tokenizer, StrategyContext context)
{
    private readonly TokenRun _words = new(
        new Timeline(decoder, Sequences.Reader, Outputs.Logits), tokenizer, new TokenDecoding { Greedy = true }, context);

    /// <summary>The most vectors one reading has room for, leaving as many tokens as it may write.</summary>
    public int Capacity(ReadOptions options)
    {
        (int[] before, int[] after) = Frame(options);
        int capacity = decoder.Info.ContextLength - before.Length - after.Length - options.MaxTokens;
        return capacity > 0
            ? capacity
            : throw new ConceptInputException(
                $"A reading of {options.MaxTokens} tokens and its prompt of {before.Length + after.Length} leave no room for " +
                $"vectors: the context holds {decoder.Info.ContextLength}. Use a shorter reading, a larger context, or --no-read.");
    }

    /// <summary>Reads.</summary>
    /// <param name="vectors">Shape [count, vector width].</param>
    /// <param name="options">The prompt and its limits.</param>
    /// <param name="cancellation">Stops within a token.</param>
    /// <returns>The tokens of the reading, without the line break or marker that ended it.</returns>
    public int[] Read(ReadOnlySpan<float> vectors, ReadOptions options, CancellationToken cancellation)
    {
        (int[] before, int[] after) = Frame(options);
        decoder.TryRewind(Sequences.Reader, 0);
        if (before.Length > 0)
        {
            decoder.Feed(Sequences.Reader, before, Outputs.None, cancellation);
        }

        decoder.Feed(Sequences.Reader, vectors, after.Length > 0 ? Outputs.None : Outputs.Logits, cancellation);
        if (after.Length > 0)
        {
            decoder.Feed(Sequences.Reader, after, Outputs.Logits, cancellation);
        }

        List<int> reading = [];
        while (reading.Count < options.MaxTokens && _words.TryChoose() && !EndsLine(_words.Next.Token, reading.Count == 0))
        {
            reading.Add(_words.Next.Token);
            if (reading.Count == options.MaxTokens || !_words.HasRoom)
            {
                break;
            }

            _words.Feed(cancellation);
        }

        return [.. reading];
    }

    /// <summary>A reading as text.</summary>
    public string Words(int[] reading) => tokenizer.Decode(reading).Trim();

    private (int[] Before, int[] After) Frame(ReadOptions options)
    {
        string[] parts = options.Prompt.Split(ReadOptions.VectorsSlot);
        return (
            tokenizer.EncodePrompt(parts[0], markers: true),
            parts[1].Length == 0 ? [] : tokenizer.EncodeContinuation(parts[1], markers: true));
    }

    private bool EndsLine(int token, bool first) => !first && tokenizer.Text(token).Contains('\n');
}
