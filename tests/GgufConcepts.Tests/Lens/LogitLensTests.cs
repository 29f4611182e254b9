using GgufConcepts.Decoding;
using GgufConcepts.Lens;
using GgufConcepts.Models;
using GgufConcepts.Native;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tests.Lens;

public sealed class LogitLensTests(LoadedModels models)
{
    private const string France = "The capital of France is";
    private const double Bound = 1e-4;

    public static TheoryData<TinyArchitecture> Architectures => [.. TinyDesigns.Thinking];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Architectures))]
    public void Look_TinyModel_LastLayerIsTheRunsOwnDistribution(TinyArchitecture kind) =>
        AssertLastLayer(models.Tiny(kind), "The capital of France is Paris", Bound);

    [Theory]
    [InlineData("atlas", France)]
    [InlineData("atlas-gpt2", France)]
    [InlineData("atlas-q4_0", France)]
    [InlineData("mnns-continuous", "<BOS> D2 D1 D4 D5")]
    public void Look_CommittedModel_LastLayerIsTheRunsOwnDistribution(string name, string prompt) =>
        AssertLastLayer(models.Committed(name), prompt, Bound);

    [Fact]
    public void Look_Stories_LastLayerIsTheRunsOwnDistribution() =>
        AssertLastLayer(models.Stories(), "Once upon a time there was", Bound);

    [Theory]
    [InlineData(GgmlType.F16, Bound)]
    [InlineData(GgmlType.BF16, Bound)]
    [InlineData(GgmlType.Q8_0, Bound)]
    [InlineData(GgmlType.Q6_K, 0.05)] // llama.cpp rounds what it multiplies to 8 bits, 256 numbers at a time; we do not
    public void Look_StoredHead_LastLayerIsTheRunsOwnDistribution(GgmlType type, double bound) =>
        AssertLastLayer(models.Tiny(TinyArchitecture.Llama, new TinyOptions { EmbeddingType = type }), France, bound);

    [Fact]
    public void Look_CappedLogits_AreCapped()
    {
        TinyOptions capped = new() { Settings = new Dictionary<string, object?> { ["gemma3.final_logit_softcapping"] = 1.5f } };
        AssertLastLayer(models.Tiny(TinyArchitecture.Gemma3, capped), France, Bound);
    }

    [Fact]
    public void Look_Granite_DividesLogitsByTheirScale() =>
        AssertLastLayer(models.Tiny(TinyArchitecture.Llama, As("granite", 4f)), France, Bound);

    [Fact]
    public void Look_EndIsNotNormAndMatrixAlone_IsRefusedNamingTheDifference()
    {
        // Without the setting llama.cpp divides MiniCPM's logits by 256 / width, which the file does not say.
        ConceptModel model = models.Tiny(TinyArchitecture.Llama, As("minicpm", scale: null));
        using LogitLens lens = new(model);

        ConceptInputException refused = Assert.Throws<ConceptInputException>(
            () => lens.Look(France, new LensOptions { Strategies = [] }, cancellation: Token));

        Assert.Contains("is off the model's own distribution by", refused.Message, StringComparison.Ordinal);
        Assert.Contains("minicpm", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>The question the lens is for: in this model the answer comes nearer at every layer.</summary>
    [Theory]
    [InlineData("France", "Paris")]
    [InlineData("Spain", "Madrid")]
    [InlineData("Egypt", "Cairo")]
    [InlineData("Japan", "Tokyo")]
    [InlineData("Kenya", "Nairobi")]
    [InlineData("Peru", "Lima")]
    public void Look_AtlasIsAskedForACapital_ItsRankFallsLayerByLayer(string country, string capital)
    {
        LensLayer[] layers = LastOfPrompt(models.Committed("atlas"), $"The capital of {country} is", capital);
        int[] ranks = [.. layers.Select(layer => layer.Target!.Value.Rank)];

        Assert.Equal(ranks.OrderDescending(), ranks);
        Assert.Equal(ranks.Length, ranks.Distinct().Count());
        Assert.InRange(ranks[0], 100, models.Committed("atlas").Info.VocabularySize); // the input knows nothing of it
        Assert.InRange(ranks[1], 2, ranks[0]);
        Assert.Equal(1, ranks[^1]);
    }

    /// <summary>The other architecture learnt the same world and does it otherwise: the first layer is sure of the
    /// capital,
    /// the last one has become unsure again, as the grammar is.</summary>
    [Theory]
    [InlineData("France", "Paris")]
    [InlineData("Japan", "Tokyo")]
    [InlineData("Peru", "Lima")]
    public void Look_AtlasGpt2IsAskedForACapital_TheFirstLayerHasIt(string country, string capital)
    {
        LensLayer[] layers = LastOfPrompt(models.Committed("atlas-gpt2"), $"The capital of {country} is", capital);

        Assert.All(layers[1..], layer => Assert.Equal(1, layer.Target!.Value.Rank));
        Assert.InRange(layers[1].Target!.Value.Probability, 0.9, 1);
        Assert.InRange(layers[^1].Target!.Value.Probability, 0.4, 0.6);
        Assert.True(layers[^1].Entropy > layers[1].Entropy);
    }

    [Fact]
    public void Look_Input_IsNearestToItself()
    {
        LensReading reading = Look(
            models.Committed("atlas"), France, new LensOptions { Strategies = [], Positions = LensPositions.All });

        // The output matrix is the embedding matrix in this model.
        Assert.All(reading.Prompt, position => Assert.Equal(position.Token!.Value.Id, position.Layers[0].Tokens[0].Id));
    }

    [Theory]
    [InlineData(TinyArchitecture.Qwen2)]
    [InlineData(TinyArchitecture.Gemma3)] // scales token rows, and only those
    [InlineData(TinyArchitecture.Gpt2)]
    public void Look_MixtureOfOne_SeesWhatTheTokenShows(TinyArchitecture kind)
    {
        LensReading reading = Look(models.Tiny(kind), France, new LensOptions
        {
            Strategies = [new SoftThinking { Mix = new() { MaxTopK = 1 } }, new TokenDecoding { Greedy = true }],
            MaxSteps = 4,
        });

        LensPosition[] vectors = [.. reading.Runs[0].Positions];
        LensPosition[] tokens = [.. reading.Runs[1].Positions];
        Assert.Equal(4, vectors.Length);
        for (int i = 0; i < vectors.Length; i++)
        {
            Assert.Equal(tokens[i].Token, vectors[i].Token);
            Assert.Equal(tokens[i].Position, vectors[i].Position);
            foreach ((LensLayer vector, LensLayer token) in vectors[i].Layers.Zip(tokens[i].Layers))
            {
                Assert.Equal(token.Entropy, vector.Entropy, 1e-5);
                Assert.Equal(token.Tokens[0].Id, vector.Tokens[0].Id);
                Assert.Equal(token.Choice.Probability, vector.Choice.Probability, 1e-5);
            }
        }
    }

    [Fact]
    public void Look_TwoRuns_EachIsWhatItWouldBeAlone()
    {
        ConceptModel model = models.Committed("atlas");
        LensOptions both = new() { MaxSteps = 2 };
        LensReading together = Look(model, France, both);

        Assert.Equal(["soft", "token"], together.Runs.Select(run => run.Strategy));
        for (int i = 0; i < both.Strategies.Count; i++)
        {
            LensReading alone = Look(model, France, both with { Strategies = [both.Strategies[i]] });
            Assert.Equal(
                alone.Runs[0].Positions.SelectMany(position => position.Layers).Select(layer => layer.Entropy),
                together.Runs[i].Positions.SelectMany(position => position.Layers).Select(layer => layer.Entropy));
        }
    }

    /// <summary>The run seen through the lens is the run that a session makes.</summary>
    [Theory]
    [InlineData("soft")]
    [InlineData("hidden")]
    public void Look_Steps_AreThoseOfThink(string name)
    {
        ConceptModel model = models.Stories();
        IStrategy strategy = StrategyCatalog.Standard.Make(name);
        using ConceptSession session = model.CreateSession();
        ThinkOptions think = new()
        {
            Strategy = strategy, MaxSteps = 3, AnswerTokens = 0, Reader = null, ColdStop = new ColdStop { Entropy = 0 },
        };
        ConceptStep[] steps = [.. session.Think("Once upon a time", think, Token).OfType<ConceptStep>()];

        LensReading reading = Look(model, "Once upon a time", new LensOptions { Strategies = [strategy], MaxSteps = 3 });

        Assert.Equal(steps.Select(step => step.Position), reading.Runs[0].Positions.Select(position => position.Position));
        Assert.Equal(
            steps.Select(step => step.Tokens[0].Id), reading.Runs[0].Positions.Select(position => position.Mixture[0].Id));
        Assert.Equal(StopReason.MaxSteps, reading.Runs[0].Stop);
        Assert.All(reading.Runs[0].Positions, position => Assert.Equal(name == "hidden", position.Kind == InputKind.Hidden));
    }

    [Fact]
    public void Look_TextWouldEnd_RunEndsThere()
    {
        LensReading reading = Look(models.Committed("atlas"), "The capital of France is Paris.", new LensOptions { MaxSteps = 5 });

        Assert.All(reading.Runs, run => Assert.Equal(StopReason.EndOfText, run.Stop));
        Assert.All(reading.Runs, run => Assert.Empty(run.Positions));
        Assert.Single(reading.Prompt);
    }

    [Fact]
    public void Look_LongPrompt_EveryPositionIsThereOnce()
    {
        string prompt = string.Concat(Enumerable.Repeat(" cat dog", 25)); // several batches
        LensReading reading = Look(
            models.Tiny(TinyArchitecture.Qwen2), prompt, new LensOptions { Positions = LensPositions.Parse("0,14-18,49-50"), MaxSteps = 2 });

        Assert.Equal([0, 14, 15, 16, 17, 18, 49], reading.Prompt.Select(position => position.Position));
        Assert.All(reading.Runs, run => Assert.Equal([50], run.Positions.Select(position => position.Position)));
        Assert.Equal(prompt.Length / 4, reading.PromptTokens.Count);
    }

    [Theory]
    [InlineData("The prompt is empty", "", null, null, 3)]
    [InlineData("'xylophone' is ", France, "xylophone", null, 3)]
    [InlineData("There is no position 40", France, null, "3,40", 3)]
    [InlineData("The step limit is -1", France, null, null, -1)]
    [InlineData("The target is empty", France, " ", null, 3)]
    public void Look_WhatCannotBe_IsRefused(string reason, string prompt, string? target, string? positions, int steps)
    {
        LensOptions options = new()
        {
            Target = target,
            MaxSteps = steps,
            Positions = positions is null ? LensPositions.Last : LensPositions.Parse(positions),
        };

        ConceptInputException refused = Assert.Throws<ConceptInputException>(
            () => Look(models.Tiny(TinyArchitecture.Qwen2), prompt, options));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Look_PromptLongerThanTheContext_IsRefused() => Assert.Throws<ContextFullException>(() => Look(
        models.Tiny(TinyArchitecture.Qwen2), string.Concat(Enumerable.Repeat(" cat", 300)), new LensOptions()));

    [Fact]
    public void Look_Cancelled_Throws()
    {
        using LogitLens lens = new(models.Tiny(TinyArchitecture.Qwen2));
        Assert.ThrowsAny<OperationCanceledException>(
            () => lens.Look(France, cancellation: new CancellationToken(canceled: true)));
        Assert.NotEmpty(lens.Look(France, cancellation: Token).Prompt); // and works on
    }

    [Fact]
    public async Task Dispose_OfTheModelFirst_LeavesTheLensWorking()
    {
        ModelOptions options = new() { GpuLayers = 0, Threads = 1 };
        ConceptModel model = await ConceptModel.LoadAsync(TinyModels.Path(TinyArchitecture.Qwen2), options, cancellation: Token);
        LogitLens lens = new(model);
        _ = model.Parity; // probed while the model is open
        model.Dispose();

        Assert.Equal(3, lens.Look(France, cancellation: Token).Prompt[0].Layers.Count);
        lens.Dispose();
        Assert.Throws<ObjectDisposedException>(() => lens.Look(France, cancellation: Token));
    }

    /// <summary>Holds the last layer to logits of a decoder that captures no layers, fed in the same batches.</summary>
    private static void AssertLastLayer(ConceptModel model, string prompt, double bound)
    {
        LensReading reading = Look(model, prompt, new LensOptions { Positions = LensPositions.All, Strategies = [], Count = 256 });
        int[] tokens = [.. reading.PromptTokens];
        Assert.InRange(tokens.Length, 3, 16);
        Assert.Equal(Enumerable.Range(0, tokens.Length), reading.Prompt.Select(position => position.Position));
        using ConceptSession session = model.CreateSession();
        session.Decoder.Feed(0, tokens.AsSpan(..^1), Outputs.Logits | Outputs.EveryRow, Token);
        foreach (LensPosition position in reading.Prompt)
        {
            bool isLast = position.Position == tokens.Length - 1;
            if (isLast)
            {
                session.Decoder.Feed(0, tokens.AsSpan(^1..), Outputs.Logits, Token);
            }

            double[] own = Softmax(session.Decoder.Logits(isLast ? 0 : position.Position));
            LensLayer last = position.Layers[^1];
            Assert.Equal(Enumerable.Range(0, model.Info.LayerCount + 1), position.Layers.Select(layer => layer.Layer));
            Assert.Equal(Math.Min(256, own.Length), last.Tokens.Count);
            Assert.All(last.Tokens, token => Assert.Equal(own[token.Id], token.Probability, bound));
            Assert.Equal(-own.Where(p => p > 0).Sum(p => p * Math.Log(p)), last.Entropy, 10 * bound);
            Assert.Equal(own.Max(), own[position.Choice.Id]);
            Assert.Equal(own.Max(), last.Choice.Probability, bound);
        }

        Assert.InRange(reading.LargestDifference, 0, bound);
    }

    private static double[] Softmax(ReadOnlySpan<float> logits)
    {
        double[] e = [.. logits.ToArray().Select(logit => Math.Exp(logit))];
        double sum = e.Sum();
        return [.. e.Select(value => value / sum)];
    }

    private static LensLayer[] LastOfPrompt(ConceptModel model, string prompt, string target) =>
        [.. Assert.Single(Look(model, prompt, new LensOptions { Strategies = [], Target = target }).Prompt).Layers];

    private static LensReading Look(ConceptModel model, string prompt, LensOptions options)
    {
        using LogitLens lens = new(model);
        return lens.Look(prompt, options, cancellation: Token);
    }

    /// <summary>Llama's weights under the name of an architecture that does something to the logits.</summary>
    private static TinyOptions As(string architecture, float? scale) => new()
    {
        Settings = new Dictionary<string, object?>
        {
            ["general.architecture"] = architecture,
            [$"{architecture}.context_length"] = 256,
            [$"{architecture}.embedding_length"] = 64,
            [$"{architecture}.block_count"] = 2,
            [$"{architecture}.feed_forward_length"] = 128,
            [$"{architecture}.attention.head_count"] = 4,
            [$"{architecture}.attention.head_count_kv"] = 2,
            [$"{architecture}.attention.layer_norm_rms_epsilon"] = 1e-5f,
            [$"{architecture}.rope.freq_base"] = 10000f,
            [$"{architecture}.rope.dimension_count"] = 16,
            [$"{architecture}.logit_scale"] = scale,
        },
    };
}
