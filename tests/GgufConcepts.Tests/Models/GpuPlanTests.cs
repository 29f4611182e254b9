using GgufConcepts.Gguf;
using GgufConcepts.Models;
using GgufConcepts.Native;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Models;

/// <summary>How many layers go to a card, without a card.</summary>
public sealed class GpuPlanTests
{
    private const long Gib = 1L << 30;

    private static readonly ComputeDevice s_cpu = new("CPU", "a processor", ComputeDeviceKind.Cpu, 16 * Gib, 16 * Gib);
    private static readonly GpuFootprint s_model = new([.. Enumerable.Repeat(Gib / 4, 8), Gib / 2], Gib / 8, Gib / 8); // 8 blocks and an output

    // Output .5; a block .25 and .125 of cache; .25 kept back and .125 for a decode on every card.
    [Theory]
    [InlineData(16, 9)]
    [InlineData(4, 9)]    // .5 + 8 x .375 = 3.5 in 3.625
    [InlineData(3.8, 8)]  // 3.125 in 3.425
    [InlineData(1.25, 2)] // .875 in .875
    [InlineData(1.2, 1)]
    [InlineData(0.8, 0)]
    [InlineData(0, 0)]
    public void Fit_FreeMemory_TakesAsManyLayersAsItHolds(double free, int layers)
    {
        GpuPlan plan = Make(new ModelOptions(), Card("CUDA0", free))!;

        Assert.Equal((layers, 9), (plan.Layers, plan.AllLayers));
        Assert.Contains($"{layers} of 9 layers on CUDA0: ", plan.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_TwoCards_AddUpUnlessNothingIsSplit()
    {
        ComputeDevice[] cards = [Card("CUDA0", 2.2), Card("CUDA1", 2.2)];

        Assert.Equal(9, Make(new ModelOptions(), cards)!.Layers);
        GpuPlan one = Make(new ModelOptions { SplitMode = LlamaSplitMode.None }, cards)!;
        Assert.Equal((4, "CUDA0"), (one.Layers, Assert.Single(one.Devices).Name));
        Assert.Equal("CUDA1", Assert.Single(Make(new ModelOptions { Devices = ["cuda1"] }, cards)!.Devices).Name);
    }

    [Fact]
    public void Make_ACardOfItsOwnAndASharedOne_TakesTheFirst() => Assert.Equal("CUDA0", Assert.Single(Make(
        new ModelOptions(), Card("Vulkan0", 8, ComputeDeviceKind.Igpu), Card("CUDA0", 8))!.Devices).Name);

    [Fact]
    public void Make_AskedLayers_AreTakenAsAsked()
    {
        Assert.Equal(9, Make(new ModelOptions { GpuLayers = ModelOptions.AllLayers }, Card("CUDA0", 0.1))!.Layers);
        Assert.Equal(3, Make(new ModelOptions { GpuLayers = 3 }, Card("CUDA0", 0.1))!.Layers);
    }

    [Fact]
    public void Make_NoCardOrNoneWanted_IsNoPlan()
    {
        Assert.Null(Make(new ModelOptions()));
        Assert.Null(Make(new ModelOptions { GpuLayers = 0 }, Card("CUDA0", 8)));
    }

    [Fact]
    public void Make_WhatIsNotThere_IsRefused()
    {
        Assert.Throws<ConceptInputException>(() => Make(new ModelOptions { GpuLayers = 1 }));
        Assert.Throws<ConceptInputException>(() => Make(new ModelOptions { Devices = ["CUDA0"] }));
        Assert.Contains(
            "there are CUDA0",
            Assert.Throws<ConceptInputException>(() => Make(new ModelOptions { Devices = ["CUDA7"] }, Card("CUDA0", 8))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Next_StepByStep_EndsAtTheProcessor()
    {
        GpuPlan? plan = Make(new ModelOptions(), Card("CUDA0", 16));
        List<int> layers = [];
        for (; plan is not null; plan = plan.Next("out of memory"))
        {
            layers.Add(plan.Layers);
        }

        Assert.Equal([9, 8, 7, 6, 5, 4, 3, 2, 1, 0], layers);
    }

    [Fact]
    public void Footprint_OfAtlas_IsItsTensorsAndCache()
    {
        using GgufModelFile file = GgufModelFile.Open(CommittedModels.Path("atlas.gguf"));

        GpuFootprint footprint = GpuFootprint.Of(file, context: 256);

        Assert.Equal(5, footprint.LayerBytes.Count);
        Assert.Equal(file.Tensors.Sum(tensor => tensor.ByteLength), footprint.LayerBytes.Sum()); // tied: the output is a copy of the table
        Assert.Equal(2 * 256 * 2 * (32 + 32) * 2, footprint.CacheBytes); // sequences, positions, heads of keys, widths, bytes
        Assert.Equal(footprint.LayerBytes[4], footprint.BytesOf(1));
        Assert.Equal(footprint.LayerBytes[3] + footprint.LayerBytes[4] + footprint.CacheBytes, footprint.BytesOf(2));
    }

    [Fact]
    public void Footprint_OfAModelOfFloats_KeepsKeysAsFloats()
    {
        using GgufModelFile file = GgufModelFile.Open(TinyModels.Path(TinyArchitecture.Qwen2));

        Assert.Equal(2 * 100 * 2 * (16 + 16) * 4, GpuFootprint.Of(file, context: 100).CacheBytes);
    }

    private static GpuPlan? Make(ModelOptions options, params ComputeDevice[] cards) => GpuPlan.Make(s_model, options, [.. cards, s_cpu]);

    private static ComputeDevice Card(string name, double free, ComputeDeviceKind kind = ComputeDeviceKind.Gpu) =>
        new(name, "a card", kind, (long)(free * Gib), 16 * Gib);
}
