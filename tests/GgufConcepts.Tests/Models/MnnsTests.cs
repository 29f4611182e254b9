using System.Numerics.Tensors;
using System.Text.Json;
using GgufConcepts.Decoding;
using GgufConcepts.Models;
using GgufConcepts.Testing;
using GgufConcepts.Tests.Stores;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tests.Models;

/// <summary>The models that choose signs: the runtime says what their trainer said, and thinks as well as it
/// did.</summary>
public sealed class MnnsTests(LoadedModels models)
{
    private const int Steps = 4; // one a digit

    /// <summary>All models of the task.</summary>
    public static TheoryData<string> Names { get; } = [.. CatalogTests.MadeBy("training/mnns.py")];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Names))]
    public void Logits_OfTokensAndMixtures_EqualPyTorch(string name) =>
        RecipeFigures.AssertLogits(models.Committed(name), Description(name));

    [Theory, MemberData(nameof(Names))]
    public void Answers_OfHeldOutSequences_EqualTheTrainers(string name)
    {
        JsonElement sample = Description(name).GetProperty("sample");
        string[] prompts = sample.GetProperty("prompts").Deserialize<string[]>()!;
        foreach (string rule in (string[])["full", "argmax"])
        {
            int[] expected = sample.GetProperty(rule).Deserialize<int[]>()!;
            int[] answers = Answer(models.Committed(name), prompts, mixes: rule == "full");
            int same = answers.Zip(expected).Count(pair => pair.First == pair.Second);
            Assert.InRange(same, answers.Length - 1, answers.Length); // one may be a tie
        }
    }

    [Fact]
    public void Answers_FullMixtureFedBack_AreRight()
    {
        JsonElement sample = Description("mnns-continuous").GetProperty("sample");
        string[] prompts = sample.GetProperty("prompts").Deserialize<string[]>()!;
        int[] truth = sample.GetProperty("truth").Deserialize<int[]>()!;
        Assert.InRange(ShareRight(mixes: true), 0.95, 1);
        Assert.InRange(ShareRight(mixes: false), 0, 0.8); // the search is in the mixture, not in its likeliest token

        double ShareRight(bool mixes) => Answer(models.Committed("mnns-continuous"), prompts, mixes)
            .Zip(truth).Average(pair => pair.First == pair.Second ? 1.0 : 0);
    }

    /// <summary>Entropy of the first steps: two equal halves, then four quarters.</summary>
    [Fact]
    public void Entropy_OfSuperposedSums_IsThatOfTheSearch()
    {
        ConceptModel model = models.Committed("mnns-continuous");
        using ConceptSession session = model.CreateSession();
        session.Decoder.Feed(0, model.Tokenizer.EncodePrompt("<BOS> D2 D1 D4 D5"), Outputs.Logits, Token);
        Assert.Equal(Math.Log(2), Entropy(), 0.1);
        FeedMixture(session);
        Assert.Equal(2 * Math.Log(2), Entropy(), 0.2);

        double Entropy() => Softmax(session.Decoder.Logits()).Sum(p => p > 0 ? -p * Math.Log(p) : 0);
    }

    [Theory]
    [InlineData("<BOS> D3 D1 D4 D2", new[] { "<BOS>", "D3", "D1", "D4", "D2" })]
    [InlineData("<BOS>D3D1 D4  D2\n->", new[] { "<BOS>", "D3", "D1", "D4", "D2", "->" })]
    [InlineData("S-36 S-3 S36 S3 - + -> <EOS>", new[] { "S-36", "S-3", "S36", "S3", "-", "+", "->", "<EOS>" })]
    public void EncodePrompt_Words_AreWholeTokens(string text, string[] expected)
    {
        Tokenizer tokenizer = models.Committed("mnns-continuous").Tokenizer;
        Assert.Equal(expected, tokenizer.EncodePrompt(text).Select(tokenizer.Text));
        Assert.Equal(89, tokenizer.Count);
    }

    private static JsonElement Description(string name) => RecipeFigures.Read(CommittedModels.Path($"{name}.json"));

    /// <summary>Thinks about each prompt, feeding back the whole distribution or its likeliest token, and
    /// answers.</summary>
    private static int[] Answer(ConceptModel model, string[] prompts, bool mixes)
    {
        using ConceptSession session = model.CreateSession();
        int[] answers = new int[prompts.Length];
        int zero = model.Tokenizer.FindMarker("S0");
        for (int i = 0; i < prompts.Length; i++)
        {
            session.Decoder.TryRewind(0, 0);
            session.Decoder.Feed(0, model.Tokenizer.EncodePrompt(prompts[i]), Outputs.Logits, Token);
            for (int step = 1; step < Steps; step++)
            {
                if (mixes)
                {
                    FeedMixture(session);
                }
                else
                {
                    session.Decoder.Feed(0, [TensorPrimitives.IndexOfMax(session.Decoder.Logits())], Outputs.Logits, Token);
                }
            }

            answers[i] = TensorPrimitives.IndexOfMax(session.Decoder.Logits()) - zero;
        }

        return answers;
    }

    private static void FeedMixture(ConceptSession session)
    {
        double[] shares = Softmax(session.Decoder.Logits());
        float[] vector = new float[session.Embeddings.Width];
        float[] row = new float[vector.Length];
        for (int id = 0; id < shares.Length; id++)
        {
            session.Embeddings.Row(id, row);
            TensorPrimitives.MultiplyAdd(row, (float)shares[id], vector, vector);
        }

        session.Decoder.Feed(0, vector, Outputs.Logits, Token);
    }

    private static double[] Softmax(ReadOnlySpan<float> logits)
    {
        double[] shares = new double[logits.Length];
        TensorPrimitives.ConvertTruncating(logits, shares);
        TensorPrimitives.Subtract(shares, TensorPrimitives.Max<double>(shares), shares);
        TensorPrimitives.Exp(shares, shares);
        TensorPrimitives.Divide(shares, TensorPrimitives.Sum<double>(shares), shares);
        return shares;
    }
}
