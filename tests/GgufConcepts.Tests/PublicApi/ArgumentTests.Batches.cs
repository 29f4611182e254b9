using GgufConcepts.Batches;
using GgufConcepts.Testing;
using Row = GgufConcepts.Testing.PublicApi.WrongArgument<GgufConcepts.Models.ConceptModel>;

namespace GgufConcepts.Tests.PublicApi;

/// <summary>Of the folder Batches.</summary>
public sealed partial class ArgumentTests
{
    private static readonly Row[] s_batches =
    [
        .. Row.Each("LocalBatchRunner.ctor(parallel)", [0, -1, 1000], (model, parallel) =>
            Run(new LocalBatchRunner(model, parallel), []), "thoughts at once"),
        new("LocalBatchRunner.RunAsync(jobs)", "a null among them", model => Run(new LocalBatchRunner(model, 1), [null!])),
        .. Row.Each("BatchEngine.ctor(parallel)", [0, -1, 1000], (model, parallel) =>
            new BatchEngine(model, parallel), "thoughts at once"),
        .. Row.Each("Batch.Open(outputPath)", ["", "a\0b"], (_, path) =>
            InBatch(input => Batch.Open(input, path)), "Cannot write results to"),
        .. Row.Each("BatchInput.KeyOf(index)", [-1, 1], (_, index) => InBatch(input => input.KeyOf(index))),
        .. Row.Each("BatchInput.LineOf(index)", [-1, 1], (_, index) => InBatch(input => input.LineOf(index))),
        .. Row.Each("BatchInput.Read(index)", [-1, 1], (_, index) => InBatch(input => input.Read(index))),
        .. Row.Each("BatchJob.Make(index)", [-1], (_, index) => BatchJob.Make(index, "atlas", "a", [], null, false)),
        Row.None("BatchJob.Read(json)", "BatchInputTests: a text from outside, whose problems are ConceptInputExceptions"),
        Row.None("BatchResult.Read(line)", "a line from outside, as above"),
    ];

    private static void Run(LocalBatchRunner runner, BatchJob[] jobs) =>
        runner.RunAsync(jobs).GetAsyncEnumerator().MoveNextAsync().AsTask().GetAwaiter().GetResult();

    private static void InBatch(Action<BatchInput> call)
    {
        using TempFolder folder = new();
        File.WriteAllText(folder.File("jobs.jsonl"), """{"prompt": "a"}""" + "\n");
        using BatchInput input = BatchInput.Open(folder.File("jobs.jsonl"), new BatchDefaults("atlas"));
        call(input);
    }
}
