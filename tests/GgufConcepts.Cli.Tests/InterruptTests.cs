using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using GgufConcepts.Testing;

namespace GgufConcepts.Cli.Tests;

/// <summary>Ctrl-C and a polite kill: out within a second, with the trace so far.</summary>
[Trait("Speed", "Slow")]
public sealed partial class InterruptTests : IDisposable
{
    private const int Interrupt = 2;
    private const int Terminate = 15;

    private static readonly TinyOptions s_long = new() { ContextLength = 60_000, Layers = 8 };

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Interrupt)]
    [InlineData(Terminate)]
    public async Task Think_Interrupted_EndsWithinASecondAndKeepsTheTrace(int signal)
    {
        JsonElement trace = await InterruptAsync(
            signal, amidSteps: true, "think", "The capital of France is", "-s", "hidden", "--max-steps", "50000",
            "--stop-entropy", "0");

        TraceForm.Check(trace, "hidden");
        Assert.Equal("cancelled", trace.GetProperty("stop").GetString());
        Assert.True(trace.GetProperty("steps").GetArrayLength() > 0);
    }

    [Fact]
    public async Task Think_InterruptedInItsPrompt_EndsWithinASecondAndKeepsThePage()
    {
        string prompt = string.Concat(Enumerable.Repeat(" the cat sat on", 8_000));
        string page = _folder.File("trace.html");
        JsonElement trace = await InterruptAsync(Terminate, amidSteps: false, "think", prompt, "--html", page);

        Assert.Contains(
            "somebody cancelled the run", await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("cancelled", trace.GetProperty("stop").GetString());
        Assert.Equal(0, trace.GetProperty("steps").GetArrayLength());
    }

    private async Task<JsonElement> InterruptAsync(int signal, bool amidSteps, params string[] command)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are another thing there.");
        Assert.SkipWhen(signal == Interrupt && IgnoresInterrupt(), "Whoever started the tests has them ignore Ctrl-C.");
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        string path = _folder.File("trace.json");
        using Process process = Cli.Start(
        [
            .. command, "--trace", path, "--json", "--verbose", "--threads", "1", "--gpu", "off", "--context", "60000",
            "--model", TinyModels.Path(TinyArchitecture.Qwen2, s_long),
        ]);
        // The large cache is the last thing made before the prompt is read.
        while (await process.StandardError.ReadLineAsync(cancellation) is { } line
            && !(line.Contains("llama_kv_cache: size", StringComparison.Ordinal) && line.Contains("(120", StringComparison.Ordinal)))
        {
        }

        await Task.Delay(1000, cancellation);
        while (amidSteps && !process.HasExited && !TemporaryFiles().Any(file => file.Length > 0))
        {
            await Task.Delay(20, cancellation); // until steps are on disk
        }

        Assert.False(process.HasExited);
        Assert.False(File.Exists(path));
        Assert.Single(TemporaryFiles());
        Stopwatch clock = Stopwatch.StartNew();
        Assert.Equal(0, Kill(process.Id, signal));
        Outcome run = await Cli.FinishAsync(process);

        Assert.Equal(ExitCodes.Cancelled, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.EndsWith("Cancelled.", run.Error.TrimEnd(), StringComparison.Ordinal);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5); // one on a quiet machine
        Assert.Equal([path], Directory.GetFiles(_folder.Path, "*.json*"));
        using JsonDocument trace = JsonDocument.Parse(await File.ReadAllBytesAsync(path, cancellation));
        return trace.RootElement.Clone();
    }

    private FileInfo[] TemporaryFiles() => new DirectoryInfo(_folder.Path).GetFiles("trace.json.*.tmp");

    private static bool IgnoresInterrupt() => OperatingSystem.IsLinux()
        && File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith("SigIgn:", StringComparison.Ordinal)) is { } mask
        && (Convert.ToUInt64(mask[7..].Trim(), 16) & (1UL << (Interrupt - 1))) != 0;

    // int kill(pid_t pid, int sig);
    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
