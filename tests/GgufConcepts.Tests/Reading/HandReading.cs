using GgufConcepts.Decoding;
using GgufConcepts.Models;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tests.Reading;

/// <summary>What a model thinks of the words of a reading, found out by hand: one row a decode, softmax in
/// double.</summary>
internal static class HandReading
{
    /// <summary>The probability of every token of a reading, given a prompt with vectors in its middle.</summary>
    public static double[] Probabilities(ConceptModel model, string prompt, float[] vectors, IEnumerable<int> words)
    {
        using ConceptSession session = model.CreateSession();
        IDecoder decoder = session.Decoder;
        string[] frame = prompt.Split("{vectors}");
        foreach (int id in model.Tokenizer.EncodePrompt(frame[0], markers: true))
        {
            decoder.Feed(0, [id], Outputs.None);
        }

        foreach (float[] vector in vectors.Chunk(decoder.Info.VectorWidth))
        {
            decoder.Feed(0, vector, Outputs.Logits);
        }

        foreach (int id in frame[1].Length == 0 ? [] : model.Tokenizer.EncodeContinuation(frame[1], markers: true))
        {
            decoder.Feed(0, [id], Outputs.Logits);
        }

        List<double> probabilities = [];
        foreach (int word in words)
        {
            probabilities.Add(Softmax(decoder.Logits())[word]);
            decoder.Feed(0, [word], Outputs.Logits);
        }

        return [.. probabilities];
    }

    public static double[] Softmax(ReadOnlySpan<float> logits)
    {
        double[] weights = [.. logits.ToArray().Select(logit => (double)logit)];
        double largest = weights.Max();
        double sum = weights.Sum(logit => Math.Exp(logit - largest));
        return [.. weights.Select(logit => Math.Exp(logit - largest) / sum)];
    }

    /// <summary>As many vectors, each the mean of all.</summary>
    public static float[] Mean(float[] vectors, int width)
    {
        float[][] rows = [.. vectors.Chunk(width)];
        float[] mean = [.. Enumerable.Range(0, width).Select(i => (float)rows.Average(row => (double)row[i]))];
        return [.. rows.SelectMany(_ => mean)];
    }

    /// <summary>The mean of the input vectors of all tokens that are text.</summary>
    public static float[] MeanRow(ConceptModel model, ConceptSession session)
    {
        int[] ids = [.. Enumerable.Range(0, model.Tokenizer.Count).Where(
            id => !model.Tokenizer.IsControl(id) && !model.Tokenizer.IsEndOfText(id))];
        float[][] rows = [.. ids.Select(id => session.Embeddings.Rows([id]))];
        return [.. Enumerable.Range(0, session.Embeddings.Width).Select(i => (float)rows.Average(row => (double)row[i]))];
    }
}
