using System.Diagnostics.CodeAnalysis;
using GgufConcepts.Hosting;
using GgufConcepts.Hosting.Isolation;

/// <summary>What .NET calls before a program's own beginning where <c>DOTNET_STARTUP_HOOKS</c> names this assembly.</summary>
/// <remarks>Its name and place are .NET's: github.com/dotnet/runtime, docs/design/features/host-startup-hook.md.</remarks>
[SuppressMessage("Design", "CA1050", Justification = "Startup hooks lie in no namespace.")]
internal static class StartupHook
{
    /// <summary>Runs a model where a host has started this process to do so.</summary>
    public static void Initialize()
    {
        if (WorkerLaunch.IsWorker)
        {
            ModelWorker.RunIfAsked();
        }
    }
}
