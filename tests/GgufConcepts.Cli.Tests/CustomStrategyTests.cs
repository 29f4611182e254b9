using System.Text.Json.Nodes;
using GgufConcepts.Mixing;
using GgufConcepts.Models;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;

namespace GgufConcepts.Cli.Tests;

/// <summary>A rule made outside the library, with public means only, since this project sees no others: what a guest has
/// to write.</summary>
public sealed class CustomStrategyTests
{
    private static readonly StrategyCatalog s_catalog = StrategyCatalog.Standard.With(SecondThoughts.Definition);

    [Fact]
    public async Task Think_RuleOfAGuest_RunsByName()
    {
        const string Prompt = "The capital of France is";
        CancellationToken token = TestContext.Current.CancellationToken;
        using ConceptModel model = await ConceptModel.LoadAsync(TinyModels.Path(TinyArchitecture.Qwen2), cancellation: token);
        using ConceptSession session = model.CreateSession();
        ThinkOptions options = new()
        {
            Strategy = s_catalog.Make(StrategySpec.ParseList("second:rank=3")[0]), MaxSteps = 4, Reader = null, AnswerTokens = 0,
            ColdStop = new ColdStop { Entropy = 0 },
        };
        ConceptStep[] steps = [.. session.Think(Prompt, options, token).OfType<ConceptStep>()];

        Assert.Equal(4, steps.Length);
        Assert.Equal(3, (int)options.Settings["rank"]!);
        Assert.Equal(session.ListNext(Prompt, 1, 3, token).Tokens[2].Id, steps[0].Chosen!.Value.Id);
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
