using System.Text.Json;
using GgufConcepts.Batches;
using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Tests.Batches;

/// <summary>Batches thought in this process.</summary>
public sealed class LocalBatchTests(LoadedModels models) : IDisposable
{
    private readonly BatchFiles _files = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ConceptModel Model => models.Tiny(TinyArchitecture.Qwen2);

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Run_PromptsOfAllKinds_GivesTheTraceThatEachGivesAlone()
    {
        using BatchInput input = _files.Lines(
            """{"prompt": "The capital of France is", "id": "a"}""",
            """{"prompt": "What", "concept": {"strategy": "hidden", "maxSteps": 5}}""",
            """{"prompt": "The", "concept": {"strategy": "multi", "seed": 3}}""",
            """{"prompt": "one two three", "concept": {"strategy": "token:greedy=true", "answer": {"maxTokens": 0}}}""");
        await RunAsync(input, 3);

        Assert.Equal([0, 1, 2, 3], _files.Indexes().Order());
        Assert.Equal("a", _files.Results().Single(result => result.GetProperty("index").GetInt32() == 0).GetProperty("id").GetString());
        foreach (JsonElement result in _files.Results())
        {
            BatchJob job = input.Read(result.GetProperty("index").GetInt32());
            Trace trace = TraceJson.Read(result.GetProperty("trace"), "the trace");
            Trace alone = Alone(job);
            Assert.Equal((alone.Answer, alone.Stop, alone.Seed, alone.Strategy), (trace.Answer, trace.Stop, trace.Seed, trace.Strategy));
            Assert.Equal(
                alone.Steps.SelectMany(step => step.Tokens).Select(token => token.Id),
                trace.Steps.SelectMany(step => step.Tokens).Select(token => token.Id));
            Assert.Equal(alone.Steps.Count, trace.Steps.Count);
            Assert.Equal(job.Key, result.GetProperty("key").GetString());
        }
    }

    [Fact]
    public async Task Run_OneThatCannotBe_FailsAlone()
    {
        using BatchInput input = _files.Prompts("What", string.Concat(Enumerable.Repeat("The capital ", 200)), "The");
        await RunAsync(input, 2);

        JsonElement[] results = [.. _files.Results().OrderBy(result => result.GetProperty("index").GetInt32())];
        Assert.Equal([true, false, true], results.Select(result => result.TryGetProperty("trace", out _)));
        Assert.Contains("256", results[1].GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Brief_SaysWhatWasAnsweredAndRead()
    {
        _files.Prompts("The capital of France is").Dispose();
        BatchDefaults defaults = BatchFiles.Defaults with
        {
            Brief = true, Options = BatchFiles.Defaults.Options with { Reader = new ReadOptions { MaxTokens = 2 } },
        };
        using BatchInput input = BatchInput.Open(_files.In, defaults);
        await RunAsync(input, 1);

        JsonElement thought = Assert.Single(_files.Results()).GetProperty("thought");
        Trace alone = Alone(input.Read(0));
        Assert.Equal("The capital of France is", thought.GetProperty("prompt").GetString());
        Assert.Equal(alone.Answer, thought.GetProperty("answer").GetString());
        Assert.Equal(alone.Steps.Count, thought.GetProperty("steps").GetInt32());
        Assert.Equal(alone.Chunks[0].Translation, thought.GetProperty("chunks")[0].GetProperty("translation").GetString());
    }

    [Fact]
    public async Task Run_Cancelled_KeepsWhatIsDoneAndGoesOnFromThere()
    {
        using BatchInput input = _files.Prompts([.. Enumerable.Range(0, 40).Select(i => $"The capital of {i}")]);
        using CancellationTokenSource cancelled = CancellationTokenSource.CreateLinkedTokenSource(Token);
        int before = 0;
        using (Batch batch = Batch.Open(input, _files.Out))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                await foreach (BatchResult result in batch.RunAsync(new LocalBatchRunner(Model, 2), cancelled.Token))
                {
                    before++;
                    await cancelled.CancelAsync();
                }
            });
            Assert.Equal(before, batch.Done);
        }

        Assert.InRange(before, 1, 39);
        using (Batch rest = Batch.Open(input, _files.Out))
        {
            await foreach (BatchResult result in rest.RunAsync(new LocalBatchRunner(Model, 2), Token))
            {
                before++;
            }
        }

        Assert.Equal(40, before);
        Assert.Equal(Enumerable.Range(0, 40), _files.Indexes().Order());
    }

    [Fact]
    public async Task Run_ReaderThatLeaves_EndsTheWork()
    {
        using BatchInput input = _files.Prompts([.. Enumerable.Range(0, 200).Select(i => $"The capital of {i}")]);
        await foreach (BatchResult result in new LocalBatchRunner(Model, 2).RunAsync(Enumerable.Range(0, 200).Select(input.Read), Token))
        {
            Assert.Equal(input.KeyOf(result.Index), result.Key);
            break; // the thread that computes must have ended when this returns: the model can be used again
        }

        Assert.NotEmpty(Alone(input.Read(0)).Steps);
    }

    private async Task RunAsync(BatchInput input, int parallel)
    {
        using Batch batch = Batch.Open(input, _files.Out);
        await foreach (BatchResult result in batch.RunAsync(new LocalBatchRunner(Model, parallel), Token))
        {
            Assert.True(result.Line.Length > 0);
        }
    }

    private Trace Alone(BatchJob job)
    {
        ThinkOptions options = ThinkSettings.Read(job.Settings);
        TraceRecorder recorder = new(Model.Info, job.Prompt, options.Strategy.Name, options.Settings, options.Seed);
        using ConceptSession session = Model.CreateSession();
        foreach (ThoughtEvent happened in session.Think(job.Prompt, options, Token))
        {
            recorder.Add(happened);
        }

        return recorder.Build();
    }
}
