using System.Text.Json;
using GgufConcepts.Gguf;
using GgufConcepts.Models;
using GgufConcepts.Native;
using GgufConcepts.Reading;
using GgufConcepts.Testing;
using GgufConcepts.Tests.Thinking;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Tests.Models;

/// <summary>The language model of the demo, held to the grammar it was trained on: what truly comes next is known.</summary>
public sealed class AtlasTests(LoadedModels models)
{
    private const double FranceBound = 0.05;

    /// <summary>The models of the two architectures.</summary>
    public static TheoryData<string> Names { get; } = ["atlas", "atlas-gpt2"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ConceptModel Atlas => models.Committed("atlas");

    [Theory, MemberData(nameof(Names))]
    public void Logits_OfTokensAndMixtures_EqualPyTorch(string name)
    {
        double[] differences = RecipeFigures.Differences(models.Committed(name), Description(name), "logits");

        // Weights are stored as F16, and for those llama.cpp rounds activations to half floats too.
        Assert.InRange(differences[^1], 0, 0.05);
    }

    /// <summary>The same numbers stored as F32: the recipe rounded its matrices to F16 before it wrote logits
    /// down.</summary>
    [Theory, MemberData(nameof(Names))]
    public async Task Logits_OfTheSameWeightsInF32_EqualPyTorchClosely(string name)
    {
        using TempFolder folder = new();
        JsonElement description = Description(name);
        SaveWeights(name, folder.File(description.GetProperty("weights").GetString()!));
        File.Copy(CommittedModels.Path($"{name}.json"), folder.File("f32.json"));
        RecipeConverter.Convert(folder.File("f32.json"), folder.File("f32.gguf"), GgmlType.F32, Token);
        ModelOptions options = new() { GpuLayers = 0, Threads = 1 };
        using ConceptModel model = await ConceptModel.LoadAsync(folder.File("f32.gguf"), options, cancellation: Token);

        // llama.cpp looks GELU up in a table of half-precision numbers; the recipe wrote down what that makes of it.
        string kind = description.GetProperty("check")[0].TryGetProperty("ggmlLogits", out _) ? "ggmlLogits" : "logits";
        Assert.InRange(RecipeFigures.Differences(model, description, kind)[^1], 0, 1e-3);
    }

    [Theory, MemberData(nameof(Names))]
    public void Tokenizer_OfTheRuntime_CutsAsTheRecipeDid(string name)
    {
        foreach (JsonElement check in Description(name).GetProperty("tokenizer").EnumerateArray())
        {
            Assert.Equal(
                check.GetProperty("ids").Deserialize<int[]>(),
                models.Committed(name).Tokenizer.EncodePrompt(check.GetProperty("text").GetString()!, markers: true));
        }
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

    private static JsonElement Description(string name) => RecipeFigures.Read(CommittedModels.Path($"{name}.json"));

    /// <summary>A model's numbers as its recipe left them: safetensors under the names of the description.</summary>
    private static void SaveWeights(string name, string path)
    {
        using GgufModelFile file = GgufModelFile.Open(CommittedModels.Path($"{name}.gguf"));
        File.WriteAllBytes(path, RawSafetensors.Of([.. Description(name).GetProperty("tensors").EnumerateArray().Select(entry =>
        {
            GgufTensor tensor = file.Find(entry.GetProperty("name").GetString()!)!;
            float[] values = new float[tensor.ElementCount];
            for (int row = 0; row < tensor.RowCount; row++)
            {
                tensor.CopyRow(row, values.AsSpan(row * (int)tensor.Width, (int)tensor.Width));
            }

            return (entry.GetProperty("source").GetString()!, tensor.Dimensions.Reverse().ToArray(), values);
        })]));
    }
}
