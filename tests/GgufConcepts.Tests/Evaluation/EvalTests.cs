using System.Text.Json;
using GgufConcepts.Evaluation;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Tests.Models;

namespace GgufConcepts.Tests.Evaluation;

/// <summary>The models that travel along, put to their own tasks through the runtime. What is expected was measured by
/// their trainers, in PyTorch, or is what they were made for.</summary>
public sealed class EvalTests(LoadedModels models)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The language model in both architectures, held to the truth of their grammar.</summary>
    [Theory]
    [InlineData("atlas")]
    [InlineData("atlas-gpt2")]
    public void Atlas_WhatTheGrammarKnows_IsKnown(string name)
    {
        Dictionary<string, EvalRow> rows = new AtlasTask().Run(models.Committed(name), new EvalOptions(), null, Token)
            .TakeWhile(row => row.Steps is null)
            .ToDictionary(row => row.Part);

        Assert.InRange(rows["next token"].Items, 200, 1000);
        Assert.InRange(rows["next token"].Value, 0, 0.05); // total variation distance, on average
        Assert.InRange(rows["Spanish to English"].Value, 0.95, 1);
        Assert.InRange(rows["read sentences"].Value, 0.95, 1);
        Assert.InRange(rows["read words"].Value, 0.95, 1);
        Assert.InRange(rows["questions: facts"].Value, 0.95, 1);
        Assert.Equal(300, rows["Spanish to English"].Items);
        Assert.Equal(300, rows["read sentences"].Items);
    }

    [Theory]
    [InlineData("reach-latent", "hidden x 4", "4")]
    [InlineData("reach-latent", "hidden x 2", "2")]
    [InlineData("reach-latent", "hidden x 0", "0")]
    [InlineData("reach-chain", "token, the likeliest", "0")]
    [InlineData("reach-none", "token, the likeliest", "0")]
    public void Reach_HeldOutMaps_AreAnsweredAsInTraining(string name, string strategy, string figure)
    {
        double trained = Figures(name).GetProperty(figure).GetDouble();
        EvalRow row = new ReachTask().Run(models.Committed(name), new EvalOptions(), null, Token)
            .First(row => row.Strategy == strategy);

        Assert.Equal(500, row.Items);
        Assert.Equal(trained, row.Value, 0.005); // two or three ties of 500
    }

    [Theory]
    [InlineData("mnns-continuous", 5, "full")]
    [InlineData("mnns-continuous", 0, "argmax")]
    [InlineData("mnns-continuous", 2, "top 4")]
    [InlineData("mnns-discrete", 0, "argmax")]
    public void Mnns_HeldOutSequences_AreAnsweredAsInTraining(string name, int rung, string figure)
    {
        EvalRow row = new MnnsTask().Run(models.Committed(name), new EvalOptions(), null, Token).ElementAt(rung);

        Assert.Equal(1308, row.Items);
        Assert.Equal(Figures(name).GetProperty(figure).GetDouble(), row.Value, 0.005);
    }

    [Fact]
    public void Mnns_Ladder_RisesToTheFullMixture()
    {
        double[] ladder = [.. new MnnsTask().Run(models.Committed("mnns-continuous"), new EvalOptions(), null, Token)
            .Select(row => row.Value)];

        Assert.InRange(ladder[^1], 0.96, 1);
        Assert.InRange(ladder[0], 0, 0.7);
        Assert.All(ladder.Zip(ladder.Skip(1)), pair => Assert.True(pair.Second > pair.First - 0.005, string.Join(' ', ladder)));
    }

    /// <summary>The ladder of rules on a model of one layer taught mixtures, beside figures measured on another training of
    /// the same kind with another program (PyTorch; the sampled ones means of three runs). One training differs from
    /// another by some points, one seed from another by up to three.</summary>
    [Theory, Trait("Speed", "Slow")]
    [InlineData("token:greedy=true", 50.7)]
    [InlineData("full", 86.7)]
    [InlineData("soft:maxTopK=2", 45.9)]
    [InlineData("soft:maxTopK=4", 64.5)]
    [InlineData("soft:maxTopK=8", 84.5)]
    [InlineData("soft:maxTopK=16", 87.0)]
    [InlineData("multi:k=1", 44.9)]
    [InlineData("multi:k=3", 60.2)]
    [InlineData("multi:k=6", 68.9)]
    [InlineData("multi:k=16", 76.8)]
    [InlineData("multi:k=64", 82.8)]
    [InlineData("soft:noise=gumbel,tau=0.5,maxTopK=256", 54.5)]
    [InlineData("soft:noise=gumbel,tau=1,maxTopK=256", 63.8)]
    [InlineData("moi:maxTopK=256", 51.5)]
    public void Mnns_EveryRule_StandsOnItsRungOfTheLadder(string rule, double measured)
    {
        double accuracy = new MnnsTask().Run(
            models.Committed("mnns-continuous-small"), new EvalOptions { Strategies = Strategies(rule) }, null, Token)
            .Single().Value;
        Assert.Equal(measured, 100 * accuracy, 6.0);
    }

    [Theory]
    [InlineData(new[] { 2, 1, 4 }, 1)]
    [InlineData(new[] { 5, 3, 2, 4 }, 0)]
    [InlineData(new[] { 9, 9, 9, 9 }, 0)]
    [InlineData(new[] { 1, 1, 1, 9 }, 6)]
    public void Smallest_KnownDigits_IsTheKnownSum(int[] digits, int expected) =>
        Assert.Equal(expected, MnnsTask.Smallest(digits));

    [Fact]
    public void Run_OneStrategyAndALimit_MeasuresJustThat()
    {
        EvalOptions options = new() { Strategies = Strategies("soft:maxTopK=8"), Limit = 7 };
        foreach (EvalTask task in EvalCatalog.Tasks)
        {
            List<EvalProgress> told = [];
            EvalRow[] rows = [.. task.Run(models.Committed(task.Models[0]), options, new Listener(told), Token)];

            Assert.NotEmpty(rows);
            Assert.Equal(7, told[^1].Done);
            Assert.All(rows, row => Assert.StartsWith("soft", row.Strategy, StringComparison.Ordinal));
            Assert.All(rows, row => Assert.InRange(row.Items, 0, 7));
            Assert.All(rows.Where(row => row.Items > 0), row => Assert.NotEmpty(row.EntropyByStep!));
            Assert.Equal(7 * rows.Length, told.Count);
            Assert.All(rows, row => Assert.Equal(
                row.Items > 0 ? Wilson.Interval((int)Math.Round(row.Value * row.Items), row.Items) : null, row.Interval));
        }
    }

    /// <summary>Thoughts of one vector to eight, thought and read by the runtime and by the trainer.</summary>
    [Fact]
    public void Atlas_OwnThoughts_AreReadAsTheTrainerReadThem()
    {
        JsonElement trained = RecipeFigures.Read(CommittedModels.Path("atlas.json"))
            .GetProperty("results").GetProperty("thoughts read exactly, [share, count] by vectors");
        EvalRow[] rows = [.. new AtlasTask().Run(
            models.Committed("atlas"), new EvalOptions { Strategies = Strategies("soft") }, null, Token)];

        Assert.Equal(8, rows.Length);
        foreach ((int index, EvalRow row) in rows.Index())
        {
            JsonElement figure = trained.GetProperty($"{index + 1}");
            Assert.InRange(row.Items, figure[1].GetInt32() - 1, figure[1].GetInt32() + 1);
            Assert.Equal(figure[0].GetDouble() * figure[1].GetInt32(), row.Value * row.Items, 1.01); // one may be a tie
        }
    }

    [Theory]
    [InlineData("mnns", "mnns-continuous")]
    [InlineData("reach", "reach-none")]
    [InlineData("atlas", "atlas")]
    public void Run_LimitOfNothing_IsRefused(string task, string model) => Assert.Throws<ConceptInputException>(
        () => EvalCatalog.Find(task).Run(models.Committed(model), new EvalOptions { Limit = 0 }, null, Token));

    [Fact]
    public void Run_AtlasInWords_IsRefused()
    {
        EvalOptions options = new() { Strategies = Strategies("soft,token") };
        Assert.Throws<ConceptInputException>(() => new AtlasTask().Run(models.Committed("atlas"), options, null, Token));
    }

    [Fact]
    public void Run_DrawnTokens_DependOnTheSeedAlone()
    {
        ReachTask task = new();
        double[] values = [.. new ulong[] { 5, 5, 6 }.Select(seed => task.Run(
            models.Committed("reach-chain"), new EvalOptions { Strategies = Strategies("token"), Seed = seed, Limit = 60 }, null, Token)
            .Single().EntropyByStep![1])];

        Assert.Equal(values[0], values[1]);
        Assert.NotEqual(values[0], values[2]);
    }

    [Fact]
    public void Run_ModelOfAnotherTask_IsRefused()
    {
        foreach (EvalTask task in EvalCatalog.Tasks)
        {
            string other = task.Name == "mnns" ? "atlas" : "mnns-continuous";
            ConceptInputException refused = Assert.Throws<ConceptInputException>(
                () => task.Run(models.Committed(other), new EvalOptions(), null, Token));
            Assert.Contains($"not made for {task.Name}", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Run_Cancelled_Stops() => Assert.ThrowsAny<OperationCanceledException>(() =>
        new MnnsTask().Run(models.Committed("mnns-continuous"), new EvalOptions(), null, new CancellationToken(true)).Count());

    private static IReadOnlyList<EvalStrategy> Strategies(string list) => EvalStrategy.Of(StrategySpec.ParseList(list));

    private static JsonElement Figures(string name) => RecipeFigures.Read(CommittedModels.Path($"{name}.json"))
        .GetProperty("training").GetProperty("heldOut");

    private sealed class Listener(List<EvalProgress> told) : IProgress<EvalProgress>
    {
        public void Report(EvalProgress value) => told.Add(value);
    }
}
