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
            new LocalBatchRunner(model, parallel).RunAsync([]).GetAsyncEnumerator().MoveNextAsync().AsTask().GetAwaiter().GetResult(),
            "thoughts at once"),
        .. Row.Each("BatchEngine.ctor(parallel)", [0, -1, 1000], (model, parallel) =>
            new BatchEngine(model, parallel), "thoughts at once"),
        .. Row.Each("BatchInput.KeyOf(index)", [-1, 1], (_, index) => InBatch(input => input.KeyOf(index))),
        .. Row.Each("BatchInput.LineOf(index)", [-1, 1], (_, index) => InBatch(input => input.LineOf(index))),
        .. Row.Each("BatchInput.Read(index)", [-1, 1], (_, index) => InBatch(input => input.Read(index))),
        .. Row.Each("BatchJob.Make(index)", [-1], (_, index) => BatchJob.Make(index, "atlas", "a", [], null, false)),
        Row.None("BatchJob.Read(json)", "BatchJobTests: a text from outside, whose problems are ConceptInputExceptions"),
        Row.None("BatchResult.Read(line)", "a line from outside, as above"),
    ];

    private static void InBatch(Action<BatchInput> call)
    {
        using TempFolder folder = new();
        File.WriteAllText(folder.File("jobs.jsonl"), """{"prompt": "a"}""" + "\n");
        using BatchInput input = BatchInput.Open(folder.File("jobs.jsonl"), new BatchDefaults("atlas"));
        call(input);
    }
}
