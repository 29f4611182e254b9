using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using GgufConcepts.Testing;

namespace GgufConcepts.Nats.Tests;

/// <summary>The program itself on several machines, if all of them are this one: what dies, and what goes on.</summary>
[Trait("Speed", "Slow")]
public sealed partial class CrashTests : IDisposable
{
    private const int Count = 500;
    private const int Terminate = 15;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90); // a quiet machine needs ten

    private readonly TempFolder _folder = new();
    private readonly NatsServer _server = new();
    private readonly List<Process> _processes = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Out => _folder.File("results.jsonl");

    public void Dispose()
    {
        foreach (Process process in _processes)
        {
            if (!process.HasExited)
            {
                process.Kill();
            }

            process.Dispose();
        }

        _server.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Batch_WorkerKilledAndServerKilled_HasEveryResultOnce()
    {
        Process[] workers = [Work(), Work(), Work()];
        Process batch = Batch();
        await ResultsAsync(batch, 100);
        workers[0].Kill();
        await ResultsAsync(batch, 200);
        _server.Kill();
        _server.Start();
        string error = await EndAsync(batch, exitCode: 0);

        Assert.Contains($"{Count} results in", error, StringComparison.Ordinal);
        Assert.Contains("Lost nats://", error, StringComparison.Ordinal);
        AssertAllThereOnce();
        Assert.False(File.Exists(Out + ".run"));
        foreach (Process worker in workers[1..])
        {
            Assert.Equal(0, Kill(worker.Id, Terminate));
            Assert.Matches("(?m)^[0-9]+ jobs? done.$", await EndAsync(worker, exitCode: 0));
        }
    }

    [Fact]
    public async Task Batch_SubmitterKilled_IsCollectedByTheNext()
    {
        Process worker = Work();
        Process first = Batch();
        await ResultsAsync(first, 50);
        first.Kill();
        Assert.True(File.Exists(Out + ".run"));
        await EndAsync(Batch("--in-order"), exitCode: 0);

        AssertAllThereOnce();
        Assert.Equal(Enumerable.Range(0, Count), Indexes());
        Assert.Equal(0, Kill(worker.Id, Terminate));
        Assert.Contains($"{Count} jobs done.", await EndAsync(worker, exitCode: 0), StringComparison.Ordinal); // none was done twice
    }

    [Fact]
    public async Task Batch_SubmitterInterrupted_CancelsItsRun()
    {
        Process worker = Work();
        Process first = Batch();
        await ResultsAsync(first, 50);
        Assert.Equal(0, Kill(first.Id, Terminate));
        string error = await EndAsync(first, exitCode: 130);

        Assert.Contains($"of {Count} results are in", error, StringComparison.Ordinal);
        Assert.False(File.Exists(Out + ".run"));
        Assert.Equal(0, Kill(worker.Id, Terminate)); // with nothing to do it ends at once, though jobs were left
        string done = await EndAsync(worker, exitCode: 0);
        Assert.DoesNotContain($"{Count} jobs done.", done, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Batch_CancelOfARunWhoseSubmitterWasKilled_LetsNobodyGoOn()
    {
        Process first = Batch(); // and no worker
        while (!File.Exists(Out + ".run"))
        {
            await Task.Delay(20, Token);
        }

        first.Kill();
        await first.WaitForExitAsync(Token);
        Assert.Contains("is cancelled.", await EndAsync(Batch("--cancel"), exitCode: 0), StringComparison.Ordinal);
        Assert.Contains("there is no run to cancel", await EndAsync(Batch("--cancel"), exitCode: 2), StringComparison.Ordinal);
    }

    private Process Work() => Start(
        "worker", "--nats", _server.Url, "--model", "atlas", "--threads", "1", "--gpu", "off", "--ack-wait", "2", "--parallel", "4");

    private Process Batch(params string[] options)
    {
        string prompts = _folder.File("prompts.jsonl");
        if (!File.Exists(prompts))
        {
            File.WriteAllLines(prompts, Enumerable.Range(0, Count).Select(i =>
                $$$"""{"prompt": "The capital of France is", "id": {{{i}}}, "concept": {"seed": {{{i}}}, "maxSteps": 8, "fixedLength": true}}"""));
        }

        return Start(
        [
            "batch", prompts, "--out", Out, "--nats", _server.Url, "--model", "atlas", "--no-read", "--answer-tokens", "8", .. options,
        ]);
    }

    private Process Start(params string[] arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "GgufConcepts.Cli.exe" : "GgufConcepts.Cli");
        ProcessStartInfo start = new(program, arguments) { RedirectStandardError = true };
        if (Path.GetDirectoryName(Environment.ProcessPath) is { } dotnet && File.Exists(Path.Combine(dotnet, "dotnet")))
        {
            start.Environment["DOTNET_ROOT"] = dotnet;
        }

        Process process = Process.Start(start)!;
        _processes.Add(process);
        return process;
    }

    /// <summary>Waits until so many results are on disk.</summary>
    private async Task ResultsAsync(Process batch, int count)
    {
        while (Lines() < count)
        {
            Assert.False(batch.HasExited, $"the batch ended with {Lines()} results");
            await Task.Delay(20, Token);
        }
    }

    private int Lines()
    {
        // past the lock, which is among .NET programs alone
        using Process count = Process.Start(new ProcessStartInfo("wc", ["-l", Out]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        return int.TryParse(count.StandardOutput.ReadToEnd().Split(' ')[0], out int lines) ? lines : 0;
    }

    private static async Task<string> EndAsync(Process process, int exitCode)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(s_patience);
        string error = await process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        Assert.True(process.ExitCode == exitCode, $"exit code {process.ExitCode}: {error}");
        return error;
    }

    private IEnumerable<int> Indexes() =>
        File.ReadLines(Out).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("index").GetInt32());

    private void AssertAllThereOnce()
    {
        Assert.Equal(Enumerable.Range(0, Count), Indexes().Order());
        Assert.All(File.ReadLines(Out), line => Assert.Contains("\"trace\":", line, StringComparison.Ordinal));
    }

    // int kill(pid_t pid, int sig);
    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
