using GgufConcepts.Models;
using GgufConcepts.Testing;
using GgufConcepts.Tests.Thinking;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Tests.Tracing;

/// <summary>Tests that look at the memory of the whole process: alone, after all others.</summary>
[CollectionDefinition(nameof(WholeProcess), DisableParallelization = true)]
public sealed class WholeProcess;

/// <summary>A thought of thousands of steps: its trace goes to disk, memory stays as it was.</summary>
[Collection(nameof(WholeProcess)), Trait("Speed", "Slow")]
public sealed class LongThoughtTests(LoadedModels models)
{
    private const int Steps = 4000;

    private static readonly TinyOptions s_long = new() { ContextLength = 4096, Layers = 1 };

    /// <summary>Of a step that was kept, its tokens alone would take 15 objects of 32 bytes, their texts as many: more
    /// than 900 bytes a step, 2.7 million in 3,000. What may differ is how many steps wait for a pass over the
    /// embeddings, 64 at most, and what a pool holds.</summary>
    private const long Most = 256 * 1024;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TraceFile_OfThousandsOfSteps_GrowsOnDiskAndNotInMemory(bool nearest)
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        using TempFolder folder = new();
        string path = folder.File("trace.json");
        ConceptModel model = models.Tiny(TinyArchitecture.Qwen2, s_long);
        using ConceptSession session = model.CreateSession();
        ThinkOptions options = new()
        {
            MaxSteps = Steps, FixedLength = true, Reader = null, AnswerTokens = 0, ThinkEnd = "",
        };
        using TraceFile file = new(Runs.Recorder(model, "The cat", options), path, nearest
            ? steps => TraceNeighbors.Add(steps, model, session, 1, token)
            : null);
        List<(long Memory, long Disk)> seen = [];
        foreach (ThoughtEvent happened in session.Think("The cat", options, token))
        {
            file.Add(happened);
            if (happened is ConceptStep { Index: int index } && (index + 1) % 1000 == 0)
            {
                string temporary = Assert.Single(Directory.GetFiles(folder.Path));
                Assert.NotEqual(path, temporary);
                seen.Add((GC.GetTotalMemory(forceFullCollection: true), new FileInfo(temporary).Length));
            }
        }

        Assert.Equal(Steps / 1000, seen.Count);
        Assert.All(seen.Skip(1), later => Assert.InRange(later.Memory - seen[0].Memory, long.MinValue, Most));
        Assert.All(
            seen.Zip(seen.Skip(1)),
            pair => Assert.InRange(pair.Second.Disk - pair.First.Disk, 500_000, long.MaxValue)); // 500 bytes a step
        file.WriteSteps();
        file.Finish();
        Trace trace = TraceJson.Load(path);
        Assert.Equal(Enumerable.Range(0, Steps), trace.Steps.Select(step => step.Index));
        Assert.All(trace.Steps, step => Assert.Equal(nearest ? 1 : null, step.Nearest?.Count));
        long held = GC.GetTotalMemory(forceFullCollection: true) - seen[0].Memory;
        Assert.InRange(held, 4 * Most, long.MaxValue); // what it takes to hold the steps is seen by this measure
        GC.KeepAlive(trace);
    }
}
