using System.Text.Json.Nodes;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GgufConcepts.Hosting.Tests;

/// <summary>Hosts with models, and what is asked of them.</summary>
internal static class Hosts
{
    /// <summary>A thought of a few steps and a few words.</summary>
    public static ThinkOptions Brief { get; } = new()
    {
        MaxSteps = 6, ColdStop = new ColdStop { Entropy = 0 }, Reader = null, AnswerTokens = 3,
    };

    /// <summary>A thought that must be ended.</summary>
    public static ThinkOptions Endless { get; } = Brief with { Strategy = new SlowStrategy(), MaxSteps = 1_000_000 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <remarks>Models run in this process unless they say otherwise: a test may look into them, and has strategies of its
    /// own.</remarks>
    public static async Task<IHost> StartAsync(Action<GgufConceptsBuilder> add, TimeSpan? limit = null)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.ConfigureAll<HostedModelSettings>(model => model.Isolation = ModelIsolation.InProcess);
        add(builder.Services.AddGgufConcepts());
        builder.Services.Configure<HostedConceptSettings>(settings => settings.DrainLimit = limit ?? settings.DrainLimit);
        IHost host = builder.Build();
        try
        {
            await host.StartAsync(Token);
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    public static async Task<ThoughtEvent[]> CollectAsync(
        IConceptService service, string prompt, ThinkOptions options, CancellationToken? cancellation = null)
    {
        List<ThoughtEvent> events = [];
        await foreach (ThoughtEvent happened in service.ThinkAsync(prompt, options, cancellation ?? Token))
        {
            events.Add(happened);
        }

        return [.. events];
    }

    /// <summary>Waits until something is so; fails where it takes half a minute.</summary>
    public static async Task WaitUntilAsync(Func<bool> isSo)
    {
        for (int i = 0; i < 3000 && !isSo(); i++)
        {
            await Task.Delay(10, Token);
        }

        Assert.True(isSo());
    }

    /// <summary>Takes its time, and never ends by itself.</summary>
    public sealed class SlowStrategy(ManualResetEventSlim? gate = null) : IStrategy, IStrategyRun
    {
        public string Name => "slow";

        public JsonObject Settings => [];

        public IReadOnlyList<string> FindProblems() => [];

        public IStrategyRun Start(StrategyContext context) => this;

        public void Choose(in StepInput input, NextInput next)
        {
            gate?.Wait(Token);
            Thread.Sleep(5);
            next.FeedToken(70);
        }
    }
}
