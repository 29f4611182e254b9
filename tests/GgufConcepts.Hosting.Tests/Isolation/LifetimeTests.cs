using GgufConcepts.Hosting.Isolation;
using GgufConcepts.Reading;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GgufConcepts.Hosting.Tests.Isolation;

/// <summary>No process of a model outlives its host, however that is started and ended.</summary>
public sealed class LifetimeTests
{
    private const string Prompt = "The capital of Wales is";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dispose_WithoutStop_RefusesWhatRunsWhatWaitsAndWhatComes()
    {
        using TempFolder folder = new();
        string path = Copy(folder, "atlas.gguf");
        IHost host = await StartAsync(path, model => model.Parallel = 1);
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        ThinkOptions read = Hosts.Brief with { AnswerTokens = 0, Reader = new ReadOptions { Readings = 10_000 } };
        Task[] asked = [Hosts.CollectAsync(service, Prompt, read), Hosts.CollectAsync(service, Prompt, read)];
        await Hosts.WaitUntilAsync(() => (service.Running, service.Waiting) == (1, 1));

        host.Dispose();

        foreach (Task each in (Task[])[.. asked, Hosts.CollectAsync(service, Prompt, Hosts.Brief)])
        {
            Exception? problem = await Record.ExceptionAsync(() => each.WaitAsync(s_limit, Token));
            Assert.True(problem is OperationCanceledException or ModelWorkerException, $"{problem}");
        }

        await Hosts.WaitUntilAsync(() => !Runs(path));
        await Task.Delay(500, Token); // nor is it started again
        Assert.False(Runs(path));
        Assert.Equal((0, 0), (service.Running, service.Waiting));
    }

    [Fact]
    public async Task Dispose_WhileLoading_LeavesNoProcess()
    {
        using TempFolder folder = new();
        string path = Copy(folder, "atlas.gguf");
        for (int i = 0; i < 20; i++)
        {
            IHost host = await StartAsync(path, model => model.Loading = ModelLoading.InBackground);
            await Task.Delay(15 * i, Token); // before, in the middle of, and just as the process is ready
            host.Dispose();
        }

        await Task.Delay(1000, Token);
        await Hosts.WaitUntilAsync(() => !Runs(path));
    }

    /// <summary>As where a file was not there yet.</summary>
    [Fact]
    public async Task StartAsync_AfterAStartThatFailed_RunsEachModelOnce()
    {
        using TempFolder folder = new();
        string good = Copy(folder, "good.gguf"), late = folder.File("late.gguf");
        await File.WriteAllTextAsync(late, "no model", Token);
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddGgufConcepts()
            .AddModel("good", model => model.Model = good)
            .AddModel("late", model => model.Model = late);
        IHost host = builder.Build();
        await Assert.ThrowsAsync<ConceptInputException>(() => host.StartAsync(Token));
        IConceptService service = host.Services.GetRequiredKeyedService<IConceptService>("good");
        int first = ProcessOf(service);
        File.Copy(good, late, overwrite: true);

        await host.StartAsync(Token);

        Assert.Equal(first, ProcessOf(service));
        Assert.IsType<ThoughtEnded>((await Hosts.CollectAsync(service, Prompt, Hosts.Brief))[^1]);
        await host.StopAsync(Token).WaitAsync(s_limit / 2, Token); // nothing is left that would have to be waited for
        host.Dispose();
        await Hosts.WaitUntilAsync(() => !Runs(good) && !Runs(late));
    }

    private static string Copy(TempFolder folder, string name)
    {
        File.Copy(CommittedModels.Path("atlas.gguf"), folder.File(name));
        return folder.File(name);
    }

    private static Task<IHost> StartAsync(string path, Action<HostedModelSettings> configure) =>
        Hosts.StartAsync(builder => builder.AddModel("atlas", model =>
        {
            (model.Model, model.Isolation) = (path, ModelIsolation.OwnProcess);
            configure(model);
        }));

    private static int ProcessOf(IConceptService service) => ((WorkerRunner)((HostedModel)service).Runner).ProcessId;

    /// <summary>Whether some other process has a file mapped: it runs that model.</summary>
    private static bool Runs(string path)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs /proc.");
        return Directory.EnumerateDirectories("/proc")
            .Where(process => int.TryParse(Path.GetFileName(process), out int id) && id != Environment.ProcessId)
            .Any(process =>
            {
                try
                {
                    return File.ReadLines(Path.Combine(process, "maps")).Any(line => line.EndsWith(path, StringComparison.Ordinal));
                }
                catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
                {
                    return false; // it has ended, or is somebody else's
                }
            });
    }
}
