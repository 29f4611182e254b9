using System.Diagnostics;
using GgufConcepts.Testing;

namespace GgufConcepts.Fuzz.Tests;

/// <summary>Starts the fuzzer as a process: what it does not survive ends no test run, and only the copies in its own folder
/// count their branches.</summary>
internal static class FuzzProgram
{
    private const string Name = "GgufConcepts.Fuzz";

    /// <summary>In its own folder, not the one that the build copied beside these tests.</summary>
    private static readonly string s_path = AppContext.BaseDirectory.Replace($"{Name}.Tests", Name, StringComparison.Ordinal)
        + (OperatingSystem.IsWindows() ? $"{Name}.exe" : Name);

    /// <summary>Runs it to its end, and a dump folder of its own with it.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        using TempFolder folder = new();
        ProcessStartInfo start = new(s_path, [.. arguments, "--dump", folder.Path])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        if (Path.GetDirectoryName(Environment.ProcessPath) is { } dotnet && File.Exists(Path.Combine(dotnet, "dotnet")))
        {
            start.Environment["DOTNET_ROOT"] = dotnet; // the .NET that runs the tests, where it is not installed for all
        }

        CancellationToken token = TestContext.Current.CancellationToken;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(token);
        Task<string> error = process.StandardError.ReadToEndAsync(token);
        await process.WaitForExitAsync(token);
        return (process.ExitCode, await output + await error);
    }
}
