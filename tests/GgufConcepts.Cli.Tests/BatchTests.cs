using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using GgufConcepts.Cli.Output;
using GgufConcepts.Testing;

namespace GgufConcepts.Cli.Tests;

/// <summary><c>batch FILE.jsonl --out FILE.jsonl</c> in one process.</summary>
public sealed partial class BatchTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string In => _folder.File("prompts.jsonl");

    private string Out => _folder.File("results.jsonl");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Batch_Prompts_WritesTracesThatReportReads()
    {
        File.WriteAllLines(In,
        [
            """{"prompt": "The capital of France is", "id": "fr"}""",
            """{"prompt": "The capital of Egypt is", "concept": {"maxSteps": 1, "answer": {"maxTokens": 0}}}""",
        ]);
        JsonElement summary = (await BatchAsync("--json", "--in-order", "--max-steps", "2")).Json();

        Assert.Equal((2, 2, 0, 0), (Number(summary, "count"), Number(summary, "done"), Number(summary, "before"), Number(summary, "failed")));
        JsonElement[] results = Results();
        Assert.Equal([0, 1], results.Select(result => Number(result, "index")));
        Assert.Equal("fr", results[0].GetProperty("id").GetString());
        Assert.Contains("Cairo", results[1].GetProperty("trace").GetProperty("chunks")[0].GetProperty("translation").GetString(), StringComparison.Ordinal);
        string trace = _folder.File("trace.json");
        File.WriteAllText(trace, results[0].GetProperty("trace").GetRawText());
        Assert.Equal(ExitCodes.Done, (await Cli.RunAsync("report", trace)).ExitCode);
    }

    [Fact]
    public async Task Batch_TheSameAgain_DoesNothingOrWhatFailed()
    {
        File.WriteAllLines(In, [Line("The capital of France is"), Line(string.Concat(Enumerable.Repeat("the cat ", 400)))]);
        Outcome first = await BatchAsync();
        string[] lines = File.ReadAllLines(Out);
        Outcome again = await BatchAsync("--in-order"), retried = await BatchAsync("--retry-failed", "--in-order");

        Assert.All((Outcome[])[first, again, retried], run => Assert.Equal(ExitCodes.FailedWhileRunning, run.ExitCode));
        Assert.Contains("1 of them failed", first.Error, StringComparison.Ordinal);
        Assert.Contains("2 of them from before", again.Error, StringComparison.Ordinal);
        Assert.Contains("1 of them from before", retried.Error, StringComparison.Ordinal);
        Assert.Equal(lines.Order(), File.ReadAllLines(Out).Order());
    }

    [Fact]
    public async Task Batch_OutThatIsTheInputByAnotherName_IsRefused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "ln is another thing there.");
        File.WriteAllLines(In, [Line("a")]);
        Outcome outcome = await Cli.RunInShellAsync("ln \"$1\" \"$2\" && exec \"$0\" batch \"$1\" --out \"$2\"", null, In, Out);
        outcome.AssertRefused("is not another name (a hard link) of a file that is read here.");
        Assert.Equal([Line("a")], File.ReadAllLines(In));
    }

    [Fact]
    public async Task Batch_WrongUse_IsRefusedInALineAndLeavesNothing()
    {
        (await BatchAsync()).AssertRefused($"{In}: no such file");
        File.WriteAllText(In, "\n\n");
        (await BatchAsync()).AssertRefused("holds no prompt");
        File.WriteAllLines(In, [.. Enumerable.Repeat(Line("a"), 6), "{\"prompt\": a}"]);
        (await BatchAsync()).AssertRefused("prompts.jsonl line 7: it is no JSON at byte 11");
        File.WriteAllLines(In, [Line("a")]);
        (await Cli.RunAsync("batch", In, "--out", In)).AssertRefused("is the file of prompts; name another --out.");
        (await Cli.RunAsync("batch", In)).AssertRefused("--out");
        (await Cli.RunAsync("batch", In, "--out", "")).AssertRefused("--out is empty");
        (await Cli.RunAsync("batch", In, "--out", Path.Combine(_folder.Path, "none", "r.jsonl"))).AssertRefused("Cannot write results to");
        (await Cli.RunAsync("batch", In, "--out", Out, "--model", "none")).AssertRefused("'none' is neither a file nor a name");
        (await BatchAsync("--parallel", "0")).AssertRefused("--parallel is 0; use 1 to ");
        (await BatchAsync("--max-steps", "-1")).AssertRefused("step limit is -1");
        Assert.Equal([In], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task BatchAndWorker_WrongServers_AreRefusedInALine()
    {
        File.WriteAllLines(In, [Line("a")]);
        Dictionary<string, string?> none = new() { ["NATS_URL"] = null };
        (await Cli.RunInAsync(none, "worker", "--model", "atlas")).AssertRefused("--nats is missing; name a server");
        (await Cli.RunAsync("worker", "--nats", "http://a")).AssertRefused("'http://a' is no address of a NATS server");
        (await Cli.RunAsync("worker", "--nats", "nats://a", "--ack-wait", "0")).AssertRefused("--ack-wait is 0; use 1 to 3600 seconds.");
        (await Cli.RunAsync("worker", "--nats", "nats://a", "--max-tries", "0")).AssertRefused("Tries are 0; use 1 to 100.");
        (await Cli.RunAsync("worker", "--nats", "nats://a", "--name", "")).AssertRefused("--name is empty");
        (await BatchAsync("--nats", "nats://a", "--nats-creds", "/none")).AssertRefused("There is no file '/none' with credentials");
        (await BatchAsync("--nats-tls-ca", In)).AssertRefused("--nats is missing, and given are --nats-tls-ca");
        (await BatchAsync("--nats", "nats://a", "--parallel", "4")).AssertRefused("--parallel is for this machine");
        (await BatchAsync("--cancel")).AssertRefused("--cancel is for a run on a server");
        Outcome away = await BatchAsync("--nats", "nats://me:secret@127.0.0.1:9");

        Assert.Equal(ExitCodes.FailedWhileRunning, away.ExitCode);
        Assert.StartsWith("nats://127.0.0.1:9 cannot be used: ", away.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", away.Error, StringComparison.Ordinal);
        Assert.Equal([In], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Batch_Interrupted_IsCancelledAndGoesOn()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are another thing there.");
        File.WriteAllLines(In, Enumerable.Range(0, 3000).Select(i => Line($"The capital of {i}")));
        using (Process process = Cli.Start(Arguments("--answer-tokens", "30", "--stop-entropy", "0")))
        {
            await LinesAsync(process, 20);
            Assert.Equal(0, Kill(process.Id, 15));
            Outcome run = await Cli.FinishAsync(process);

            Assert.Equal(ExitCodes.Cancelled, run.ExitCode);
            Assert.Contains("of 3000 results are in", run.Error, StringComparison.Ordinal);
        }

        int before = File.ReadAllLines(Out).Length;
        Assert.InRange(before, 20, 2999);
        using (Process process = Cli.Start(Arguments("--answer-tokens", "30", "--stop-entropy", "0")))
        {
            await LinesAsync(process, before + 20);
            process.Kill();
            await Cli.FinishAsync(process);
        }

        File.AppendAllText(Out, "{\"index\":2999,\"ke"); // as a machine leaves it that lost its power
        JsonElement summary = (await BatchAsync("--answer-tokens", "30", "--stop-entropy", "0", "--json")).Json();
        Assert.True(Number(summary, "before") >= before + 20);
        Assert.Equal(Enumerable.Range(0, 3000), Results().Select(result => Number(result, "index")).Order());
    }

    [Fact]
    public void BatchBar_Describe_SaysWhatFits()
    {
        string line = BatchBar.Describe(count: 1000, done: 300, before: 100, failed: 2, TimeSpan.FromSeconds(10), width: 79);

        Assert.Equal("██████··············  300/1000  2 failed  0:35 left  20.0 / s", line);
        Assert.Equal("██████··············  300/1000", BatchBar.Describe(1000, 300, 300, 0, TimeSpan.Zero, 79));
        Assert.Equal("██████··············  300/1000", BatchBar.Describe(1000, 300, 100, 2, TimeSpan.FromSeconds(10), 31));
    }

    private static string Line(string prompt) => $$"""{"prompt": "{{prompt}}"}""";

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    private string[] Arguments(params string[] options) =>
        ["batch", In, "--out", Out, "--model", "atlas", "--threads", "1", "--gpu", "off", .. options];

    private Task<Outcome> BatchAsync(params string[] options) => Cli.RunAsync(Arguments(options));

    private JsonElement[] Results() => [.. File.ReadLines(Out).Select(line => JsonDocument.Parse(line).RootElement)];

    /// <summary>Waits until so many results are on disk.</summary>
    private async Task LinesAsync(Process process, int count)
    {
        while (!process.HasExited && (!File.Exists(Out) || Count() < count))
        {
            await Task.Delay(20, Token);
        }

        Assert.False(process.HasExited);
    }

    private int Count()
    {
        // past the lock, which is among .NET programs alone
        using Process count = Process.Start(new ProcessStartInfo("wc", ["-l", Out]) { RedirectStandardOutput = true })!;
        return int.Parse(count.StandardOutput.ReadToEnd().Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    // int kill(pid_t pid, int sig);
    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
