using System.Diagnostics;
using System.Text;
using System.Text.Json;
using GgufConcepts.Testing;

namespace GgufConcepts.Cli.Tests;

/// <summary>What a run of the program left behind.</summary>
internal sealed record Outcome(int ExitCode, string Output, string Error)
{
    /// <summary>Standard output as one JSON document; anything before or after it fails the test.</summary>
    public JsonElement Json()
    {
        Assert.True(ExitCode == ExitCodes.Done, $"exit code {ExitCode}: {Error}");
        using JsonDocument document = JsonDocument.Parse(Output);
        return document.RootElement.Clone();
    }

    /// <summary>Holds what every refusal promises: exit code 2, one line on standard error, nothing on standard
    /// output.</summary>
    public void AssertRefused(string reason)
    {
        Assert.True(ExitCode == ExitCodes.BadInput, $"exit code {ExitCode}: {Error}{Output}");
        Assert.Equal("", Output);
        string line = Assert.Single(Error.TrimEnd().Split('\n'));
        Assert.Contains(reason, line, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", line, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", line, StringComparison.Ordinal);
    }
}

/// <summary>Starts the program as a process, as a script does.</summary>
internal static class Cli
{
    /// <summary>Names another build of the program to test, such as <c>artifacts/aot/ggufconcepts</c>.</summary>
    private const string ProgramVariable = "GGUFCONCEPTS_TEST_CLI";

    private static readonly Dictionary<string, string?> s_unchanged = [];

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60); // a busy machine; a quiet one needs 0.2

    /// <summary>The real model, or the test skips.</summary>
    public static string Stories
    {
        get
        {
            Assert.SkipUnless(RealModels.Stories is not null, RealModels.Absent);
            return RealModels.Stories!;
        }
    }

    /// <summary>Runs a command without a model.</summary>
    public static async Task<Outcome> RunAsync(params string[] arguments)
    {
        using Process process = Start(arguments);
        return await FinishAsync(process);
    }

    /// <summary>Runs a command with a model, on one thread: more would only wait for each other on so small a
    /// one.</summary>
    public static Task<Outcome> RunWithAsync(string model, params string[] arguments) =>
        RunAsync([.. arguments, "--model", model, "--threads", "1", "--gpu", "off"]);

    /// <summary>Runs a command in another environment: each variable is set, or removed where it is null.</summary>
    public static async Task<Outcome> RunInAsync(IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        using Process process = Start(arguments, environment);
        return await FinishAsync(process);
    }

    /// <summary>Runs a command that may not write files longer than some KiB: to it the disk is full there.</summary>
    /// <remarks>POSIX: the limit of a shell, which what it starts inherits. .NET maps its code twice by way of a long file,
    /// unless told not to.</remarks>
    public static async Task<Outcome> RunWithFullDiskAsync(
        int kibibytes, IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        return await RunInShellAsync(
            $"ulimit -f {kibibytes}; trap '' XFSZ; DOTNET_EnableWriteXorExecute=0 exec \"$0\" \"$@\"",
            environment,
            arguments);
    }

    /// <summary>Runs a line of bash, to which the program is <c>$0</c>.</summary>
    public static async Task<Outcome> RunInShellAsync(
        string line, IReadOnlyDictionary<string, string?>? environment = null, params string[] arguments)
    {
        using Process process = Start(["-c", line, Program, .. arguments], environment ?? s_unchanged, "/bin/bash");
        return await FinishAsync(process);
    }

    public static Process Start(params string[] arguments) => Start(arguments, s_unchanged);

    /// <summary>Starts the program in another environment.</summary>
    public static Process StartIn(IReadOnlyDictionary<string, string?> environment, params string[] arguments) =>
        Start(arguments, environment);

    private static string Program => Environment.GetEnvironmentVariable(ProgramVariable)
        ?? Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "GgufConcepts.Cli.exe" : "GgufConcepts.Cli");

    private static Process Start(
        string[] arguments, IReadOnlyDictionary<string, string?> environment, string? program = null)
    {
        ProcessStartInfo start = new(program ?? Program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        if (Path.GetDirectoryName(Environment.ProcessPath) is { } dotnet && File.Exists(Path.Combine(dotnet, "dotnet")))
        {
            start.Environment["DOTNET_ROOT"] = dotnet; // the .NET that runs the tests, where it is not installed for all
        }

        foreach ((string variable, string? value) in environment)
        {
            start.Environment[variable] = value;
        }

        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    public static async Task<Outcome> FinishAsync(Process process)
    {
        using CancellationTokenSource timeout = CancellationTokenSource.CreateLinkedTokenSource(
            TestContext.Current.CancellationToken);
        timeout.CancelAfter(s_timeout);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            return new Outcome(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{string.Join(' ', process.StartInfo.ArgumentList)}: no end after {s_timeout}.");
        }
    }
}
