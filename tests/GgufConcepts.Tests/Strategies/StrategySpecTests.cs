using GgufConcepts.Strategies;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tests.Strategies;

/// <summary>Rules as they are written: names, settings, lists, presets.</summary>
public sealed class StrategySpecTests
{
    [Theory]
    [InlineData("soft", "soft")]
    [InlineData("full,moi", "full|moi")]
    [InlineData("full,soft:maxTopK=2,temperature=0.6,multi:k=6,moi", "full|soft:maxTopK=2,temperature=0.6|multi:k=6|moi")]
    [InlineData(" soft:maxTopK=2 , moi ", "soft:maxTopK=2|moi")]
    public void ParseList_Text_GivesRulesAndSettings(string text, string expected) =>
        Assert.Equal(expected, string.Join('|', StrategySpec.ParseList(text)));

    [Theory]
    [InlineData("", "''")]
    [InlineData("soft,,moi", "''")]
    [InlineData("k=3", "'k=3'")]
    [InlineData("soft:", "'soft:'")]
    [InlineData(":k=3", "':k=3'")]
    [InlineData("soft:k", "'soft:k'")]
    [InlineData("soft:=3", "'soft:=3'")]
    public void ParseList_NoList_SaysWhichPart(string text, string part)
    {
        ConceptInputException refused = Assert.Throws<ConceptInputException>(() => StrategySpec.ParseList(text));
        Assert.StartsWith($"{part} in '{text}' is no strategy;", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Soft", "No strategy 'Soft'; use one of soft, token, hidden, full, multi, moi, switch, selective, router, noise.")]
    [InlineData("soft:k=3", "The strategy 'soft' has no setting 'k'; it has temperature, topK, topP, minP, maxTopK, noise, tau, alpha.")]
    [InlineData("full:topK=3", "The strategy 'full' has no setting 'topK'; it has none.")]
    [InlineData("multi:k=many", "k of the strategy 'multi' is 'many'; use a whole number of at most 2147483647.")]
    [InlineData("moi:beta=1,5", "No strategy '5'; use one of soft,")] // a comma is no decimal point
    [InlineData("moi:beta=x", "beta of the strategy 'moi' is 'x'; use a number, such as 0.7.")]
    [InlineData("token:greedy=1", "greedy of the strategy 'token' is '1'; use true or false.")]
    [InlineData("soft:noise=loud", "noise of the strategy 'soft' is 'loud'; use one of none, gumbel, dirichlet.")]
    [InlineData("soft:noise=1", "noise of the strategy 'soft' is '1'; use one of none, gumbel, dirichlet.")]
    [InlineData("soft:tau=0", "Tau is 0; use a finite value above 0.")]
    [InlineData("soft:alpha=NaN", "Alpha is NaN; use a finite value above 0.")]
    [InlineData("multi:k=257", "K is 257; use 1 to 256.")]
    [InlineData("selective:k=1", "K is 1; use 2 to 256.")]
    [InlineData("selective:strength=-1", "Strength is -1; use a finite value of 0 or more.")]
    [InlineData("router:tau=1.5", "Tau is 1.5; use 0 to 1.")]
    [InlineData("moi:beta=-1", "Beta is -1; use a finite value of 0 or more.")]
    [InlineData("switch:window=-1", "Window is -1; use 0 to 2147483647.")]
    [InlineData("noise:sigma=NaN", "Sigma is NaN; use 0 to 100.")]
    public void Make_BadRuleOrSetting_SaysWhatAndWhatInstead(string text, string problem)
    {
        ConceptInputException refused = Assert.Throws<ConceptInputException>(
            () => StrategySpec.ParseList(text).Select(StrategyCatalog.Standard.Make).Last());
        Assert.StartsWith(problem, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SettingsOf_EveryRule_AreThoseOfItsTrace()
    {
        foreach (string name in StrategyCatalog.Standard.Names)
        {
            IStrategy rule = StrategyCatalog.Standard.Make(name);
            Assert.Equal(name, rule.Name);
            Assert.Equal(
                StrategyCatalog.Standard.SettingsOf(name).Select(setting => setting.Name).Order(),
                rule.Settings.Select(setting => setting.Key).Order());
            Assert.All(
                StrategyCatalog.Standard.SettingsOf(name),
                setting => Assert.Equal(setting.Standard, rule.Settings[setting.Name]!.ToString()));
        }
    }

    /// <summary>The defaults of a rule are its paper's, as the table of rules has them.</summary>
    [Theory]
    [InlineData("soft", "maxTopK", "10")]
    [InlineData("soft", "tau", "0.5")]
    [InlineData("soft", "alpha", "4")]
    [InlineData("multi", "k", "3")]
    [InlineData("moi", "beta", "1")]
    [InlineData("switch", "alpha", "1")]
    [InlineData("switch", "beta", "0.7")]
    [InlineData("switch", "window", "512")]
    [InlineData("switch", "maxSwitches", "2")]
    [InlineData("selective", "k", "3")]
    [InlineData("selective", "tau", "0.3")]
    [InlineData("selective", "strength", "1")]
    [InlineData("router", "tau", "0.9")]
    [InlineData("noise", "sigma", "0.33")]
    public void SettingsOf_Rule_HasThePublishedDefault(string rule, string setting, string expected) => Assert.Equal(
        expected, StrategyCatalog.Standard.SettingsOf(rule).Single(known => known.Name == setting).Standard);

    [Theory]
    [InlineData("soft-thinking-qwq", "soft", "{\"temperature\":0.6,\"topK\":30,\"topP\":0.95,\"minP\":0.001,\"maxTopK\":15}", 0.01, 256)]
    [InlineData("soft-thinking-r1", "soft", "{\"temperature\":0.6,\"topK\":30,\"topP\":0.95,\"minP\":0.001,\"maxTopK\":15}", 0.01, 256)]
    [InlineData("swireasoning", "switch", "{\"temperature\":0.6,\"topK\":20,\"topP\":0.95,\"minP\":0,\"window\":512,\"maxSwitches\":2}", 0, 3)]
    [InlineData("moi-aime", "moi", "{\"temperature\":0.8,\"topP\":0.8,\"beta\":1}", 0, 3)]
    [InlineData("coconut", "hidden", "{\"realign\":false}", 0.5, 3)] // which its fixed length ignores
    public void Find_Preset_HasThePublishedSettings(string name, string rule, string settings, double entropy, int patience)
    {
        Preset preset = PresetCatalog.Find(name);
        Assert.Equal(rule, preset.Options.Strategy.Name);
        System.Text.Json.Nodes.JsonObject expected = System.Text.Json.Nodes.JsonNode.Parse(settings)!.AsObject();
        Assert.All(expected, pair => Assert.Equal(
            pair.Value!.ToString(), preset.Options.Strategy.Settings[pair.Key]!.ToString()));
        Assert.Equal((entropy, patience), (preset.Options.ColdStop.Entropy, preset.Options.ColdStop.Patience));
    }

    [Fact]
    public void All_Presets_AreValidAndCiteASource()
    {
        Assert.All(PresetCatalog.All, preset =>
        {
            Assert.Empty(preset.Options.FindProblems());
            Assert.Contains("arXiv ", preset.Source, StringComparison.Ordinal);
            Assert.Equal(preset, PresetCatalog.Find(preset.Name));
        });
        ConceptInputException refused = Assert.Throws<ConceptInputException>(() => PresetCatalog.Find("best"));
        Assert.StartsWith("No preset 'best'; use one of cot, ", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("soft:maxTopK=4,maxTopK=5", "maxTopK")]
    [InlineData("soft:maxTopK=4,temperature=1,maxTopK=4", "maxTopK")]
    [InlineData("full,soft:minP=0,minP=", "minP")]
    public void ParseList_SettingGivenTwice_IsRefusedByItsName(string text, string setting)
    {
        ConceptInputException refused = Assert.Throws<ConceptInputException>(() => StrategySpec.ParseList(text));
        Assert.Equal($"The strategy 'soft' is given {setting} twice; leave one out.", refused.Message);
    }
}
