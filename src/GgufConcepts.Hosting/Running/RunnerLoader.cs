using GgufConcepts.Hosting.Isolation;
using GgufConcepts.Models;
using GgufConcepts.Stores;
using Microsoft.Extensions.Logging;

namespace GgufConcepts.Hosting.Running;

/// <summary>Loads a host's model, in this process or in one of its own, as its settings say.</summary>
/// <param name="name">The model's name in messages.</param>
/// <param name="settings">Which file, and how.</param>
/// <param name="logger">Told what a process writes to standard error.</param>
internal sealed partial class RunnerLoader(string name, HostedModelSettings settings, ILogger logger)
{
    /// <summary>The model's file.</summary>
    /// <exception cref="ConceptInputException">There is none.</exception>
    public string FindFile() => File.Exists(settings.Model)
        ? Path.GetFullPath(settings.Model)
        : ModelFinder.OfThisMachine().Find(settings.Model).Path;

    /// <summary>Loads it.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="progress">Told the fraction loaded, 0 to 1.</param>
    /// <param name="cancellation">Stops the loading.</param>
    /// <exception cref="ConceptInputException">The file is damaged or no model, or an option is out of range.</exception>
    /// <exception cref="ModelWorkerException">Its process ended, or took too long.</exception>
    public IModelRunner Load(string path, IProgress<float> progress, CancellationToken cancellation)
    {
        ModelOptions options = settings.ToOptions();
        if (settings.Isolation == ModelIsolation.InProcess)
        {
            return LocalRunner.Load(path, settings.Parallel, settings.Rows, options, progress, cancellation);
        }

        if (options.Backend is not null)
        {
            throw new ConceptInputException(
                $"{name} has a backend of its own, which runs in this process alone; set {nameof(HostedModelSettings.Isolation)} " +
                $"to {ModelIsolation.InProcess}.");
        }

        return WorkerRunner.Load(
            name,
            RunnerSettings.Of(path, settings.Parallel, settings.Rows, options),
            new WorkerLimits(settings.LoadLimit, settings.StallLimit, settings.Deadline, settings.MemoryLimit),
            progress,
            line => Says(name, line),
            logger.IsEnabled(LogLevel.Debug),
            cancellation);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Model}'s process: {Line}")]
    private partial void Says(string model, string line);
}
