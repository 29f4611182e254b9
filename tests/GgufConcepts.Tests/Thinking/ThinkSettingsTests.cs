using System.Text.Json.Nodes;
using GgufConcepts.Mixing;
using GgufConcepts.Reading;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tests.Thinking;

public sealed class ThinkSettingsTests
{
    public static TheoryData<string> Strategies => [.. StrategyCatalog.Standard.Names];

    public static TheoryData<string> Presets => [.. PresetCatalog.All.Select(preset => preset.Name)];

    [Fact]
    public void Read_NothingGiven_IsTheDefaults() =>
        Assert.Equal(Written(new ThinkOptions()), Written(ThinkSettings.Read([])));

    [Theory]
    [MemberData(nameof(Strategies))]
    public void Read_SettingsOfATrace_AreTheSameSettings(string name)
    {
        ThinkOptions options = new()
        {
            Strategy = StrategyCatalog.Standard.Make(name),
            Chat = new ChatOptions
            {
                System = "Be brief.", History = [new ChatTurn(ChatRole.User, "One?"), new ChatTurn(ChatRole.Assistant, "Two.")],
            },
            MaxSteps = 7,
            FixedLength = true,
            ColdStop = new ColdStop { Entropy = 0.25, Patience = 2 },
            ThinkStart = "<a>",
            ThinkEnd = "",
            Reader = new ReadOptions { MaxTokens = 5, Readings = 2, Draw = new MixOptions { Temperature = 0.5f }, Faithfulness = true },
            Answer = new TokenDecoding { Mix = new MixOptions { Temperature = 0.7f, TopK = 3 } },
            StopTexts = ["end"],
            AnswerTokens = 9,
            Seed = ulong.MaxValue,
        };
        JsonObject settings = options.Settings;
        settings["strategy"] = name;
        settings["seed"] = options.Seed;
        settings["machine"] = new JsonObject { ["threads"] = 2 };
        settings["preset"] = null;
        ThinkOptions read = ThinkSettings.Read((JsonObject)JsonNode.Parse(settings.ToJsonString())!);
        Assert.Equal((name, options.Seed), (read.Strategy.Name, read.Seed));
        Assert.Equal(Written(options), Written(read));
    }

    [Theory]
    [MemberData(nameof(Presets))]
    public void Read_Preset_IsThePresetWhole(string name) =>
        Assert.Equal(Written(PresetCatalog.Find(name).Options), Written(ThinkSettings.Read(new JsonObject { ["preset"] = name })));

    [Fact]
    public void Read_FieldsLeftOut_KeepWhatIsStandard()
    {
        ThinkOptions standard = new()
        {
            Strategy = new SoftThinking { Mix = new MixOptions { MaxTopK = 4 } }, MaxSteps = 3, Seed = 5, Reader = null,
        };
        ThinkOptions read = ThinkSettings.Read(new JsonObject { ["temperature"] = 0.5, ["chunk"] = 0 }, standard);
        MixOptions mix = Assert.IsType<SoftThinking>(read.Strategy).Mix;
        Assert.Equal((4, 0.5f, 3, 5ul), (mix.MaxTopK, mix.Temperature, read.MaxSteps, read.Seed));
        Assert.Null(read.Reader);
    }

    [Fact]
    public void Read_AnswerDrawn_IsGreedyNoMore()
    {
        TokenDecoding answer = ThinkSettings.Read(Json("""{"answer":{"temperature":0.7}}""")).Answer;
        Assert.Equal((false, 0.7f), (answer.Greedy, answer.Mix.Temperature));
        Assert.True(ThinkSettings.Read(Json("""{"answer":{"maxTokens":3}}""")).Answer.Greedy);
        Assert.True(ThinkSettings.Read(Json("""{"answer":{"temperature":0.7,"greedy":true}}""")).Answer.Greedy);
    }

    [Fact]
    public void Read_ReaderAndChatAsSwitches_TurnThemOnAndOff()
    {
        Assert.Null(ThinkSettings.Read(Json("""{"reader":false}""")).Reader);
        Assert.Null(ThinkSettings.Read(Json("""{"reader":null}""")).Reader);
        Assert.NotNull(ThinkSettings.Read(Json("""{"reader":true}""")).Reader);
        Assert.Equal(new ChatOptions().Settings.ToJsonString(), ThinkSettings.Read(Json("""{"chat":true}""")).Chat!.Settings.ToJsonString());
        Assert.Null(ThinkSettings.Read(Json("""{"chat":false}"""), new ThinkOptions { Chat = new ChatOptions() }).Chat);
    }

    [Theory]
    [InlineData("""{"maxSteps":"x"}""", "maxSteps is \"x\"; use a whole number of at most 2147483647.")]
    [InlineData("""{"maxSteps":1.5}""", "maxSteps is 1.5; use a whole number of at most 2147483647.")]
    [InlineData("""{"maxSteps":99999999999}""", "maxSteps is 99999999999; use a whole number of at most 2147483647.")]
    [InlineData("""{"maxSteps":-1}""", "The step limit is -1; use 0 to 1000000.")]
    [InlineData("""{"stopEntropy":1e999}""", "stopEntropy is 1e999; use a number.")]
    [InlineData("""{"fixedLength":1}""", "fixedLength is 1; use true or false.")]
    [InlineData("""{"seed":-1}""", "seed is -1; use a whole number from 0 to 18446744073709551615.")]
    [InlineData("""{"strategy":"softer"}""", "No strategy 'softer'; use one of *")]
    [InlineData("""{"strategy":"soft,full"}""", "strategy is 'soft,full'; name one.")]
    [InlineData("""{"preset":"cot","strategy":"soft"}""", "The preset cot is one of 'token', and strategy names 'soft'*")]
    [InlineData("""{"preset":"none"}""", "No preset 'none'; use one of *")]
    [InlineData("""{"maxTopk":3}""", "There is no field maxTopk; there are answer, chat, chunk, *, and of the strategy 'soft' temperature, topK, *")]
    [InlineData("""{"maxTopK":{}}""", "maxTopK is {}; use a number, a name, true or false.")]
    [InlineData("""{"temperature":"hot"}""", "temperature of the strategy 'soft' is 'hot'; use a number, such as 0.7.")]
    [InlineData("""{"answer":{"topQ":1}}""", "There is no field answer.topQ; there are *")]
    [InlineData("""{"answer":{"temperature":-1}}""", "Of the answer: Temperature is -1; *")]
    [InlineData("""{"answer":{"stop":[1]}}""", "answer.stop is [1]; use a text, or a list of texts.")]
    [InlineData("""{"answer":7}""", "answer is 7; use an object in braces.")]
    [InlineData("""{"reader":{"prompt":"no slot"}}""", "The reading prompt is 'no slot'; *")]
    [InlineData("""{"reader":{"draw":{"x":1}}}""", "There is no field reader.draw.x; *")]
    [InlineData("""{"reader":"meaning"}""", "reader is \"meaning\"; use true or false.")]
    [InlineData("""{"chat":{"history":"hi"}}""", "chat.history is \"hi\"; use a list of messages.")]
    [InlineData("""{"chat":{"history":[{"role":"robot","text":"hi"}]}}""", "chat.history.role is 'robot'; use system, user or assistant.")]
    [InlineData("""{"chat":{"history":[{"role":"user"}]}}""", "chat.history.text is missing; give what was said.")]
    [InlineData("""{"thinkEnd":"\ud800"}""", "thinkEnd holds half a character; use whole ones.")]
    [InlineData("""{"maxTopK":"\ud800"}""", "maxTopK holds half a character; use whole ones.")]
    [InlineData("""{"answer":{"stop":["a","\udc00"]}}""", "answer holds half a character; use whole ones.")]
    [InlineData("""{"\ud800":1}""", "The object holds half a character; use whole ones.")]
    [InlineData("""{"chat":{"system":1,"system":2}}""", "chat has a name that stands in it twice; leave one out.")]
    public void Read_Unusable_SaysWhichFieldAndWhatItMayBe(string json, string message)
    {
        ConceptInputException refusal = Assert.Throws<ConceptInputException>(() => ThinkSettings.Read(Json(json)));
        string[] parts = message.Split('*');
        Assert.StartsWith(parts[0], refusal.Message, StringComparison.Ordinal);
        Assert.All(parts, part => Assert.Contains(part, refusal.Message, StringComparison.Ordinal));
        Assert.True(message.Contains('*') || message == refusal.Message, refusal.Message);
    }

    private static JsonObject Json(string json) => (JsonObject)JsonNode.Parse(json)!;

    private static string Written(ThinkOptions options) => options.Settings.ToJsonString();
}
