using System.Text.Json.Nodes;
using GgufConcepts.Mixing;
using GgufConcepts.Models;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;
using GgufConcepts.Tests.Thinking;

namespace GgufConcepts.Tests.Strategies;

/// <summary>A rule made outside the library, with public means only: what a guest has to write.</summary>
public sealed class CustomStrategyTests(LoadedModels models)
{
    private static readonly StrategyCatalog s_catalog = StrategyCatalog.Standard.With(SecondThoughts.Definition);

    [Fact]
    public void Think_RuleOfAGuest_RunsByNameAndIsTraced()
    {
        ConceptModel model = models.Tiny(TinyArchitecture.Qwen2);
        IStrategy rule = s_catalog.Make(StrategySpec.ParseList("second:rank=3")[0]);
        Trace trace = Runs.Think(model, "The capital of France is", new ThinkOptions
        {
            Strategy = rule, MaxSteps = 4, ColdStop = new ColdStop { Entropy = 0 }, Reader = null, AnswerTokens = 0,
        });

        Assert.Equal(("second", 3), (trace.Strategy, (int)trace.Settings["rank"]!));
        Assert.Equal(4, trace.Steps.Count);
        using ConceptSession session = model.CreateSession();
        int third = session.ListNext("The capital of France is", 1, 3, TestContext.Current.CancellationToken).Tokens[2].Id;
        Assert.Equal(third, trace.Steps[0].Chosen!.Id);
    }

    [Fact]
    public void With_ANewRule_LeavesTheStandardCatalogAlone()
    {
        Assert.Contains("second", s_catalog.Names);
        Assert.DoesNotContain("second", StrategyCatalog.Standard.Names);
        Assert.Equal(["rank"], s_catalog.SettingsOf("second").Select(setting => setting.Name));
        Assert.Throws<ConceptInputException>(() => s_catalog.Make(StrategySpec.ParseList("second:rank=0")[0]));
    }

    [Theory]
    [InlineData("soft")]
    [InlineData("")]
    [InlineData("Second Thoughts")]
    public void With_NameTakenOrUnusable_Throws(string name) => Assert.Throws<ArgumentException>(
        "definition", () => StrategyCatalog.Standard.With(SecondThoughts.Definition with { Name = name }));

    /// <summary>Feeds not the likeliest token but the one of another rank.</summary>
    private sealed record SecondThoughts(int Rank) : IStrategy
    {
        public static StrategyDefinition Definition { get; } = new(
            "second", "the token of a rank", "nobody",
            settings => new SecondThoughts(settings.WholeNumber("rank", 2, "which token, 1 for the likeliest")));

        public string Name => "second";

        public JsonObject Settings => new() { ["rank"] = Rank };

        public IReadOnlyList<string> FindProblems() => Rank is < 1 or > 256 ? [$"Rank is {Rank}; use 1 to 256."] : [];

        public IStrategyRun Start(StrategyContext context) => new Run(new ConceptMixer(context.NeverMixed), Rank);

        private sealed class Run(ConceptMixer mixer, int rank) : IStrategyRun
        {
            private readonly MixOptions _mix = new() { MaxTopK = rank };

            public void Choose(in StepInput input, NextInput next)
            {
                mixer.Mix(input.Logits, _mix, next.Concept);
                next.FeedToken(next.Concept.Ids[^1]);
            }
        }
    }
}
