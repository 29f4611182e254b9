using GgufConcepts.Decoding;
using GgufConcepts.Gguf;
using GgufConcepts.Mixing;

namespace GgufConcepts.Models;

/// <summary>Feeds a few tokens as ids and as rows and compares the logits; a table of architectures would go
/// stale.</summary>
internal static class ParityProbe
{
    private const int Tokens = 5;
    private const double CloseFraction = 1e-3;
    private const float MostScale = 1e6f; // rows stay finite

    /// <summary>The decoder a probe needs; a model of fewer positions is probed on those.</summary>
    public static DecoderOptions DecoderOptions(int trainedContext) =>
        new() { ContextLength = Math.Min(Tokens, trainedContext), BatchSize = Tokens };

    /// <param name="decoder">An empty one.</param>
    /// <param name="tokenizer">Its vocabulary.</param>
    /// <param name="table">The rows of its tokens.</param>
    /// <param name="declaredScale">What the file says that embeddings are multiplied with (<c>embedding_scale</c>); 0
    /// where it says nothing.</param>
    /// <exception cref="NonFiniteLogitsException">Plain tokens yield NaN or +infinity.</exception>
    public static Parity Run(IDecoder decoder, Tokenizer tokenizer, EmbeddingTable table, float declaredScale = 0)
    {
        if (!decoder.Info.TakesVectors)
        {
            return new Parity(ParityVerdict.Refused, InputScale: 1, LargestDifference: 0, LogitSpread: 0);
        }

        int[] tokens = PickTokens(tokenizer, Math.Min(Tokens, decoder.Info.ContextLength));
        decoder.Feed(0, tokens, Outputs.Logits | Outputs.EveryRow);
        float[] expected = ReadLogits(decoder);
        if (expected.Any(logit => float.IsNaN(logit) || float.IsPositiveInfinity(logit)))
        {
            throw new NonFiniteLogitsException("The logits of plain tokens hold NaN or +infinity");
        }

        // Gemma 3 and 4 scale token rows by the root of the width, and only those; Granite's vision models by what their
        // files say. The other Granites say it too, and scale vectors alike.
        List<float> scales = [1f, MathF.Sqrt(table.Width)];
        if (declaredScale is > 0 and < MostScale) // false for NaN
        {
            scales.Add(declaredScale);
        }

        Parity? best = null;
        foreach (float scale in scales)
        {
            Parity found = Compare(scale);
            if (found.Holds)
            {
                return found;
            }

            if (best is null || double.IsNaN(best.LargestDifference) || found.LargestDifference < best.LargestDifference / 2) // less would be chance
            {
                best = found;
            }
        }

        return best!;

        Parity Compare(float scale)
        {
            float[] rows = new InputEmbeddings(table, scale).Rows(tokens);
            decoder.TryRewind(0, 0);
            decoder.Feed(0, rows, Outputs.Logits | Outputs.EveryRow);
            return Judge(scale, expected, ReadLogits(decoder));
        }
    }

    private static Parity Judge(float scale, float[] expected, float[] found)
    {
        double largest = 0, sum = 0, squares = 0;
        int finite = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            if (expected[i] != found[i]) // two -infinities are no difference
            {
                largest = Math.Max(largest, Math.Abs((double)expected[i] - found[i])); // NaN stays NaN
            }

            if (float.IsFinite(expected[i]))
            {
                finite++;
                sum += expected[i];
                squares += (double)expected[i] * expected[i];
            }
        }

        double mean = sum / finite;
        double spread = Math.Sqrt(Math.Max(0, (squares / finite) - (mean * mean)));
        ParityVerdict verdict = largest == 0 ? ParityVerdict.Exact
            : largest <= CloseFraction * spread ? ParityVerdict.Close
            : ParityVerdict.Broken;
        return new Parity(verdict, scale, largest, spread);
    }

    /// <summary>A few ordinary tokens, spread over the vocabulary.</summary>
    private static int[] PickTokens(Tokenizer tokenizer, int count)
    {
        int[] tokens = new int[count];
        for (int i = 0; i < count; i++)
        {
            int id = (int)((long)tokenizer.Count * (i + 1) / (count + 1));
            while (id < tokenizer.Count - 1 && tokenizer.NeverMixed.Contains(id))
            {
                id++;
            }

            tokens[i] = id;
        }

        return tokens;
    }

    private static float[] ReadLogits(IDecoder decoder)
    {
        int size = decoder.Info.VocabularySize;
        float[] logits = new float[decoder.OutputCount * size];
        for (int row = 0; row < decoder.OutputCount; row++)
        {
            decoder.Logits(row).CopyTo(logits.AsSpan(row * size));
        }

        return logits;
    }
}
