using BenchmarkDotNet.Attributes;
using GgufConcepts.Hosting;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GgufConcepts.Benchmarks;

/// <summary>Sixteen thoughts of a host's model, one after another and at once; a time is that of one step.</summary>
/// <remarks>Atlas has 1.9 MB of weights, which stay in a processor's cache: rows of a decode share the reading of the
/// weights, and here there is none to share, but the work that a decode is whatever its rows.</remarks>
public class HostBenchmarks
{
    private const int Thoughts = 16;
    private const int Steps = 32;

    private static readonly ThinkOptions s_options = new()
    {
        MaxSteps = Steps, FixedLength = true, ColdStop = new ColdStop { Entropy = 0 }, Reader = null, AnswerTokens = 0,
    };

    private IHost? _host;
    private IConceptService? _service;

    /// <summary>Threads that compute; a host uses 1 for so small a model.</summary>
    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddGgufConcepts().AddModel("atlas", model =>
        {
            model.Model = CommittedModels.Path("atlas.gguf");
            model.Parallel = Thoughts;
            model.Threads = Threads;
        });
        _host = builder.Build();
        _host.Start();
        _service = _host.Services.GetRequiredService<IConceptService>();
    }

    [GlobalCleanup]
    public async Task CleanupAsync()
    {
        await _host!.StopAsync();
        _host.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Thoughts * Steps)]
    public async Task<int> OneAfterAnother()
    {
        int steps = 0;
        for (int i = 0; i < Thoughts; i++)
        {
            steps += await ThinkAsync();
        }

        return steps;
    }

    [Benchmark(OperationsPerInvoke = Thoughts * Steps)]
    public async Task<int> SixteenAtOnce() =>
        (await Task.WhenAll(Enumerable.Range(0, Thoughts).Select(_ => ThinkAsync()))).Sum();

    private async Task<int> ThinkAsync()
    {
        int steps = 0;
        await foreach (ThoughtEvent happened in _service!.ThinkAsync("The capital of France is", s_options))
        {
            steps += happened is ConceptStep ? 1 : 0;
        }

        return steps;
    }
}
