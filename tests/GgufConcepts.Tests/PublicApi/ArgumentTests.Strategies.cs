using GgufConcepts.Strategies;
using Row = GgufConcepts.Testing.PublicApi.WrongArgument<GgufConcepts.Models.ConceptModel>;

namespace GgufConcepts.Tests.PublicApi;

/// <summary>Of the folder Strategies.</summary>
public sealed partial class ArgumentTests
{
    private static readonly Row[] s_strategies =
    [
        .. Row.Each("NextInput.ctor(vectorWidth)", [0, -1], (_, width) => new NextInput(width)),
        .. Row.Each("NextInput.FeedToken(id)", [-1], (_, id) => new NextInput(4).FeedToken(id)),
        .. Row.Each("NextInput.FeedConcept(chosen)", [-2], (_, chosen) => new NextInput(4).FeedConcept(chosen)),
        .. Row.Each("NextInput.FeedVector(kind)", [-1, 99], (_, kind) => new NextInput(4).FeedVector((InputKind)kind)),
        new("StrategySettings.Choice(name)", "null", _ => Settings(settings => settings.Choice(null!, InputKind.Token, "a"))),
        new("StrategySettings.Choice(meaning)", "null", _ =>
            Settings(settings => settings.Choice("a", InputKind.Token, null!))),
        Row.None("StepInput.ctor(hidden)", "carries what the decoder gave"),
        Row.None("StepInput.ctor(logits)", "carries what the decoder gave"),
        Row.None("StrategySettings.Number(standard)", "a default, checked by the strategy's own rules"),
        Row.None("StrategySettings.WholeNumber(standard)", "a default, checked by the strategy's own rules"),
    ];

    private static void Settings(Action<StrategySettings> call) => new StrategyDefinition("a", "b", "c", settings =>
    {
        call(settings);
        return new SoftThinking();
    }).Make(new StrategySettings("a", new Dictionary<string, string>()));
}
