using System.Diagnostics;
using System.Globalization;
using GgufConcepts.Hosting;
using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GgufConcepts.Soak.Tests;

/// <summary>Everything over and over, with what the process takes looked at: models loaded and unloaded, thoughts, readings,
/// storms of cancellations, a host whose model's process is lost.</summary>
/// <remarks>An hour by hand: <c>GGUFCONCEPTS_SOAK_SECONDS=3600 artifacts/bin/GgufConcepts.Soak.Tests/release/GgufConcepts.Soak.Tests
/// -showLiveOutput</c>.</remarks>
public sealed class SoakTests(ITestOutputHelper output)
{
    private const string Variable = "GGUFCONCEPTS_SOAK_SECONDS";
    private const int Usual = 120;
    private const int Looks = 12;
    private const double MostMegabytes = 24; // of noise: heaps keep what they had, and give it back when they like

    private static readonly ThinkOptions s_brief = new()
    {
        MaxSteps = 6, ColdStop = new ColdStop { Entropy = 0 }, Reader = null, AnswerTokens = 3,
    };

    private readonly Random _random = new(7);

    private static string Atlas => CommittedModels.Path("atlas.gguf");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact, Trait("Speed", "Slow")]
    public async Task Soak_EverythingInTurn_LeavesMemoryHandlesAndThreadsFlat()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Looks at /proc.");
        int seconds = int.Parse(Environment.GetEnvironmentVariable(Variable) ?? $"{Usual}", CultureInfo.InvariantCulture);
        using IHost host = await StartAsync();
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        using ConceptModel model = ConceptModel.Load(Atlas, new ModelOptions { Threads = 1 }, cancellation: Token);
        Stopwatch clock = Stopwatch.StartNew();
        List<Footprint> looks = [];
        using OneThread thread = new();
        for (int rounds = 0; clock.Elapsed.TotalSeconds < seconds; rounds++)
        {
            await thread.RunAsync(() =>
            {
                LoadAndUnload();
                Think(model);
            });
            await StormAsync(service);
            if (clock.Elapsed.TotalSeconds >= seconds * (looks.Count + 1.0) / (Looks + 1))
            {
                looks.Add(Footprint.Measure(clock, rounds + 1));
                output.WriteLine($"{looks[^1]}");
            }
        }

        Footprint[] settled = [.. looks.Skip(Looks / 3)]; // by then everything was compiled and every pool had grown
        (Footprint first, Footprint last) = (settled[0], settled[^1]);
        Assert.InRange(last.Megabytes - first.Megabytes, double.NegativeInfinity, MostMegabytes);
        Assert.InRange(last.Handles - first.Handles, -1000, 8); // pipes of a process that is being started, or ended
        Assert.InRange(last.Threads - first.Threads, -1000, 8);
    }

    private static void LoadAndUnload()
    {
        using ConceptModel model = ConceptModel.Load(Atlas, new ModelOptions { Threads = 1 }, cancellation: Token);
        using ConceptSession session = model.CreateSession();
        Assert.IsType<ThoughtEnded>(session.Think("The", s_brief with { MaxSteps = 1 }, Token).Last());
    }

    /// <summary>A thought that is read, and one that is left in its middle.</summary>
    private void Think(ConceptModel model)
    {
        using ConceptSession session = model.CreateSession();
        Assert.IsType<ThoughtEnded>(session.Think("The capital of Wales is", s_brief with { Reader = new ReadOptions { Readings = 2 } }, Token).Last());
        _ = session.Think("The capital of Egypt is", s_brief, Token).Take(_random.Next(1, 5)).Last();
    }

    /// <summary>Many thoughts of a host at once, most of which are cancelled at some moment; sometimes their process is
    /// lost.</summary>
    private async Task StormAsync(IConceptService service)
    {
        Task asking = Task.WhenAll(Enumerable.Range(0, 16).Select(i => AskAsync(service, i == 0 ? -1 : _random.Next(0, 8))));
        if (_random.Next(10) == 0)
        {
            await Task.Delay(_random.Next(0, 200), Token);
            foreach (Process child in Children())
            {
                using (child)
                {
                    child.Kill();
                }
            }
        }

        await asking;
    }

    private static IEnumerable<Process> Children() =>
        from task in Directory.GetDirectories("/proc/self/task")
        from id in File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries)
        select Process.GetProcessById(int.Parse(id, CultureInfo.InvariantCulture));

    /// <summary>Asks, and leaves after some milliseconds; -1 is never.</summary>
    private static async Task AskAsync(IConceptService service, int patience)
    {
        using CancellationTokenSource leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        if (patience >= 0)
        {
            leaving.CancelAfter(patience);
        }

        try
        {
            await foreach (ThoughtEvent _ in service.ThinkAsync("The capital of Wales is", s_brief, leaving.Token))
            {
            }
        }
        catch (OperationCanceledException) when (patience >= 0 && leaving.IsCancellationRequested)
        {
            // as it was to be
        }
        catch (Exception problem) when (problem is ModelWorkerException or ModelNotLoadedException)
        {
            // its process was lost, or the next one before it had done anything
        }
    }

    private static async Task<IHost> StartAsync()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddGgufConcepts().AddModel("atlas", model =>
        {
            (model.Model, model.Threads, model.UnloadAfter) = (Atlas, 1, TimeSpan.FromMilliseconds(20)); // started again all the time
            model.Loading = ModelLoading.OnFirstRequest;
        });
        IHost host = builder.Build();
        await host.StartAsync(Token);
        return host;
    }
}
