using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace GgufConcepts.Hosting.Isolation;

/// <summary>How this program starts itself once more, to run a model.</summary>
/// <remarks>The process is of the same executable, so that it has the same code and the same llama.cpp. .NET calls
/// <see cref="StartupHook"/> in it before the program's own beginning; what is compiled ahead of time has no such hooks and
/// begins with <see cref="ModelWorker.RunIfAsked"/>.</remarks>
internal static class WorkerLaunch
{
    /// <summary>Names the environment variable that tells a process what it is for.</summary>
    public const string Variable = "GGUFCONCEPTS_MODEL_WORKER";

    private const string Hooks = "DOTNET_STARTUP_HOOKS";

    /// <summary>Whether this process was started to run a model.</summary>
    public static bool IsWorker => Environment.GetEnvironmentVariable(Variable) is not null;

    /// <summary>Whether the program asks by itself, at its beginning, what it was started for.</summary>
    public static bool ProgramAsks { get; set; }

    private static bool HasHooks => RuntimeFeature.IsDynamicCodeSupported
        && (!AppContext.TryGetSwitch("System.StartupHookProvider.IsSupported", out bool on) || on);

    /// <summary>What to start.</summary>
    /// <exception cref="InvalidOperationException">The process would not know what it is for.</exception>
    public static ProcessStartInfo Describe()
    {
        if (!HasHooks && !ProgramAsks)
        {
            throw new InvalidOperationException(
                $"This program cannot start itself once more to run a model: call {nameof(ModelWorker)}.{nameof(ModelWorker.RunIfAsked)}() " +
                $"first in it, or set {nameof(HostedModelSettings.Isolation)} to {ModelIsolation.InProcess}.");
        }

        string program = Environment.ProcessPath
            ?? throw new InvalidOperationException("The system does not say which file this program was started from.");
        ProcessStartInfo start = new(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        }

        start.Environment[Variable] = "1";
        if (HasHooks)
        {
            string own = typeof(WorkerLaunch).Assembly.GetName().Name!;
            start.Environment[Hooks] = Environment.GetEnvironmentVariable(Hooks) is { Length: > 0 } others
                ? $"{own}{Path.PathSeparator}{others}"
                : own;
        }

        return start;
    }
}
