using System.Text.Json;
using System.Text.Json.Nodes;
using GgufConcepts.Batches;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tests.Batches;

/// <summary>A file of prompts and one of results, in a folder of their own.</summary>
internal sealed class BatchFiles : IDisposable
{
    private readonly TempFolder _folder = new();

    public string In => _folder.File("prompts.jsonl");

    public string Out => _folder.File("results.jsonl");

    /// <summary>What a test has in common with others: few steps, no reader.</summary>
    public static BatchDefaults Defaults { get; } = new("tiny")
    {
        Options = new ThinkOptions
        {
            MaxSteps = 3, ColdStop = new ColdStop { Entropy = 0 }, Reader = null, AnswerTokens = 2,
        },
    };

    /// <summary>Opens prompts that say nothing but themselves.</summary>
    public BatchInput Prompts(params string[] prompts) =>
        Lines([.. prompts.Select(prompt => new JsonObject { ["prompt"] = prompt }.ToJsonString())]);

    public BatchInput Lines(params string[] lines)
    {
        File.WriteAllLines(In, lines);
        return BatchInput.Open(In, Defaults);
    }

    public JsonElement[] Results() => [.. File.ReadLines(Out).Select(line => JsonDocument.Parse(line).RootElement)];

    public int[] Indexes() => [.. Results().Select(result => result.GetProperty("index").GetInt32())];

    public void Dispose() => _folder.Dispose();
}

/// <summary>Gives every job a result at once: the one that is made for it.</summary>
internal sealed class MadeRunner(Func<BatchJob, BatchResult?> make) : IBatchRunner
{
    public List<int> Asked { get; } = [];

    public async IAsyncEnumerable<BatchResult> RunAsync(
        IEnumerable<BatchJob> jobs, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default)
    {
        foreach (BatchJob job in jobs)
        {
            await Task.Yield();
            cancellation.ThrowIfCancellationRequested();
            Asked.Add(job.Index);
            if (make(job) is { } result)
            {
                yield return result;
            }
        }
    }

    /// <summary>A result without a thought in it.</summary>
    public static BatchResult Done(BatchJob job) => new(
        job.Index, job.Key, System.Text.Encoding.UTF8.GetBytes($$$"""{"index":{{{job.Index}}},"key":"{{{job.Key}}}","trace":{}}"""));
}
