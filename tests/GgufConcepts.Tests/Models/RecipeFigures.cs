using System.Text.Json;
using GgufConcepts.Decoding;
using GgufConcepts.Models;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tests.Models;

/// <summary>What a recipe wrote down about its model, held against the runtime. No PyTorch is needed.</summary>
internal static class RecipeFigures
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Reads a description.</summary>
    public static JsonElement Read(string path)
    {
        using JsonDocument description = JsonDocument.Parse(File.ReadAllText(path));
        return description.RootElement.Clone();
    }

    /// <summary>Feeds every input of <c>check</c> and holds the logits against PyTorch's.</summary>
    /// <remarks>
    /// llama.cpp looks GELU up in a table of half-precision numbers where it computes on a processor. The recipe wrote
    /// its logits twice: with GELU rounded in that way, and as it is. With the first the runtime agrees to 1e-5, except
    /// where the last bit of a sum decides which of two halves is looked up; then it is off by about what GELU itself
    /// is.
    /// </remarks>
    public static void AssertLogits(ConceptModel model, JsonElement description)
    {
        double[] rounded = Differences(model, description, "ggmlLogits");
        double[] exact = Differences(model, description, "logits");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{model.Info.Name}: {rounded[0]:g2} to {rounded[^1]:g2}; exact GELU {exact[0]:g2} to {exact[^1]:g2}");
        Assert.InRange(rounded[rounded.Length / 2], 0, 1e-3);
        Assert.InRange(rounded[^1], 0, 1e-2);
        Assert.InRange(exact[^1], 0, 2e-2);
    }

    /// <summary>The largest difference of a logit in each input, in ascending order.</summary>
    public static double[] Differences(ConceptModel model, JsonElement description, string kind)
    {
        using ConceptSession session = model.CreateSession();
        List<double> differences = [];
        foreach (JsonElement check in description.GetProperty("check").EnumerateArray())
        {
            session.Decoder.TryRewind(0, 0);
            foreach (JsonElement row in check.GetProperty("rows").EnumerateArray())
            {
                Feed(session, row);
            }

            double[] expected = check.GetProperty(kind).Deserialize<double[]>()!;
            float[] logits = session.Decoder.Logits().ToArray();
            Assert.Equal(expected.Length, logits.Length);
            differences.Add(expected.Zip(logits).Max(pair => Math.Abs(pair.First - pair.Second)));
        }

        return [.. differences.Order()];
    }

    private static void Feed(ConceptSession session, JsonElement row)
    {
        if (row.TryGetProperty("token", out JsonElement token))
        {
            session.Decoder.Feed(0, [token.GetInt32()], Outputs.Logits, Token);
            return;
        }

        if (row.TryGetProperty("vector", out JsonElement hidden))
        {
            session.Decoder.Feed(0, hidden.Deserialize<float[]>()!, Outputs.Logits, Token);
            return;
        }

        int[] ids = row.GetProperty("ids").Deserialize<int[]>()!;
        float[] vector = new float[session.Embeddings.Width];
        session.Embeddings.Mix(ids, row.GetProperty("weights").Deserialize<float[]>()!, vector);
        session.Decoder.Feed(0, vector, Outputs.Logits, Token);
    }
}
