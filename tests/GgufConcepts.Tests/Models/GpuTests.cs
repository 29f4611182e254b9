using GgufConcepts.Evaluation;
using GgufConcepts.Models;
using GgufConcepts.Native;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tests.Models;

/// <summary>The models that travel along, all layers on a graphics card, beside the processor. Vulkan's software device
/// will do: <c>build.sh test</c> runs this suite on it where it is installed.</summary>
[Trait("Suite", "Gpu")]
public sealed class GpuTests(LoadedModels models)
{
    private const double Near = 0.01; // of a probability: halves in other orders

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("atlas")]
    [InlineData("atlas-gpt2")]
    [InlineData("atlas-q4_0")]
    [InlineData("mnns-continuous")]
    public async Task Parity_AllLayersOffloaded_Holds(string name)
    {
        using ConceptModel model = await OffloadAsync(name, ModelOptions.AllLayers);

        Assert.Equal(model.Info.LayerCount + 1, model.Gpu!.Layers);
        Assert.Equal(ParityVerdict.Exact, model.Parity.Verdict);
    }

    [Theory]
    [InlineData(ModelOptions.AllLayers)]
    [InlineData(2)]
    public async Task Think_OnACard_IsThinkOnTheProcessor(int layers)
    {
        ThinkOptions options = new() { Strategy = new SoftThinking(), MaxSteps = 3, Reader = null };
        using ConceptModel model = await OffloadAsync("atlas", layers);
        ConceptStep[] expected = await StepsAsync(models.Committed("atlas"), options), found = await StepsAsync(model, options);

        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Zip(found), pair =>
        {
            Assert.Equal(pair.First.Entropy, pair.Second.Entropy, 0.05);
            Assert.Equal(pair.First.Tokens[0].Id, pair.Second.Tokens[0].Id);
            Assert.Equal(pair.First.Tokens[0].Probability, pair.Second.Tokens[0].Probability, Near);
        });
    }

    [Fact]
    public async Task Mnns_OnACard_AnswersAsOnTheProcessor()
    {
        EvalOptions options = new() { Limit = 40 };
        using ConceptModel model = await OffloadAsync("mnns-continuous", ModelOptions.AllLayers);

        EvalRow[] expected = [.. new MnnsTask().Run(models.Committed("mnns-continuous"), options, null, Token)];
        EvalRow[] found = [.. new MnnsTask().Run(model, options, null, Token)];

        Assert.Equal(expected.Select(row => row.Strategy), found.Select(row => row.Strategy));
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First.Value, pair.Second.Value, 2.5 / 40)); // two ties
    }

    [Fact]
    public async Task Load_Automatically_PutsASmallModelOnTheCardAndSaysWhy()
    {
        using ConceptModel model = await OffloadAsync("atlas", layers: null);

        Assert.Equal(model.Gpu!.AllLayers, model.Gpu.Layers);
        Assert.Contains("all fit", model.Gpu.ToString(), StringComparison.Ordinal);
    }

    private static async Task<ConceptModel> OffloadAsync(string name, int? layers)
    {
        Assert.SkipUnless(
            LlamaLibrary.Devices().Any(device => device.Kind is ComputeDeviceKind.Gpu or ComputeDeviceKind.Igpu),
            "There is no graphics card, nor Vulkan's software device (Debian: mesa-vulkan-drivers).");
        return await ConceptModel.LoadAsync(
            CommittedModels.Path($"{name}.gguf"), new ModelOptions { GpuLayers = layers, Threads = 1 }, cancellation: Token);
    }

    private static async Task<ConceptStep[]> StepsAsync(ConceptModel model, ThinkOptions options) =>
        [.. await model.ThinkAsync("The capital of France is", options, Token).OfType<ConceptStep>().ToArrayAsync(Token)];
}
