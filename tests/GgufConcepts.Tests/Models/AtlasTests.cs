using System.Text.Json;
using GgufConcepts.Decoding;
using GgufConcepts.Gguf;
using GgufConcepts.Models;
using GgufConcepts.Testing;
using GgufConcepts.Tests.Thinking;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Tests.Models;

/// <summary>The language model of the demo, held to the grammar it was trained on: what truly comes next is known.</summary>
public sealed class AtlasTests(LoadedModels models)
{
    private const string Name = "atlas";
    private const double FranceBound = 0.05;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ConceptModel Atlas => models.Committed(Name);

    [Fact]
    public void Logits_OfTokensAndMixtures_EqualPyTorch()
    {
        JsonElement description = RecipeFigures.Read(CommittedModels.Path($"{Name}.json"));
        double[] differences = RecipeFigures.Differences(Atlas, description, "logits");

        // Weights are stored as F16, and for those llama.cpp rounds activations to half floats too.
        Assert.InRange(differences[^1], 0, 0.05);
    }

    [Fact]
    public void Tokenizer_OfTheRuntime_CutsAsTheRecipeDid()
    {
        JsonElement description = RecipeFigures.Read(CommittedModels.Path($"{Name}.json"));
        foreach (JsonElement check in description.GetProperty("tokenizer").EnumerateArray())
        {
            Assert.Equal(
                check.GetProperty("ids").Deserialize<int[]>(),
                Atlas.Tokenizer.EncodePrompt(check.GetProperty("text").GetString()!, markers: true));
        }
    }

    [Fact]
    public void Next_InKnownContexts_IsCloseToTheTruth()
    {
        Dictionary<string, JsonElement[][]> truth = JsonSerializer.Deserialize<Dictionary<string, JsonElement[][]>>(
            File.ReadAllText(CommittedModels.Path("tasks/atlas-truth.json")))!;
        Assert.InRange(truth.Count, 200, 1000);
        using ConceptSession session = Atlas.CreateSession();

        double[] variations = [.. truth.Select(context => Variation(session, context.Key, context.Value))];

        Assert.InRange(variations.Average(), 0, 0.05); // total variation distance
    }

    [Fact]
    public void Think_TheCapitalOfFranceIs_HesitatesAsTheGrammarDoes()
    {
        Trace trace = Runs.Think(Atlas, "The capital of France is", new ThinkOptions());
        Dictionary<string, float> shares = trace.Steps[0].Tokens.ToDictionary(token => token.Text, token => token.Probability);

        Assert.Equal(0.5, shares[" Paris"], FranceBound);
        Assert.Equal(0.25, shares[" located"], FranceBound);
        Assert.Equal(0.25, shares[" a"], FranceBound);
        Assert.NotEmpty(trace.Chunks[0].Translation);
    }

    [Fact]
    public void Nearest_KingManWoman_IsQueen()
    {
        (IReadOnlyList<WordVector> words, float[] sum) = WordVectors.Sum(Atlas, ["king - man + woman"], mean: false);
        int[] given = [.. words.SelectMany(word => word.Tokens)];

        NearToken nearest = NearestTokens.Find(
            Atlas.Embeddings, sum, 1, 1, id => !given.Contains(id), Token)[0][0];

        Assert.Equal(" queen", Atlas.Tokenizer.Text(nearest.Id));
    }

    [Fact]
    public void Read_SumOfWords_SaysQueen()
    {
        using ConceptSession session = Atlas.CreateSession();
        float[] sum = WordVectors.Sum(Atlas, ["king - man + woman"], mean: false).Sum;

        Assert.Equal("queen", session.Read(session.Embeddings.Scaled(sum), cancellation: Token));
    }

    [Theory]
    [InlineData("the black cat eats bread")]
    [InlineData("the red bird sings")]
    public void Read_RowsOfASentence_RepeatsIt(string sentence)
    {
        using ConceptSession session = Atlas.CreateSession();
        float[] rows = session.Embeddings.Rows(Atlas.Tokenizer.EncodeContinuation(sentence));

        Assert.Equal(sentence, session.Read(rows, cancellation: Token));
    }

    [Theory]
    [InlineData("What is the capital of Egypt?", "The capital of Egypt is Cairo.")]
    [InlineData("What is the capital of Japan?", "The capital of Japan is Tokyo.")]
    public void Read_QuestionAsVectorsBetweenChatMarkers_IsAnswered(string question, string answer)
    {
        const string Chat = "<|im_start|>user\n{vectors}<|im_end|>\n<|im_start|>assistant\n"; // the markers become tokens
        using ConceptSession session = Atlas.CreateSession();
        float[] rows = session.Embeddings.Rows(Atlas.Tokenizer.EncodeContinuation(question));

        Assert.Equal(answer, session.Read(rows, new ReadOptions { Prompt = Chat }, Token));
    }

    private double Variation(ConceptSession session, string prompt, JsonElement[][] truth)
    {
        int[] tokens = Atlas.Tokenizer.EncodePrompt(prompt, markers: true);
        session.Decoder.TryRewind(0, 0);
        session.Decoder.Feed(0, tokens, Outputs.Logits, Token);
        double[] logits = [.. session.Decoder.Logits().ToArray().Select(logit => (double)logit)];
        double[] probabilities = Float64Llama.Softmax(logits);

        double distance = probabilities.Sum();
        foreach (JsonElement[] word in truth)
        {
            double expected = word[1].GetDouble();
            int[] ids = Atlas.Tokenizer.EncodeContinuation(word[0].GetString()!, markers: true);
            double found = probabilities[Assert.Single(ids)];
            distance += Math.Abs(expected - found) - found;
        }

        return distance / 2;
    }
}
