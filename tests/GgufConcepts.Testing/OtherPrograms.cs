using System.ComponentModel;
using System.Diagnostics;

namespace GgufConcepts.Testing;

/// <summary>Runs scripts that need what other people wrote for other languages.</summary>
public static class OtherPrograms
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(4); // a busy machine; a quiet one needs 15 seconds
    private static readonly SemaphoreSlim s_fetching = new(1, 1);

    /// <summary>How a script went.</summary>
    /// <param name="Missing">What this machine lacks to run it; null where it ran.</param>
    /// <param name="Code">Its exit code.</param>
    /// <param name="Output">What it printed.</param>
    /// <param name="Error">What it complained about.</param>
    public sealed record Outcome(string? Missing, int Code, string Output, string Error);

    /// <summary>Runs a script of Python.</summary>
    /// <param name="folder">The folder under <c>tests</c>.</param>
    /// <param name="script">The script in it.</param>
    /// <param name="input">What it reads on standard input.</param>
    /// <param name="cancellation">Ends it.</param>
    public static Task<Outcome> PythonAsync(string folder, string script, string input, CancellationToken cancellation)
    {
        string system = "/usr/bin/python3"; // whose packages Debian installs, where another comes first on the PATH
        return StartAsync(File.Exists(system) ? system : "python3", [script], Find(folder), input, cancellation);
    }

    /// <summary>Runs a script of Node.js, after npm ci where that has not run since the folder's lock changed.</summary>
    /// <param name="folder">The folder under <c>tests</c>.</param>
    /// <param name="script">The script in it.</param>
    /// <param name="arguments">What it is given.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<Outcome> NodeAsync(
        string folder, string script, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        string place = Find(folder);
        await s_fetching.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (await FetchAsync(folder, place, cancellation).ConfigureAwait(false) is { } missing)
            {
                return new Outcome(missing, 0, "", "");
            }
        }
        finally
        {
            s_fetching.Release();
        }

        return await StartAsync("node", [script, .. arguments], place, null, cancellation).ConfigureAwait(false);
    }

    private static async Task<string?> FetchAsync(string folder, string place, CancellationToken cancellation)
    {
        FileInfo done = new(Path.Combine(place, "node_modules", ".package-lock.json"));
        if (done.Exists && done.LastWriteTimeUtc >= File.GetLastWriteTimeUtc(Path.Combine(place, "package-lock.json")))
        {
            return null;
        }

        Outcome fetched = await StartAsync(
            OperatingSystem.IsWindows() ? "npm.cmd" : "npm",
            ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], place, null, cancellation).ConfigureAwait(false);
        return fetched.Missing is not null ? $"npm is not on the PATH, and it fetches what tests/{folder} needs."
            : fetched.Code != 0 ? $"npm ci failed in tests/{folder}: {fetched.Error.ReplaceLineEndings(" ").Trim()}"
            : null;
    }

    private static async Task<Outcome> StartAsync(
        string program, IEnumerable<string> arguments, string place, string? input, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_timeout);
        using Process process = new()
        {
            StartInfo = new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = place, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            },
        };
        try
        {
            process.Start();
        }
        catch (Win32Exception problem)
        {
            return new Outcome($"{program} cannot be started: {problem.Message}", 0, "", "");
        }

        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token).ConfigureAwait(false);
            process.StandardInput.Close();
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return new Outcome(null, process.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static string Find(string name)
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string folder = Path.Combine(at.FullName, "tests", name);
            if (File.Exists(Path.Combine(folder, "package-lock.json")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} has tests/{name}.");
    }
}
