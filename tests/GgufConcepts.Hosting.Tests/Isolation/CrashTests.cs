using System.Diagnostics;
using System.Globalization;
using GgufConcepts.Hosting.Isolation;
using GgufConcepts.Hosting.Running;
using GgufConcepts.Reading;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GgufConcepts.Hosting.Tests.Isolation;

/// <summary>A model's process that ends or hangs costs what it was asked, and nothing else.</summary>
public sealed class CrashTests
{
    private const string Prompt = "The capital of Wales is";

    /// <summary>A thought that is read for seconds after its steps.</summary>
    private static readonly ThinkOptions s_long =
        Hosts.Brief with { AnswerTokens = 0, Reader = new ReadOptions { Readings = 10_000 } };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("KILL", "something killed it (exit code 137)")]
    [InlineData("STOP", "it was silent for")]
    public async Task ThinkAsync_ProcessEndsOrHangs_FailsThatAndTheNextWorks(string signal, string reason)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs signals.");
        using IHost host = await StartAsync(model => model.StallLimit = TimeSpan.FromSeconds(2));
        IConceptService service = host.Services.GetRequiredService<IConceptService>();

        ModelWorkerException problem = await Assert.ThrowsAsync<ModelWorkerException>(() => BreakAsync(service, signal));

        Assert.Contains("The process of the model atlas is gone", problem.Message, StringComparison.Ordinal);
        Assert.Contains(reason, problem.Message, StringComparison.Ordinal);
        Assert.IsType<ThoughtEnded>((await Hosts.CollectAsync(service, Prompt, Hosts.Brief))[^1]);
    }

    /// <summary>Ctrl-C in a terminal reaches every process of the group, and what ends a unit every one of it; the host
    /// decides.</summary>
    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    [InlineData("QUIT")]
    public async Task ThinkAsync_SignalToStop_IsLeftToTheHost(string signal)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs signals.");
        using IHost host = await StartAsync();
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        int process = ProcessOf(service);
        Send(signal, process);
        await Task.Delay(200, Token);
        Assert.IsType<ThoughtEnded>((await Hosts.CollectAsync(service, Prompt, Hosts.Brief))[^1]);
        Assert.Equal(process, ProcessOf(service));
    }

    [Fact]
    public async Task ThinkAsync_ProcessEnds_EachThatRanHearsOfItAndThoseThatWaitAreServed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs signals.");
        using IHost host = await StartAsync(model => model.Parallel = 2);
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        using SemaphoreSlim begun = new(0);
        Task<Exception?>[] running = [.. Enumerable.Range(0, 2).Select(_ => TryAsync(service, s_long, begun))];
        await begun.WaitAsync(Token);
        await begun.WaitAsync(Token);
        Send("STOP", ProcessOf(service)); // or they would be done before the others wait
        Task<Exception?>[] waiting = [.. Enumerable.Range(0, 3).Select(_ => TryAsync(service, Hosts.Brief, begun))];
        await Hosts.WaitUntilAsync(() => service.Waiting == 3);

        Send("KILL", ProcessOf(service));

        Assert.All(await Task.WhenAll(running), problem => Assert.IsType<ModelWorkerException>(problem));
        Assert.All(await Task.WhenAll(waiting), Assert.Null);
    }

    [Fact]
    public async Task ThinkAsync_IdleProcessEnds_IsStartedAgainBeforeAnybodyAsks()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs signals.");
        using IHost host = await StartAsync();
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        int first = ProcessOf(service);
        Send("KILL", first);
        await Hosts.WaitUntilAsync(() => service.State == ModelState.Ready && ProcessOf(service) != first);
    }

    /// <summary>At once, not when it suits the garbage collector.</summary>
    [Fact]
    public async Task ThinkAsync_IdleProcessEnds_ItsPipesAreClosed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs /proc.");
        string[] before = [.. PipesOf("self")];
        using IHost host = await StartAsync();
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        WorkerRunner runner = (WorkerRunner)((HostedModel)service).Runner;
        string[] pipes = [.. PipesOf($"{runner.ProcessId}").Intersect(PipesOf("self")).Except(before)];
        Assert.Equal(3, pipes.Length);
        Send("KILL", runner.ProcessId);
        await Hosts.WaitUntilAsync(() => service.State == ModelState.Ready && ((HostedModel)service).Runner != runner);
        await Task.Delay(500, Token);
        Assert.Empty(PipesOf("self").Intersect(pipes));
    }

    [Fact]
    public async Task ReadAsync_LlamaCppAsserts_SaysWhatItAssertedAndTheNextWorks()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs a limit on memory.");
        using IHost host = await StartAsync(model => model.Threads = 2);
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        ModelWorkerException problem = await Assert.ThrowsAsync<ModelWorkerException>(() => AssertAsync(service));
        Assert.Contains("134", problem.Message, StringComparison.Ordinal);
        Assert.Contains("GGML_ASSERT", problem.Message, StringComparison.Ordinal);
        Assert.IsType<ThoughtEnded>((await Hosts.CollectAsync(service, Prompt, Hosts.Brief))[^1]);
    }

    [Fact]
    public async Task ThinkAsync_FileThatEndsItsProcessThreeTimes_IsNotTriedUntilItChanges()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs a limit on memory.");
        using TempFolder folder = new();
        string path = folder.File("atlas.gguf");
        File.Copy(CommittedModels.Path("atlas.gguf"), path);
        using IHost host = await StartAsync(model =>
        {
            (model.Model, model.Loading) = (path, ModelLoading.OnFirstRequest);
            (model.Threads, model.MemoryLimit) = (500, 1L << 30); // as above, with the first context already
        });
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        for (int i = 0; i < 3; i++)
        {
            ModelNotLoadedException problem = await NotLoadedAsync(service);
            Assert.Contains("GGML_ASSERT", Assert.IsType<ModelWorkerException>(problem.InnerException).Message, StringComparison.Ordinal);
        }

        Assert.Contains("until its file changes", (await NotLoadedAsync(service)).Message, StringComparison.Ordinal);
        Assert.Equal(ModelState.Failed, service.State);

        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(1));
        Assert.IsType<ModelWorkerException>((await NotLoadedAsync(service)).InnerException);
    }

    /// <summary>Beside it another model goes on.</summary>
    [Fact]
    public async Task StartAsync_FileThatEndsItsProcessWhileTheHostRuns_FailsThatModelAlone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs a limit on memory.");
        using IHost host = await Hosts.StartAsync(builder => builder
            .AddModel("good", Isolate)
            .AddModel("bad", model =>
            {
                Isolate(model);
                (model.Loading, model.Threads, model.MemoryLimit) = (ModelLoading.InBackground, 500, 1L << 30);
            }));
        IConceptService bad = host.Services.GetRequiredKeyedService<IConceptService>("bad");
        await Hosts.WaitUntilAsync(() => bad.State == ModelState.Failed);
        Assert.Contains("until its file changes", (await NotLoadedAsync(bad)).Message, StringComparison.Ordinal);
        IConceptService good = host.Services.GetRequiredKeyedService<IConceptService>("good");
        Assert.IsType<ThoughtEnded>((await Hosts.CollectAsync(good, Prompt, Hosts.Brief))[^1]);
    }

    [Fact]
    public async Task ReadAsync_ProcessHangs_IsEndedThoughNobodyThinks()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs signals.");
        using IHost host = await StartAsync(model => model.StallLimit = TimeSpan.FromSeconds(1));
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        Send("STOP", ProcessOf(service));
        ModelWorkerException problem = await Assert.ThrowsAsync<ModelWorkerException>(
            () => service.ReadAsync(new float[service.Info!.EmbeddingLength], cancellation: Token));
        Assert.Contains("it was silent for", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartAsync_MemoryTooSmall_IsAnErrorThatNamesTheModel()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs a limit on memory.");
        Exception problem = await Assert.ThrowsAnyAsync<Exception>(
            () => StartAsync(model => (model.Rows, model.MemoryLimit) = (1 << 22, 512L << 20)));
        Assert.Contains("llama_init_from_model", problem.Message, StringComparison.Ordinal);
        Assert.EndsWith("may take 512 MiB of memory, which may be too little.", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100_000, null, "does not fit the context")]
    [InlineData(1_500_000, 512L << 20, "There is no memory to cut a text of 1500000 characters")]
    public async Task ThinkAsync_WordThatTakesMoreStackThanThereIs_FailsThatAndTheNextWorks(int letters, long? memory, string reason)
    {
        Assert.SkipUnless(memory is null || OperatingSystem.IsLinux(), "Needs a limit on memory.");
        Dictionary<string, object?> rules = new() { ["tokenizer.ggml.pre"] = "deepseek-llm" };
        string path = TinyModels.Path(TinyArchitecture.Llama, new TinyOptions { Settings = rules });
        using IHost host = await StartAsync(model => (model.Model, model.MemoryLimit) = (path, memory));
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        int process = ProcessOf(service);
        ConceptInputException problem = await Assert.ThrowsAnyAsync<ConceptInputException>(
            () => Hosts.CollectAsync(service, new string('a', letters), Hosts.Brief));
        Assert.Contains(reason, problem.Message, StringComparison.Ordinal);

        await Hosts.CollectAsync(service, "a", Hosts.Brief);
        Assert.Equal(process, ProcessOf(service));
    }

    [Fact]
    public async Task StartAsync_LoadingTakesTooLong_SaysSo()
    {
        ModelWorkerException problem = await Assert.ThrowsAsync<ModelWorkerException>(
            () => StartAsync(model => model.LoadLimit = TimeSpan.FromMilliseconds(1)));
        Assert.Contains("loading took longer than 00:00:00.001", problem.Message, StringComparison.Ordinal);
    }

    [Fact, Trait("Speed", "Slow")]
    public async Task ThinkAsync_AHundredProcessesLost_TheNextRequestAlwaysWorks()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs signals, and a limit on memory.");
        using IHost few = await StartAsync(model => model.StallLimit = TimeSpan.FromSeconds(3));
        using IHost many = await StartAsync(model => model.Threads = 2);
        IConceptService ofFew = few.Services.GetRequiredService<IConceptService>();
        IConceptService ofMany = many.Services.GetRequiredService<IConceptService>();
        Func<Task> killed = () => BreakAsync(ofFew, "KILL");
        Func<Task> hung = () => BreakAsync(ofFew, "STOP");
        Func<Task> aborted = () => AssertAsync(ofMany);
        Func<Task>[] ways = [killed, killed, aborted, killed, hung, killed, killed, aborted, killed, killed];
        for (int i = 0; i < 100; i++)
        {
            Func<Task> way = ways[i % ways.Length];
            await Assert.ThrowsAsync<ModelWorkerException>(way);
            IConceptService service = way == aborted ? ofMany : ofFew;
            Assert.IsType<ThoughtEnded>((await Hosts.CollectAsync(service, Prompt, Hosts.Brief))[^1]);
        }
    }

    [Fact]
    public void Add_ThreeCrashesWithoutWork_MakesAFileBadUntilItChanges()
    {
        using TempFolder folder = new();
        string path = folder.File("model.gguf");
        File.WriteAllText(path, "one");
        CrashRecord crashes = new();
        crashes.Add(path, hadWorked: false);
        Assert.Equal((false, TimeSpan.Zero), (crashes.IsBad(path), crashes.BackOff));
        crashes.Add(path, hadWorked: false);
        Assert.Equal((false, TimeSpan.FromSeconds(1)), (crashes.IsBad(path), crashes.BackOff));
        crashes.Add(path, hadWorked: true); // then counting begins anew
        crashes.Add(path, hadWorked: false);
        Assert.False(crashes.IsBad(path));
        crashes.Add(path, hadWorked: false);
        Assert.True(crashes.IsBad(path));
        File.WriteAllText(path, "another");
        Assert.False(crashes.IsBad(path));
        crashes.Add(path, hadWorked: false);
        Assert.False(crashes.IsBad(path));
    }

    /// <summary>As in the caches of other programs, where names are links to contents.</summary>
    [Fact]
    public void IsBad_FileBehindALinkChanges_IsTriedAgain()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        using TempFolder folder = new();
        string path = folder.File("content"), link = folder.File("model.gguf");
        File.WriteAllText(path, "one");
        File.CreateSymbolicLink(link, path);
        CrashRecord crashes = new();
        for (int i = 0; i < CrashRecord.Most; i++)
        {
            crashes.Add(link, hadWorked: false);
        }

        Assert.True(crashes.IsBad(link));
        File.WriteAllText(path, "another");
        Assert.False(crashes.IsBad(link));
    }

    /// <summary>Asks for a reading, whose context has threads of its own, in a process that has no memory for the
    /// stack of one more, 8 MiB: llama.cpp asserts that each begins.</summary>
    private static async Task AssertAsync(IConceptService service)
    {
        int process = ProcessOf(service);
        string has = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmData:", StringComparison.Ordinal));
        long bytes = long.Parse(has.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
        Run("prlimit", $"--pid={process}", $"--data={bytes + (7L << 20)}");
        await service.ReadAsync(new float[service.Info!.EmbeddingLength], cancellation: Token);
    }

    private static IEnumerable<string> PipesOf(string process) => Directory.EnumerateFiles($"/proc/{process}/fd")
        .Select(file => new FileInfo(file).LinkTarget).OfType<string>().Where(target => target.StartsWith("pipe:", StringComparison.Ordinal));

    private static async Task<ModelNotLoadedException> NotLoadedAsync(IConceptService service) =>
        await Assert.ThrowsAsync<ModelNotLoadedException>(() => Hosts.CollectAsync(service, Prompt, Hosts.Brief));

    /// <summary>Sends a signal to the model's process in the middle of a thought.</summary>
    private static async Task BreakAsync(IConceptService service, string signal)
    {
        await foreach (ThoughtEvent happened in service.ThinkAsync(Prompt, s_long, Token))
        {
            if (happened is ConceptStep { Index: 0 })
            {
                Send(signal, ProcessOf(service));
            }
        }
    }

    private static async Task<Exception?> TryAsync(IConceptService service, ThinkOptions options, SemaphoreSlim begun)
    {
        try
        {
            await foreach (ThoughtEvent happened in service.ThinkAsync(Prompt, options, Token))
            {
                if (happened is PromptRead)
                {
                    begun.Release();
                }
            }

            return null;
        }
        catch (ModelWorkerException problem)
        {
            return problem;
        }
    }

    private static int ProcessOf(IConceptService service) => ((WorkerRunner)((HostedModel)service).Runner).ProcessId;

    private static void Send(string signal, int process) => Run("kill", "-s", signal, $"{process}");

    private static void Run(string program, params string[] arguments)
    {
        using Process run = Process.Start(program, arguments);
        run.WaitForExit();
        Assert.Equal(0, run.ExitCode);
    }

    private static Task<IHost> StartAsync(Action<HostedModelSettings>? configure = null) =>
        Hosts.StartAsync(builder => builder.AddModel("atlas", model =>
        {
            Isolate(model);
            configure?.Invoke(model);
        }));

    private static void Isolate(HostedModelSettings model) =>
        (model.Model, model.Isolation) = (CommittedModels.Path("atlas.gguf"), ModelIsolation.OwnProcess);
}
