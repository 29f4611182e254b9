using GgufConcepts.Hosting.Chat;
using GgufConcepts.Models;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using ChatOptions = Microsoft.Extensions.AI.ChatOptions;
using ChatRole = Microsoft.Extensions.AI.ChatRole;

namespace GgufConcepts.Hosting.Tests.Chat;

/// <summary>What a chat client is told, and what it says.</summary>
public sealed class ConceptChatClientTests
{
    private const string Question = "What is the capital of France?";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetResponse_NoThoughtAskedFor_DecodesAtOnce()
    {
        await using ChatHost host = await ChatHost.AtlasAsync();

        ChatResponse response = await host.Client.GetResponseAsync(Question, cancellationToken: Token);

        Assert.Equal("The capital of France is Paris.", response.Text);
        Assert.Equal("atlas", response.ModelId);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal((0L, 7L), (response.Usage!.ReasoningTokenCount, response.Usage.OutputTokenCount));
        Assert.All(Assert.Single(response.Messages).Contents, content => Assert.IsType<TextContent>(content));
        Trace trace = Assert.IsType<Trace>(response.RawRepresentation);
        Assert.Equal(("token",Question, response.Text), (trace.Strategy, trace.Prompt, trace.Answer));
        Assert.Empty(trace.Steps);
    }

    [Fact]
    public async Task GetResponse_WithConcepts_IsWhatTheModelThinksAlone()
    {
        await using ChatHost host = await ChatHost.AtlasAsync();
        ThinkOptions think = new()
        {
            Strategy = new SoftThinking { Mix = new() { MaxTopK = 4 } }, MaxSteps = 2, AnswerTokens = 3,
        };

        ChatResponse response = await host.Client.GetResponseAsync(Question, new ChatOptions().WithConcepts(think), Token);

        using ConceptSession session = host.Services.GetRequiredService<IConceptService>().Model.CreateSession();
        ThoughtEvent[] alone = [.. session.Think(Question, think with { Chat = new Thinking.ChatOptions() }, Token)];
        AIContent[] contents = [.. Assert.Single(response.Messages).Contents];
        Assert.Equal([typeof(TextReasoningContent), typeof(TextContent)], contents.Select(content => content.GetType()));
        Assert.Equal(alone.OfType<ChunkRead>().Single().Translation, ((TextReasoningContent)contents[0]).Text);
        Assert.Equal(string.Concat(alone.OfType<AnswerPiece>().Select(piece => piece.Text)), response.Text);
        Trace trace = Assert.IsType<Trace>(response.RawRepresentation);
        Assert.Equal(
            alone.OfType<ConceptStep>().Select(step => string.Join(",", step.Tokens.Select(token => token.Id))),
            trace.Steps.Select(step => string.Join(",", step.Tokens.Select(token => token.Id))));
        int prompt = alone.OfType<PromptRead>().Single().Tokens.Count;
        Assert.Equal(
            (prompt, 5L, prompt + 5L, 2L),
            (response.Usage!.InputTokenCount, response.Usage.OutputTokenCount, response.Usage.TotalTokenCount, response.Usage.ReasoningTokenCount));
    }

    [Fact]
    public async Task GetStreamingResponse_EveryEvent_IsAPartOfOneMessage()
    {
        await using ChatHost host = await ChatHost.AtlasAsync();
        ChatOptions options = new ChatOptions { MaxOutputTokens = 3 }.WithConcepts(think => think with { MaxSteps = 2 });

        List<ChatResponseUpdate> parts = [];
        await foreach (ChatResponseUpdate part in host.Client.GetStreamingResponseAsync(Question, options, Token))
        {
            parts.Add(part);
        }

        Assert.All(parts, part => Assert.Equal("atlas", part.ModelId));
        Assert.Single(parts.Select(part => (part.ResponseId, part.MessageId, part.CreatedAt, part.Role)).Distinct());
        Assert.True(parts[0].CreatedAt > DateTimeOffset.UtcNow.AddMinutes(-5));
        Assert.IsType<PromptRead>(parts[0].RawRepresentation);
        Assert.Equal(2, parts.Count(part => part.RawRepresentation is ConceptStep));
        Assert.Equal("The capital", parts.Single(part => part.RawRepresentation is ChunkRead).Contents.OfType<TextReasoningContent>().Single().Text);
        Assert.Equal(ChatFinishReason.Length, parts[^1].FinishReason);
        Assert.IsType<ThoughtEnded>(parts[^1].RawRepresentation);
        ChatResponse whole = parts.ToChatResponse();
        ChatResponse again = await host.Client.GetResponseAsync(Question, options, Token);
        Assert.Equal((again.Text, again.Usage!.TotalTokenCount), (whole.Text, whole.Usage!.TotalTokenCount));
        Assert.NotEqual(again.ResponseId, whole.ResponseId);
    }

    [Theory]
    [InlineData(ReasoningEffort.None, 0)]
    [InlineData(ReasoningEffort.Low, 32)]
    [InlineData(ReasoningEffort.Medium, 128)]
    public async Task GetResponse_WithEffort_ThinksUpToItsSteps(ReasoningEffort effort, int steps)
    {
        await using ChatHost host = await ChatHost.TinyAsync();
        ChatOptions options = new ChatOptions { MaxOutputTokens = 1, Reasoning = new() { Effort = effort } }
            .WithConcepts(think => think with { FixedLength = true, ColdStop = new() { Entropy = 0 } });

        ChatResponse response = await host.Client.GetResponseAsync("What", options, Token);

        Assert.Equal(steps, response.Usage!.ReasoningTokenCount);
    }

    [Fact]
    public async Task GetResponse_NoReasoningOutput_ThinksWithoutAReader()
    {
        await using ChatHost host = await ChatHost.AtlasAsync();
        ChatOptions options = new()
        {
            MaxOutputTokens = 2, Reasoning = new() { Effort = ReasoningEffort.Low, Output = ReasoningOutput.None },
        };

        ChatResponse response = await host.Client.GetResponseAsync(Question, options, Token);

        Assert.True(response.Usage!.ReasoningTokenCount > 0);
        Assert.DoesNotContain(response.Messages[0].Contents, content => content is TextReasoningContent);
        Assert.Empty(((Trace)response.RawRepresentation!).Chunks);
    }

    [Fact]
    public async Task GetResponse_ThoughtInTokens_ShowsThemAsItsWords()
    {
        await using ChatHost host = await ChatHost.AtlasAsync();
        ChatOptions options = new ChatOptions { MaxOutputTokens = 2 }.WithConcepts(think => think with
        {
            Strategy = new TokenDecoding { Greedy = true }, MaxSteps = 3, ColdStop = new() { Entropy = 0 },
        });

        ChatResponse response = await host.Client.GetResponseAsync(Question, options, Token);

        Trace trace = (Trace)response.RawRepresentation!;
        Assert.Equal(
            string.Concat(trace.Steps.Select(step => step.Chosen!.Text)),
            Assert.Single(response.Messages[0].Contents.OfType<TextReasoningContent>()).Text);
    }

    [Fact]
    public async Task GetResponse_StopSequence_EndsTheAnswerBeforeIt()
    {
        await using ChatHost host = await ChatHost.AtlasAsync();
        string all = (await host.Client.GetResponseAsync(Question, new ChatOptions { MaxOutputTokens = 12 }, Token)).Text;
        string stop = all[(all.Length / 2)..(all.Length / 2 + 3)];

        ChatResponse response = await host.Client.GetResponseAsync(
            Question, new ChatOptions { MaxOutputTokens = 12, StopSequences = [stop] }, Token);

        Assert.Equal(all[..all.IndexOf(stop, StringComparison.Ordinal)], response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    [Fact]
    public async Task GetResponse_Seed_DecidesWhatIsDrawn()
    {
        await using ChatHost host = await ChatHost.TinyAsync();

        string[] drawn = await Task.WhenAll(new long[] { 1, 1, -2 }.Select(
            async seed => (await host.Client.GetResponseAsync(
                "What", new ChatOptions { MaxOutputTokens = 12, Temperature = 2f, Seed = seed }, Token)).Text));

        Assert.Equal(drawn[0], drawn[1]);
        Assert.NotEqual(drawn[0], drawn[2]);
    }

    [Fact]
    public async Task GetResponse_History_IsInThePromptAsTheTemplateHasIt()
    {
        await using ChatHost host = await ChatHost.TinyAsync();
        ChatMessage[] messages =
        [
            new(ChatRole.System, "plain English"), new(ChatRole.User, "What"),
            new(ChatRole.Assistant, [new TextReasoningContent("a secret"), new TextContent(" Paris")]), new(ChatRole.User, "The cat"),
        ];

        ChatResponse response = await host.Client.GetResponseAsync(
            messages, new ChatOptions { MaxOutputTokens = 1, Instructions = "no dog" }, Token);

        ConceptModel model = host.Client.GetService<ConceptModel>()!;
        int[] expected = ChatTemplate.Of(model).Encode(model.Tokenizer,
        [
            new ChatTurn(Thinking.ChatRole.System, "no dog\n\nplain English"), new ChatTurn(Thinking.ChatRole.User, "What"),
            new ChatTurn(Thinking.ChatRole.Assistant, " Paris"), new ChatTurn(Thinking.ChatRole.User, "The cat"),
        ]);
        Assert.Equal(expected, ((Trace)response.RawRepresentation!).PromptTokens);
    }

    [Fact]
    public async Task GetResponse_ModelWithoutTemplate_SaysWhichSettingWouldHelp()
    {
        await using ChatHost host = await ChatHost.StartAsync(
            builder => builder.AddModel("plain", model => model.Model = TinyModels.Path(TinyArchitecture.Llama)));
        ConceptInputException refused = await Assert.ThrowsAsync<ConceptInputException>(
            () => host.Client.GetResponseAsync(Question, cancellationToken: Token));
        Assert.Equal(
            "plain carries no chat template that llama.cpp knows; set HostedModelSettings.ChatTemplate to one that it does, such as " +
            "chatml, or to none: the messages are then a plain text to continue.",
            refused.Message);
    }

    [Fact]
    public async Task GetResponse_TemplateThatIsNone_SaysWhichSettingIsWrong()
    {
        await using ChatHost host = await ChatHost.AtlasAsync(template: "no-such");
        ConceptInputException refused = await Assert.ThrowsAsync<ConceptInputException>(
            () => host.Client.GetResponseAsync(Question, cancellationToken: Token));
        Assert.StartsWith("There is no chat template 'no-such'; for atlas, set HostedModelSettings", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetResponse_PlainText_JoinsTheMessages()
    {
        await using ChatHost host = await ChatHost.AtlasAsync(template: "none");
        ChatResponse response = await host.Client.GetResponseAsync(
            [new(ChatRole.System, "Facts."), new(ChatRole.User, "The capital of France is")], new ChatOptions { MaxOutputTokens = 1 }, Token);
        Trace trace = (Trace)response.RawRepresentation!;
        Assert.Equal("Facts.\n\nThe capital of France is", trace.Prompt);
        Assert.Equal(host.Client.GetService<ConceptModel>()!.Tokenizer.EncodePrompt(trace.Prompt), trace.PromptTokens);
    }

    [Fact]
    public async Task GetStreamingResponse_LeftInTheMiddle_FreesItsPlace()
    {
        await using ChatHost host = await ChatHost.TinyAsync(model => model.Parallel = 1);
        ChatOptions endless = new ChatOptions().WithConcepts(
            think => think with { FixedLength = true, MaxSteps = 400, ColdStop = new() { Entropy = 0 }, Reader = null });
        await foreach (ChatResponseUpdate part in host.Client.GetStreamingResponseAsync("What", endless, Token))
        {
            if (part.RawRepresentation is ConceptStep)
            {
                break;
            }
        }

        Assert.NotNull((await host.Client.GetResponseAsync("What", new ChatOptions { MaxOutputTokens = 1 }, Token)).FinishReason);
    }

    [Fact]
    public async Task GetResponse_Cancelled_Throws()
    {
        await using ChatHost host = await ChatHost.TinyAsync();
        using CancellationTokenSource source = new();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.Client.GetResponseAsync("What", cancellationToken: source.Token));
    }

    [Fact]
    public async Task Client_OfAModelAlone_AnswersWithoutAHost()
    {
        using ConceptModel model = await ConceptModel.LoadAsync(ChatHost.Tiny, cancellation: Token);
        using ConceptChatClient client = new(model);

        ChatResponse response = await client.GetResponseAsync(
            "What", new ChatOptions { MaxOutputTokens = 2 }.WithConcepts(think => think with { MaxSteps = 2, FixedLength = true }), Token);

        Assert.Equal(2, response.Usage!.ReasoningTokenCount);
        Assert.Equal(model.Info.Name, response.ModelId);
        Assert.Same(model, client.GetService(typeof(ConceptModel)));
        Assert.Null(client.GetService(typeof(IConceptService)));
    }

    [Fact]
    public async Task GetService_OfAHost_GivesWhatIsBehindIt()
    {
        await using ChatHost host = await ChatHost.TinyAsync();
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        ChatClientMetadata metadata = host.Client.GetRequiredService<ChatClientMetadata>();
        Assert.Equal(("ggufconcepts", "tiny"), (metadata.ProviderName, metadata.DefaultModelId));
        Assert.Same(service, host.Client.GetService<IConceptService>());
        Assert.Same(service.Model, host.Client.GetService<ConceptModel>());
        Assert.Same(host.Client, host.Client.GetService<ConceptChatClient>());
        Assert.Null(host.Client.GetService(typeof(ConceptModel), "key"));
        Assert.Null(host.Client.GetService<Uri>());
    }

    [Fact]
    public async Task GetResponse_ModelNotLoadedYet_LoadsIt()
    {
        await using ChatHost host = await ChatHost.TinyAsync(model => model.Loading = ModelLoading.OnFirstRequest);
        Assert.Null(host.Client.GetService<ConceptModel>());

        ChatResponse response = await host.Client.GetResponseAsync("What", new ChatOptions { MaxOutputTokens = 2 }, Token);

        Assert.Equal("qwen2", ((Trace)response.RawRepresentation!).Model.Architecture);
        Assert.NotNull(host.Client.GetService<ConceptModel>());
    }

    [Fact]
    public async Task AddModel_Two_MustBeAskedForByName()
    {
        await using ChatHost host = await ChatHost.StartAsync(
            builder => builder.AddModel("one", model => model.Model = ChatHost.Tiny).AddModel("two", model => model.Model = ChatHost.Tiny));
        Assert.Equal(
            "two", host.Services.GetRequiredKeyedService<IChatClient>("two").GetRequiredService<ChatClientMetadata>().DefaultModelId);
        InvalidOperationException refused = Assert.Throws<InvalidOperationException>(() => host.Client);
        Assert.Contains("2 models: one, two", refused.Message, StringComparison.Ordinal);
    }
}
