using System.Text.Json;
using System.Text.Json.Nodes;
using GgufConcepts.Batches;

namespace GgufConcepts.Nats.Tests;

/// <summary>Jobs and results that are more than the server takes in one message.</summary>
public sealed class LargestMessageTests : IAsyncDisposable
{
    private readonly Machines _machines = new("max_payload: 4096");

    public ValueTask DisposeAsync() => _machines.DisposeAsync();

    [Fact]
    public async Task Run_JobOrResultTooLarge_FailsAndSaysWhatToDo()
    {
        JsonObject long_ = Machines.Settings(steps: 60).With("strategy", "hidden"); // whose vectors are in the trace
        BatchJob[] jobs =
        [
            Machines.Jobs(1)[0],
            BatchJob.Make(1, Machines.Model, new string('a', 5000), Machines.Settings()),
            BatchJob.Make(2, Machines.Model, "The", long_),
            BatchJob.Make(3, Machines.Model, "The", (JsonObject)long_.DeepClone(), brief: true),
        ];
        await _machines.WorkAsync();
        await using NatsLink link = await _machines.LinkAsync();
        Dictionary<int, JsonElement> results = await Machines.CollectAsync(link, Machines.NewRun(), jobs);

        Assert.True(results[0].TryGetProperty("trace", out _));
        Assert.Matches("^The job has 5... bytes, and nats://.* takes 4096; raise its max_payload.$", Error(results[1]));
        Assert.Matches("^The result has .* bytes packed, and nats://.* takes 4096: raise its max_payload, or use --brief.$", Error(results[2]));
        Assert.Equal(60, results[3].GetProperty("thought").GetProperty("steps").GetInt32());
    }

    private static string? Error(JsonElement result) => result.GetProperty("error").GetProperty("message").GetString();
}
