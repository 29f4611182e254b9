using System.Diagnostics;
using GgufConcepts.Hosting.Chat;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GgufConcepts.Hosting.Tests.Chat;

/// <summary>The client under what Microsoft.Extensions.AI puts around clients.</summary>
public sealed class PipelineTests
{
    private const string Question = "What is the capital of France?";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, InlineData(false), InlineData(true)]
    public async Task Cache_SameSettings_AnswersWithoutTheModel(bool streaming)
    {
        await using ChatHost host = await ChatHost.AtlasAsync();
        using IChatClient client = Wrap(host, "cache");
        ChatOptions options = new ChatOptions { MaxOutputTokens = 8 }.WithConcepts(think => think with { MaxSteps = 2 });

        ChatResponse first = await AskAsync(options.Clone());
        ChatResponse second = await AskAsync(options);
        ChatResponse other = await AskAsync(options.WithConcepts(think => think with { MaxSteps = 3 }));

        Assert.Equal(first.ResponseId, second.ResponseId); // the very response
        Assert.NotEqual(first.ResponseId, other.ResponseId);
        Assert.Equal((first.Text, "The capital"), (second.Text, Thought(second)));
        Assert.Equal("The capital of", Thought(other));
        Assert.Equal((2L, 3L), (second.Usage!.ReasoningTokenCount, other.Usage!.ReasoningTokenCount));
        Assert.Equal((ChatFinishReason.Stop, "atlas"), (second.FinishReason, second.ModelId));

        Task<ChatResponse> AskAsync(ChatOptions asked) => streaming
            ? client.GetStreamingResponseAsync(Question, asked, Token).ToChatResponseAsync(Token)
            : client.GetResponseAsync(Question, asked, Token);
        static string Thought(ChatResponse response) => response.Messages[0].Contents.OfType<TextReasoningContent>().Single().Text;
    }

    [Fact]
    public async Task OpenTelemetry_Response_IsToldWithModelTokensAndReason()
    {
        await using ChatHost host = await ChatHost.AtlasAsync();
        List<Activity> told = [];
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == "telemetry",
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = told.Add,
        };
        ActivitySource.AddActivityListener(listener);
        using IChatClient client = Wrap(host, "telemetry");

        ChatResponse response = await client.GetResponseAsync(
            Question, new ChatOptions().WithConcepts(think => think with { MaxSteps = 2 }), Token);

        Assert.IsType<Tracing.Trace>(response.RawRepresentation); // all the way out
        Activity chat = Assert.Single(told);
        Assert.Equal("chat atlas", chat.DisplayName);
        Assert.Equal("ggufconcepts", chat.GetTagItem("gen_ai.provider.name"));
        Assert.Equal("atlas", chat.GetTagItem("gen_ai.response.model"));
        Assert.Equal((int)response.Usage!.OutputTokenCount!, chat.GetTagItem("gen_ai.usage.output_tokens"));
        Assert.Equal(2, chat.GetTagItem("gen_ai.usage.reasoning.output_tokens"));
    }

    [Fact]
    public async Task Services_ThroughThePipeline_AreFound()
    {
        await using ChatHost host = await ChatHost.AtlasAsync();
        using IChatClient client = Wrap(host, "services");
        Assert.Equal("ggufconcepts", client.GetRequiredService<ChatClientMetadata>().ProviderName);
        Assert.Same(host.Services.GetRequiredService<IConceptService>(), client.GetService<IConceptService>());
    }

    [Fact]
    public async Task AddChatClient_AroundAModel_IsTheOneAskedForWithoutAName()
    {
        await using ChatHost host = await ChatHost.StartAsync(
            builder => builder.AddModel("tiny", model => model.Model = ChatHost.Tiny),
            services => services.AddChatClient(provider => provider.GetRequiredKeyedService<IChatClient>("tiny")).UseLogging());
        Assert.NotNull(host.Client.GetService<ConceptChatClient>());
        Assert.NotSame(host.Client, host.Client.GetService<ConceptChatClient>());
        Assert.NotNull((await host.Client.GetResponseAsync("What", new ChatOptions { MaxOutputTokens = 2 }, Token)).FinishReason);
    }

    private static IChatClient Wrap(ChatHost host, string source)
    {
        MemoryDistributedCache cache = new(Options.Create(new MemoryDistributedCacheOptions()));
        return host.Client.AsBuilder()
            .UseLogging(LoggerFactory.Create(_ => { }))
            .UseOpenTelemetry(sourceName: source)
            .UseDistributedCache(cache)
            .Build(host.Services);
    }
}
