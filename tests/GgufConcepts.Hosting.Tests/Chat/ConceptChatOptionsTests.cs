using System.Text.Json;
using System.Text.Json.Nodes;
using GgufConcepts.Hosting.Chat;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;
using Microsoft.Extensions.AI;
using ChatOptions = Microsoft.Extensions.AI.ChatOptions;
using ChatRole = Microsoft.Extensions.AI.ChatRole;

namespace GgufConcepts.Hosting.Tests.Chat;

/// <summary>How options become settings of a thought.</summary>
public sealed class ConceptChatOptionsTests
{
    private static readonly ChatMessage[] s_messages = [new(ChatRole.User, "What")];

    [Fact]
    public void WithConcepts_CopiesAndJson_KeepEverySetting()
    {
        ThinkOptions think = new()
        {
            Strategy = new SoftThinking { Mix = new() { Temperature = 0.6f, MaxTopK = 4 }, Noise = MixNoise.Gumbel },
            MaxSteps = 7, FixedLength = true, ColdStop = new() { Entropy = 0.3, Patience = 2 }, Reader = new() { MaxTokens = 5 },
            Answer = new() { Mix = new() { TopP = 0.9f } }, AnswerTokens = 9, AnswerLogprobs = 2, Seed = ulong.MaxValue, ThinkEnd = "",
        };
        ChatOptions options = new ChatOptions { Temperature = null }.WithConcepts(think);
        string json = JsonSerializer.Serialize(options.Clone(), AIJsonUtilities.DefaultOptions);
        ChatOptions again = JsonSerializer.Deserialize<ChatOptions>(json, AIJsonUtilities.DefaultOptions)!;

        Assert.All([options, options.Clone(), again], each => Assert.Equal(
            Told(think), Told(Of(each).Think with { Chat = null })));
        static string Told(ThinkOptions told) => $"{told.Strategy.Name} {told.Seed} {told.AnswerLogprobs} {told.Settings.ToJsonString()}";
    }

    [Fact]
    public void WithConcepts_TheGivenOptions_StayAsTheyAre()
    {
        ChatOptions options = new() { TopK = 3, AdditionalProperties = new() { ["other"] = 1 } };
        ChatOptions copy = options.WithConcepts(new ThinkOptions());
        Assert.Equal(["other"], options.AdditionalProperties.Keys);
        Assert.Equal(["ggufconcepts", "other"], copy.AdditionalProperties!.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(3, copy.TopK);
    }

    [Fact]
    public void WithConcepts_Twice_ChangesWhatIsThere()
    {
        ChatOptions options = new ChatOptions().WithConcepts(think => think with { MaxSteps = 5 }).WithConcepts(think => think with { Seed = 3 });
        ThinkOptions think = Of(options).Think;
        Assert.Equal((5, 3ul, 512), (think.MaxSteps, think.Seed, think.AnswerTokens));
    }

    [Fact]
    public void WithConcepts_WhatJsonCannotHold_IsRefusedAtOnce()
    {
        ChatOptions options = new();
        ConceptInputException refused = Assert.Throws<ConceptInputException>(
            () => options.WithConcepts(think => think with { Strategy = new OwnStrategy() }));
        Assert.Contains("'own' (OwnStrategy)", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ConceptInputException>(() => options.WithConcepts(think => think with { Strategy = new OwnStrategy("soft") }));
        Assert.Throws<ConceptInputException>(() => options.WithConcepts(think => think with { MaxSteps = -1 }));
    }

    [Fact]
    public void RawRepresentationFactory_ThinkOptions_AreUsedAsTheyAre()
    {
        OwnStrategy own = new();
        ThinkOptions think = Of(new ChatOptions { RawRepresentationFactory = _ => new ThinkOptions { Strategy = own, MaxSteps = 3 } }).Think;
        Assert.Same(own, think.Strategy);
        Assert.Equal(3, think.MaxSteps);
    }

    [Theory]
    [InlineData("""{"maxSteps": 5}""", 5)]
    [InlineData("""{"strategy": "soft", "maxSteps": 6}""", 6)]
    public void AdditionalProperties_JsonByHand_IsRead(string json, int steps)
    {
        ChatOptions options = new() { AdditionalProperties = new() { [ConceptChatOptions.Key] = JsonNode.Parse(json) } };
        Assert.Equal(steps, Of(options).Think.MaxSteps);
    }

    [Fact]
    public void AdditionalProperties_SomethingElse_SaysWhatToUse()
    {
        foreach ((object? carried, string named) in new (object?, string)[]
            { ("soft", "a String"), (null, "null"), (JsonNode.Parse("""{"maxSteps": "x"}"""), "maxSteps"), (JsonNode.Parse("""{"answerLogprobs": "x"}"""), "answerLogprobs") })
        {
            ChatOptions options = new() { AdditionalProperties = new() { [ConceptChatOptions.Key] = carried } };
            Assert.Contains(named, Assert.Throws<ConceptInputException>(() => Of(options)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Options_OfTheAnswer_GoBeforeTheSettings()
    {
        ChatOptions options = new ChatOptions
        {
            Temperature = 0.7f, TopP = 0.8f, TopK = 20, Seed = -1, MaxOutputTokens = 33, StopSequences = ["one", "two"],
            Reasoning = new() { Effort = ReasoningEffort.ExtraHigh },
        }.WithConcepts(settings => settings with { MaxSteps = 4, AnswerTokens = 5, StopTexts = ["three"], Answer = new() { Mix = new() { MinP = 0.1f } } });

        ThinkOptions think = Of(options).Think;

        Assert.Equal(
            new TokenDecoding { Mix = new() { Temperature = 0.7f, TopP = 0.8f, TopK = 20, MinP = 0.1f } }, think.Answer);
        Assert.Equal((2048, 33, ulong.MaxValue), (think.MaxSteps, think.AnswerTokens, think.Seed));
        Assert.Equal(["one", "two"], think.StopTexts);
    }

    [Fact]
    public void Options_NoTemperature_AnswerWithTheLikeliest()
    {
        Assert.True(Of(null).Think.Answer.Greedy);
        Assert.True(Of(new ChatOptions { Temperature = 0f, TopP = 0.5f }).Think.Answer.Greedy);
        Assert.False(Of(new ChatOptions { TopP = 0.5f }).Think.Answer.Greedy);
    }

    [Fact]
    public void Options_OneOutOfRange_IsNamed() => Assert.Contains(
        Of(new ChatOptions { TopP = 2f }).Think.FindProblems(), problem => problem.Contains("TopP is 2", StringComparison.Ordinal));

    public static TheoryData<string, ChatOptions> Refused => new()
    {
        { "Tools has 1 tools", new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, "one")] } },
        { "ResponseFormat is JSON", new ChatOptions { ResponseFormat = ChatResponseFormat.Json } },
        { "FrequencyPenalty is 0.5", new ChatOptions { FrequencyPenalty = 0.5f } },
        { "PresencePenalty is -1", new ChatOptions { PresencePenalty = -1f } },
        { "ConversationId is set", new ChatOptions { ConversationId = "c" } },
        { "ModelId is 'other', and this client speaks to 'tiny'", new ChatOptions { ModelId = "other" } },
    };

    [Theory, MemberData(nameof(Refused))]
    public void Options_ThatTheModelCannot_AreRefusedByName(string named, ChatOptions options) =>
        Assert.StartsWith(named, Assert.Throws<NotSupportedException>(() => Of(options)).Message, StringComparison.Ordinal);

    [Fact]
    public void Options_WithoutMeaningHere_AreLeftAlone() => Assert.Equal(0, Of(new ChatOptions
    {
        ModelId = "tiny", ResponseFormat = ChatResponseFormat.Text, FrequencyPenalty = 0, PresencePenalty = 0, AllowMultipleToolCalls = true,
        Tools = [AIFunctionFactory.Create(() => 1, "one")], ToolMode = ChatToolMode.None,
    }).Think.MaxSteps);

    [Fact]
    public void Messages_ThatAreNoChat_SayWhatIsWrong()
    {
        Assert.Contains("no messages", Problem<ConceptInputException>(), StringComparison.Ordinal);
        Assert.Contains(
            "The last of 2 messages is from the assistant",
            Problem<ConceptInputException>(s_messages[0], new ChatMessage(ChatRole.Assistant, " Paris")), StringComparison.Ordinal);
        Assert.Contains("from 'tool'", Problem<NotSupportedException>(new ChatMessage(ChatRole.Tool, "1")), StringComparison.Ordinal);
        Assert.Contains(
            "a DataContent", Problem<NotSupportedException>(new ChatMessage(ChatRole.User, [new DataContent(new byte[1], "image/png")])),
            StringComparison.Ordinal);

        static string Problem<T>(params ChatMessage[] messages)
            where T : Exception => Assert.Throws<T>(() => ChatRequest.Of(null!, "tiny", null, messages, null)).Message;
    }

    private static ChatRequest Of(ChatOptions? options) => ChatRequest.Of(null!, "tiny", null, s_messages, options);

    private sealed class OwnStrategy(string name = "own") : IStrategy
    {
        public string Name => name;

        public JsonObject Settings => [];

        public IReadOnlyList<string> FindProblems() => [];

        public IStrategyRun Start(StrategyContext context) => throw new NotSupportedException();
    }
}
