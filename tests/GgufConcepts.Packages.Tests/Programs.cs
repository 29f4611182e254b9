using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using GgufConcepts.Testing;

namespace GgufConcepts.Packages.Tests;

/// <summary>What a run of a program left behind.</summary>
internal sealed record Outcome(int ExitCode, string Output, string Error)
{
    /// <summary>Fails the test with all that was printed, where the program failed.</summary>
    public Outcome AssertDone()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Error}{Output}");
        return this;
    }
}

/// <summary>Starts programs of this repository and of this machine.</summary>
internal static class Programs
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(15); // a busy machine; a quiet one needs 1

    /// <summary>The repository.</summary>
    public static string Root { get; } = Path.GetDirectoryName(CommittedModels.Folder)!;

    /// <summary>What packages call this machine.</summary>
    public static string Rid { get; } =
        (OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux") +
        (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "-arm64" : "-x64");

    /// <summary>The name of an executable file.</summary>
    public static string Executable(string name) => OperatingSystem.IsWindows() ? $"{name}.exe" : name;

    /// <summary>Runs <c>build.sh</c>, or <c>build.ps1</c> on Windows.</summary>
    public static Task<Outcome> BuildAsync(params string[] arguments) => OperatingSystem.IsWindows()
        ? RunAsync(Root, "powershell", ["-ExecutionPolicy", "Bypass", "-File", Path.Combine(Root, "build.ps1"), .. arguments])
        : RunAsync(Root, "bash", [Path.Combine(Root, "build.sh"), .. arguments]);

    /// <summary>Runs a program of this machine, with some variables changed; all others are those of the test.</summary>
    public static Task<Outcome> RunAsync(
        string folder, string program, IEnumerable<string> arguments, params (string Name, string Value)[] variables)
    {
        ProcessStartInfo start = new(program, arguments) { WorkingDirectory = folder };
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        return RunAsync(start);
    }

    /// <summary>Runs dotnet, with packages kept in a folder apart from those of whoever runs the tests.</summary>
    public static Task<Outcome> DotnetAsync(string folder, string kept, params string[] arguments) => RunAsync(
        folder, "dotnet", arguments, ("NUGET_PACKAGES", kept), ("DOTNET_CLI_UI_LANGUAGE", "en"),
        // a compiler or build server that outlives its call would keep the pipes that are read here
        ("MSBUILDDISABLENODEREUSE", "1"), ("UseSharedCompilation", "false"));

    /// <summary>Runs a program that may count on nothing: no variables but a PATH to an empty folder.</summary>
    public static Task<Outcome> RunAloneAsync(string folder, string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { WorkingDirectory = folder };
        string? system = Environment.GetEnvironmentVariable("SystemRoot"); // Windows starts nothing without
        start.Environment.Clear();
        start.Environment["PATH"] = folder;
        if (system is not null)
        {
            start.Environment["SystemRoot"] = system;
        }

        return RunAsync(start);
    }

    private static async Task<Outcome> RunAsync(ProcessStartInfo start)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.StandardOutputEncoding = start.StandardErrorEncoding = Encoding.UTF8;
        using CancellationTokenSource timeout = CancellationTokenSource.CreateLinkedTokenSource(
            TestContext.Current.CancellationToken);
        timeout.CancelAfter(s_timeout);
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
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
            throw new TimeoutException($"{start.FileName} {string.Join(' ', start.ArgumentList)}: no end after {s_timeout}.");
        }
    }
}
