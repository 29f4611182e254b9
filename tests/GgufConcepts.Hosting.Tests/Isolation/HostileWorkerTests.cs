using System.Collections.Concurrent;
using GgufConcepts.Mixing;
using GgufConcepts.Testing;
using GgufConcepts.Testing.Hostile;
using GgufConcepts.Thinking;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GgufConcepts.Hosting.Tests.Isolation;

/// <summary>What the check of a file lets through meets llama.cpp in a host: the model thinks in finite numbers or is refused
/// with a reason, and its process never ends over it.</summary>
[Trait("Speed", "Slow")]
public sealed class HostileWorkerTests : IDisposable
{
    private const int AtOnce = 2;
    private static readonly long? s_most = OperatingSystem.IsLinux() ? 512L << 20 : null; // bytes of a process' own memory

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ThinkAsync_EveryLieThatIsLetThrough_ThinksOrIsRefused()
    {
        HostileFile[] files = [.. HostileFiles.All.Where(file => file.Refusal is null)];
        Assert.NotEmpty(files);
        ConcurrentBag<string> complaints = [];
        ParallelOptions options = new()
        {
            MaxDegreeOfParallelism = AtOnce, CancellationToken = TestContext.Current.CancellationToken,
        };
        await Parallel.ForEachAsync(files.Index(), options, async (pair, _) =>
        {
            string path = pair.Item.Make(_folder.File($"model-{pair.Index}.gguf"));
            if (await FindProblemAsync(path) is { } problem)
            {
                complaints.Add($"{pair.Item.Name}: {problem}");
            }

            File.Delete(path);
        });
        Assert.Empty(complaints);
    }

    private static async Task<string?> FindProblemAsync(string path)
    {
        try
        {
            using IHost host = await Hosts.StartAsync(builder => builder.AddModel("hostile", model =>
                (model.Model, model.Isolation, model.Threads, model.MemoryLimit) = (path, ModelIsolation.OwnProcess, 1, s_most)));
            IConceptService service = host.Services.GetRequiredService<IConceptService>();
            ThoughtEvent[] events = await Hosts.CollectAsync(service, "The capital of France is", Hosts.Brief);
            await host.StopAsync(TestContext.Current.CancellationToken);
            return events.OfType<ConceptStep>().Any(step => !double.IsFinite(step.Entropy)) ? "an entropy that is no number"
                : events[^1] is ThoughtEnded ? null
                : "no end";
        }
        catch (Exception refusal) when (refusal is ConceptInputException or NonFiniteLogitsException)
        {
            return refusal.Message.Length > 0 ? null : "refused without a word";
        }
        catch (Exception problem)
        {
            return problem.ToString();
        }
    }
}
