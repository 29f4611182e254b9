using GgufConcepts.Testing;
using GgufConcepts.Thinking;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace GgufConcepts.Hosting.Tests;

/// <summary>Models in a host, as programs add them.</summary>
public sealed class HostedModelTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Tiny => TinyModels.Path(TinyArchitecture.Qwen2, new TinyOptions { ContextLength = 4096 });

    [Fact]
    public async Task ThinkAsync_SixteenAtOnce_GiveWhatEachGivesAlone()
    {
        using IHost host = await Hosts.StartAsync(builder => builder.AddModel("tiny", model => (model.Model, model.Parallel) = (Tiny, 16)));
        IConceptService service = host.Services.GetRequiredKeyedService<IConceptService>("tiny");
        Assert.Same(service, host.Services.GetRequiredService<IConceptService>());

        ThoughtEvent[][] beside = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Hosts.CollectAsync(service, Prompt(i), Hosts.Brief)));
        for (int i = 0; i < beside.Length; i++)
        {
            using ConceptSession session = service.Model.CreateSession();
            ThoughtEvent[] alone = [.. session.Think(Prompt(i), Hosts.Brief, Token)];
            Assert.Equal(
                alone.OfType<ConceptStep>().Select(step => step.Tokens[0].Id),
                beside[i].OfType<ConceptStep>().Select(step => step.Tokens[0].Id));
            Assert.Equal(alone[^1], beside[i][^1]);
        }

        await host.StopAsync(Token);

        static string Prompt(int i) => $"The {TinyVocabulary.Words[i].Trim()} is";
    }

    /// <summary>Thoughts of their own length. Forced on, past where the model would have ended the text, they drift apart
    /// by the rounding of 16-bit weights: by 4e-3 after twelve steps.</summary>
    [Fact]
    public async Task ThinkAsync_SixteenOfAtlas_GiveTheTracesTheyGiveAlone()
    {
        const float Tolerance = 1e-3f;
        string[] places =
        [
            "France", "Egypt", "China", "Italy", "Germany", "Ireland", "Morocco", "Spain",
            "Japan", "India", "Peru", "Kenya", "Norway", "Greece", "Chile", "Cuba",
        ];
        ThinkOptions options = Hosts.Brief with { MaxSteps = 12, Reader = new(), AnswerTokens = 8 };
        using IHost host = await Hosts.StartAsync(builder => builder.AddModel(
            "atlas", model => (model.Model, model.Parallel) = (CommittedModels.Path("atlas.gguf"), 16)));
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        ThoughtEvent[][] beside = await Task.WhenAll(places.Select(place => Hosts.CollectAsync(service, Prompt(place), options)));
        int nearTies = 0;
        for (int i = 0; i < places.Length; i++)
        {
            using ConceptSession session = service.Model.CreateSession();
            ThoughtEvent[] alone = [.. session.Think(Prompt(places[i]), options, Token)];
            ConceptStep[] expected = [.. alone.OfType<ConceptStep>()], given = [.. beside[i].OfType<ConceptStep>()];
            Assert.NotEmpty(expected);
            Assert.Equal(expected.Length, given.Length);
            foreach ((ConceptStep one, ConceptStep other) in expected.Zip(given))
            {
                foreach ((TokenWeight wanted, TokenWeight told) in one.Tokens.Zip(other.Tokens))
                {
                    Assert.InRange(told.Probability - wanted.Probability, -Tolerance, Tolerance); // also where two as likely change places
                    nearTies += wanted.Id == told.Id ? 0 : 1;
                }
            }

            Assert.Equal(alone.OfType<ChunkRead>().Single().Translation, beside[i].OfType<ChunkRead>().Single().Translation);
            Assert.Equal(alone[^1], beside[i][^1]);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{nearTies} tokens stand elsewhere in their step's list.");
        Assert.InRange(nearTies, 0, 10);
        await host.StopAsync(Token);

        static string Prompt(string place) => $"The capital of {place} is";
    }

    [Fact]
    public async Task Start_FromConfiguration_BindsEveryModelByItsName()
    {
        Dictionary<string, string?> values = new()
        {
            ["DrainLimit"] = "00:00:03",
            ["Models:one:Model"] = Tiny,
            ["Models:one:Parallel"] = "2",
            ["Models:two:Model"] = CommittedModels.Path("atlas.gguf"),
            ["Models:two:ContextLength"] = "128",
        };
        IConfiguration section = new ConfigurationBuilder().AddInMemoryCollection(values).Build();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddGgufConcepts(section);
        using IHost host = builder.Build();
        await host.StartAsync(Token);

        IConceptService two = host.Services.GetRequiredKeyedService<IConceptService>("two");
        Assert.Equal(("two", 128), (two.Name, two.Info!.ContextLength));
        Assert.Equal(2, host.Services.GetServices<IConceptService>().Count());
        Assert.Equal(TimeSpan.FromSeconds(3), host.Services.GetRequiredService<IOptions<HostedConceptSettings>>().Value.DrainLimit);
        ThoughtEvent[] events = await Hosts.CollectAsync(two, "The capital of France is", Hosts.Brief);
        Assert.Contains(events.OfType<ConceptStep>().First().Tokens, token => token.Text == " Paris");
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task Start_BadSettings_ListsEveryProblem()
    {
        OptionsValidationException refused = await Assert.ThrowsAsync<OptionsValidationException>(() => Hosts.StartAsync(builder => builder.AddModel(
            "bad", model => (model.Model, model.Parallel, model.QueueLength, model.Deadline) = ("", 0, 0, TimeSpan.FromDays(2)))));
        Assert.All(
            ["Model", "Parallel", "QueueLength", "Deadline"],
            field => Assert.Contains($"bad.{field}", refused.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_ModelThatIsNotThere_FailsTheStart()
    {
        ConceptInputException refused = await Assert.ThrowsAnyAsync<ConceptInputException>(
            () => Hosts.StartAsync(builder => builder.AddModel("gone", model => model.Model = "no-such-model.gguf")));
        Assert.Contains("no-such-model.gguf", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddModel_NameTaken_IsRefused()
    {
        GgufConceptsBuilder builder = new ServiceCollection().AddGgufConcepts().AddModel("one", _ => { });
        Assert.Equal("name", Assert.Throws<ArgumentException>(() => builder.AddModel("one", _ => { })).ParamName);
    }

    [Fact]
    public async Task ThinkAsync_MoreThanMayWait_IsRefusedAndTheOthersGoOn()
    {
        using IHost host = await Hosts.StartAsync(builder => builder.AddModel(
            "tiny", model => (model.Model, model.Parallel, model.QueueLength) = (Tiny, 1, 2)));
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        using CancellationTokenSource leaving = new();
        await using IAsyncEnumerator<ThoughtEvent> first = service.ThinkAsync("The", Hosts.Endless, leaving.Token).GetAsyncEnumerator(Token);
        Assert.True(await first.MoveNextAsync()); // it has the only place
        Task<ThoughtEvent[]>[] waiting = [Hosts.CollectAsync(service, "What", Hosts.Brief), Hosts.CollectAsync(service, "The", Hosts.Brief)];

        ConceptQueueFullException full = await Assert.ThrowsAsync<ConceptQueueFullException>(() => Hosts.CollectAsync(service, "The", Hosts.Brief));
        Assert.Contains("2 requests wait for tiny", full.Message, StringComparison.Ordinal);
        await leaving.CancelAsync(); // the place is free again
        Assert.All(await Task.WhenAll(waiting), events => Assert.IsType<ThoughtEnded>(events[^1]));
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task ThinkAsync_LeftInTheMiddle_FreesItsPlace()
    {
        using IHost host = await Hosts.StartAsync(builder => builder.AddModel("tiny", model => (model.Model, model.Parallel) = (Tiny, 1)));
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        await foreach (ThoughtEvent happened in service.ThinkAsync("The", Hosts.Endless, Token))
        {
            if (happened is ConceptStep)
            {
                break; // as a client does that hangs up
            }
        }

        Assert.IsType<ThoughtEnded>((await Hosts.CollectAsync(service, "The", Hosts.Brief))[^1]);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task ThinkAsync_PastItsDeadline_TimesOut()
    {
        using IHost host = await Hosts.StartAsync(builder => builder.AddModel(
            "tiny", model => (model.Model, model.Deadline) = (Tiny, TimeSpan.FromSeconds(2))));
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        await Assert.ThrowsAsync<TimeoutException>(() => Hosts.CollectAsync(service, "The", Hosts.Endless));
        Assert.IsType<ThoughtEnded>((await Hosts.CollectAsync(service, "The", Hosts.Brief))[^1]);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task ThinkAsync_PastItsDeadlineWhileItWaits_DoesNotWaitForAPlace()
    {
        using ManualResetEventSlim gate = new();
        using IHost host = await Hosts.StartAsync(builder => builder.AddModel(
            "tiny", model => (model.Model, model.Parallel, model.Deadline) = (Tiny, 1, TimeSpan.FromMilliseconds(300))));
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        Task<ThoughtEvent[]> stuck = Hosts.CollectAsync(service, "The", Hosts.Brief with { Strategy = new Hosts.SlowStrategy(gate) });
        Task<ThoughtEvent[]> waiting = Hosts.CollectAsync(service, "What", Hosts.Brief);

        try
        {
            Task both = Task.WhenAll(stuck, waiting);
            Assert.Same(both, await Task.WhenAny(both, Task.Delay(TimeSpan.FromSeconds(20), Token)));
        }
        finally
        {
            gate.Set();
        }

        await Assert.ThrowsAsync<TimeoutException>(() => waiting);
        await Assert.ThrowsAsync<TimeoutException>(() => stuck);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task ThinkAsync_BadPrompt_FailsItsOwnCaller()
    {
        using IHost host = await Hosts.StartAsync(builder => builder.AddModel("tiny", model => model.Model = Tiny));
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        Task<ThoughtEvent[]> other = Hosts.CollectAsync(service, "The", Hosts.Brief);
        await Assert.ThrowsAsync<ConceptInputException>(() => Hosts.CollectAsync(service, "", Hosts.Brief));
        await Assert.ThrowsAsync<ConceptInputException>(() => Hosts.CollectAsync(service, "The", Hosts.Brief with { MaxSteps = -1 }));
        Assert.IsType<ThoughtEnded>((await other)[^1]);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task Stop_WhatRuns_IsFinishedAndWhatComesRefused()
    {
        using IHost host = await Hosts.StartAsync(builder => builder.AddModel("tiny", model => (model.Model, model.Parallel) = (Tiny, 1)));
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        ThinkOptions some = Hosts.Brief with { Strategy = new Hosts.SlowStrategy(), MaxSteps = 50 };
        await using IAsyncEnumerator<ThoughtEvent> running = service.ThinkAsync("The", some, Token).GetAsyncEnumerator(Token);
        Assert.True(await running.MoveNextAsync());
        Task<ThoughtEvent[]> waiting = Hosts.CollectAsync(service, "What", some);

        Task stopping = host.StopAsync(Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Hosts.CollectAsync(service, "The", Hosts.Brief)); // while it drains
        await stopping;
        ThoughtEvent last = running.Current;
        while (await running.MoveNextAsync())
        {
            last = running.Current;
        }

        Assert.IsType<ThoughtEnded>(last);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Hosts.CollectAsync(service, "The", Hosts.Brief));
    }

    [Fact]
    public async Task Stop_WhatRunsTooLong_IsEndedAtTheLimit()
    {
        using IHost host = await Hosts.StartAsync(
            builder => builder.AddModel("tiny", model => model.Model = Tiny), limit: TimeSpan.FromMilliseconds(100));
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        await using IAsyncEnumerator<ThoughtEvent> running = service.ThinkAsync("The", Hosts.Endless, Token).GetAsyncEnumerator(Token);
        Assert.True(await running.MoveNextAsync());

        await host.StopAsync(Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (await running.MoveNextAsync())
            {
            }
        });
    }

    [Fact]
    public async Task Dispose_WithoutStop_EndsWhatRunsAndLeavesTheExitCode()
    {
        IHost host = await Hosts.StartAsync(builder => builder.AddModel("tiny", model => model.Model = Tiny));
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        await using IAsyncEnumerator<ThoughtEvent> running = service.ThinkAsync("The", Hosts.Endless, Token).GetAsyncEnumerator(Token);
        Assert.True(await running.MoveNextAsync());

        host.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (await running.MoveNextAsync())
            {
            }
        });
        Assert.Equal(0, Environment.ExitCode);
    }
}
