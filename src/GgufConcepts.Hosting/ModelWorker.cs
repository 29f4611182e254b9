using GgufConcepts.Hosting.Isolation;
using GgufConcepts.Native;

namespace GgufConcepts.Hosting;

/// <summary>The process that runs a model for a host, with <see cref="ModelIsolation.OwnProcess"/>.</summary>
/// <remarks>Programs need not call this, but for those that .NET calls no startup hooks in: compiled ahead of time, trimmed,
/// or with hooks switched off.</remarks>
public static class ModelWorker
{
    /// <summary>Which build of this assembly this is.</summary>
    internal static Guid Build { get; } = typeof(ModelWorker).Module.ModuleVersionId;

    /// <summary>Runs a model, and does not return, where a host has started this process to do so; else does nothing. To be
    /// called first in a program.</summary>
    public static void RunIfAsked()
    {
        if (WorkerLaunch.IsWorker)
        {
            Environment.SetEnvironmentVariable(WorkerLaunch.Variable, null); // no process of this one is meant
            Environment.Exit(WorkerHost.Run(Console.OpenStandardInput(), OwnOutput.Take()));
        }

        WorkerLaunch.ProgramAsks = true;
    }
}
